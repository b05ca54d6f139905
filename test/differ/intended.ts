// Differences between the revision before and the working copy that are meant. One that is not found any more goes.
import type { Difference } from './comparison.ts'

/** All four must fit, so that an entry hides nothing but what it is for. */
export type Intended = {
  reason: string
  /** The name of the request as the report prints it. */
  request: RegExp
  part: RegExp
  before: RegExp
  after: RegExp
  /** The whole answer is another. Where it tells of a change, the sandboxes may differ from there on: their thread ends. */
  isWhole?: 'answer' | 'and what follows'
}

export const intended: Intended[] = [
  {
    reason: 'A call that does not exist is answered with those that do: strays and events are gone, and view is new.',
    request: /^admin (?:GET|PUT) \/nothing$/,
    part: /^body\.errors\.0\.valid\.\d+$/,
    before: /^(?:GET|POST|DELETE) \/__admin\/(?:strays|events|coverage|pact\/provider-states|sandboxes|sessions).*$/,
    after:
      /^(?:\(not there\)|(?:GET|POST|DELETE) \/__admin\/(?:view|coverage|pact\/provider-states|sandboxes|sessions).*)$/,
  },
  {
    reason: 'A wrong time is refused with what to write, no longer with an expression.',
    request: /^admin POST \/(?:settings|faults|clock\/advance)$/,
    part: /^body\.errors\.0\.title$/,
    before: /pattern/,
    after: /write (?:a time above 0 and up to 30 days, as 90s|"90s")/,
  },
  {
    reason: 'The journal shows each answer as its client saw it, and a request over SOAP is one entry of it.',
    request: /^admin (?:GET|POST) \/requests/,
    part: /^body\.(?:requests|serveEvents|meta\.total)/,
    before: /[^]*/,
    after: /[^]*/,
  },
  {
    reason: 'What counts requests counts one over SOAP once.',
    request: /^admin (?:GET \/coverage|POST \/requests\/count)/,
    part: /^body\.(?:count|operations\.\d+\.(?:calls|answers\.\d+\.times)|total\.(?:called|answered))$/,
    before: /^\d+$/,
    after: /^\d+$/,
  },
  {
    reason: 'The etag of a download names the content.',
    request: /^download/,
    part: /^header etag$/,
    before: /^"[\da-f]{32}(?:-\d+)?"$/,
    after: /^".+"$/,
  },
  {
    reason: 'A download says that it may be asked for a range.',
    request: /^download/,
    part: /^header accept-ranges$/,
    before: /^\(not there\)$/,
    after: /^bytes$/,
  },
  {
    reason: 'A download of a range is answered with the range.',
    request: /^download/,
    part: /^(?:status|body|header content-(?:range|length))$/,
    before: /^(?:200|hello|5|\(not there\))$/,
    after: /^(?:206|[helo]{1,5}|[1-5]|bytes \d-\d\/5)$/,
  },
  {
    reason: 'An answer that a fault has replaced is plain text, whatever it replaces.',
    request: /./,
    part: /^header (?:content-type|vapi-error)$/,
    before: /^(?:application\/json|com\.vmware\.vapi\.std\.errors\.\w+)$/,
    after: /^(?:text\/plain;charset=UTF-8|\(not there\))$/,
  },
  {
    reason: 'The journal has a size, and a sandbox may be told to answer wrongly.',
    request: /^admin (?:GET|POST) \/settings$/,
    part: /^body\.(?:journal_size|mutant|errors\.0\.valid\.\d+)$/,
    before: /^\(not there\)$/,
    after: /^(?:journal_size|mutant|500|none)$/,
  },
  {
    reason: 'There is one list of provider states, which take ids, and it stands in the words of a refusal.',
    request: /^admin (?:GET|POST) \/pact\/provider-states$/,
    part: /^body\.(?:states\.|errors\.0\.)/,
    before: /[^]*/,
    after: /[^]*/,
  },
  {
    reason: 'A login sets the cookie.',
    request: /^(?:login|(?:\/api|\/rest|JSON-RPC) cis\.session\.create)/,
    part: /^header set-cookie$/,
    before: /^\(not there\)$/,
    after: /^vmware-api-session-id=/,
  },
  {
    reason: 'There are all 25 error types of the specification.',
    request: /^(?:GET \/openapi\.json|admin GET \/coverage)$/,
    part: /error_types?(?:\.enum)?\.\d+$|schemas\.Vapi\.Std\.Errors\./,
    before: /^(?:[A-Z_]+|\(not there\))$/,
    after: /^(?:[A-Z_]+|object|#\/components\/schemas\/Vapi\.Std\.Errors\.\w+)$/,
  },
  {
    reason: 'A refused fault is told more fields and error types that there are.',
    request: /^admin (?:POST|PUT) \/faults$/,
    part: /^body\.errors\.0\.(?:title|valid\.\d+)$/,
    before: /^(?:[a-z_]+|\(not there\)|.*ALREADY_EXISTS.*)$/,
    after: /^(?:[a-z_]+|.*ALREADY_IN_DESIRED_STATE.*)$/,
  },
  {
    reason: 'SOAP names datastores, and says so.',
    request: /^SOAP (?:RetrieveServiceContent|RetrievePropertiesEx|Nothing)/,
    part: /^body$/,
    before: /./,
    after: /ViewManager|and the names of datastores|CreateContainerView/,
  },
  {
    reason: 'A path of GET answers HEAD.',
    request: / as HEAD$/,
    part: /^(?:status|header allow)$/,
    before: /^(?:404|[A-Z, ]+)$/,
    after: /^(?:200|\(not there\))$/,
  },
  {
    reason: 'A body in gzip is read, and one that is none is refused.',
    request: / as gzip$/,
    part: /^(?:body\.value\.messages\.0\.|body\.messages\.0\.)/,
    before: /./,
    after: /^(?:com\.vmware\.vapi\.rest\.body_not_gzip|The body is not gzip.*|\(not there\)|\[\])$/,
  },
  {
    reason: 'A body in gzip that is none is no plain one.',
    request: / as gzip$/,
    part: /^(?:status|body\.id)$/,
    before: /^(?:2\d\d|40[0-9]|1)$/,
    after: /^(?:400|null)$/,
    isWhole: 'and what follows',
  },
  {
    reason: 'A user and a password let in on every call.',
    request: / with a password$/,
    part: /^status$/,
    before: /^401$/,
    after: /^(?:2\d\d|40[0-9])$/,
    isWhole: 'and what follows',
  },
  {
    reason: 'The security context of JSON-RPC decides, before the headers.',
    request: /^JSON-RPC .* with a (?:wrong token|token of another|password)$/,
    part: /^header vapi-error$/,
    before: /unauthenticated$/,
    after: /./,
    isWhole: 'and what follows',
  },
  {
    reason: 'The item shows the checksum that its update session has shown.',
    request: /content\.library\.item\.(?:file|storage)\./,
    part: /checksum_info\..*(?:algorithm|checksum)/,
    before: /^(?:SHA512|[\da-f]{128})$/,
    after: /^(?:SHA1|[\da-f]{40})$/,
  },
  {
    reason: 'A fault that truncates an answer without a body is felt.',
    request: /./,
    part: /^(?:status|broken by)$/,
    before: /^(?:0|ECONNRESET)$/,
    after: /./,
    isWhole: 'and what follows',
  },
  {
    reason: 'What is counted of a refused body in gzip is its refusal.',
    request: /^admin GET \/coverage$/,
    part: /^body\.operations\.\d+\.answers\.\d+\.(?:answer|documented|times)$/,
    before: /^(?:\(not there\)|[A-Z_]+|true|false|\d+)$/,
    after: /^(?:\(not there\)|[A-Z_]+|true|false|\d+)$/,
  },
  {
    reason: 'A fault is applied, not struck.',
    request: /^admin (?:GET|POST|PUT) \/faults$/,
    part: /^body\.(?:faults\.\d+\.)?(?:struck|applied)$/,
    before: /^(?:\d+|\(not there\))$/,
    after: /^(?:\d+|\(not there\))$/,
  },
  {
    reason: 'A library says that it is not published.',
    request: /content\.(?:local_)?library\.(?:get|create|delete as GET)/,
    part: /publish_info/,
    before: /^(?:null|\(not there\))$/,
    after: /^(?:NONE|false|null|\(not there\))$/,
  },
  {
    reason: 'Subscribed libraries are listed: there are none.',
    request: /content\.subscribed_library\.list/,
    part: /^(?:status|header vapi-error|body\.type)$/,
    before: /^(?:404|com\.vmware\.vapi\.std\.errors\.(?:operation_)?not_found)$/,
    after: /./,
    isWhole: 'answer',
  },
  {
    reason: 'One operation more is counted, and in the documents.',
    request:
      /^(?:admin GET \/coverage|GET \/openapi\.json|admin (?:POST|PUT) \/(?:faults|requests)|POST \/api$)|introspection/,
    part: /operations\.\d+|paths\..*subscribed-library|^body\.total\.|\.valid\.\d+$|result\.output/,
    before: /[^]*/,
    after: /[^]*/,
  },
  {
    reason: 'A completion does not wait for reads any more, and the refusal does not offer it.',
    request: /^admin PUT \/transitions$/,
    part: /^body\.errors\.0\.title$/,
    before: /, .*10s.* or .*reads.*\.$/,
    after: /at-once.* or .*10s.*\.$/,
  },
]

export const isIntended = (
  { request, ...entry }: Intended,
  name: string,
  { part, before, after }: Difference,
): boolean => request.test(name) && entry.part.test(part) && entry.before.test(before) && entry.after.test(after)
