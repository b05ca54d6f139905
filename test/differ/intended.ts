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
}

export const intended: Intended[] = [
  {
    reason: 'A completion does not wait for reads any more, and the refusal does not offer it.',
    request: /^admin PUT \/transitions$/,
    part: /^body\.errors\.0\.title$/,
    before: /, .*10s.* or .*reads.*\.$/,
    after: /at-once.* or .*10s.*\.$/,
  },
  {
    reason: 'A call that does not exist is answered with those that do: strays and events are gone, and view is new.',
    request: /^admin (?:GET|PUT) \/nothing$/,
    part: /^body\.errors\.0\.valid\.\d+$/,
    before: /^(?:GET|POST) \/__admin\/(?:strays|events|coverage|pact\/provider-states)$/,
    after: /^(?:\(not there\)|(?:GET|POST) \/__admin\/(?:view|coverage|pact\/provider-states))$/,
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
    reason: 'A session that the rules refuse is told why its file failed, and not what followed from that.',
    request: /^admin POST \/sessions/,
    part: /^body\.errors\.0\.title$/,
    before: /can not be invoked when the import session is in the ERROR state/,
    after: /^Error transferring file/,
  },
  {
    reason: 'An answer that a fault has replaced is plain text, whatever it replaces.',
    request: /./,
    part: /^header content-type$/,
    before: /^application\/json$/,
    after: /^text\/plain;charset=UTF-8$/,
  },
  {
    reason: 'The description of a provider state is a plain sentence.',
    request: /^admin GET \/pact\/provider-states$/,
    part: /^body\.states\.\d+\.description$/,
    before: /nobody else can see/,
    after: /no other user can see/,
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
]

export const isIntended = (
  { request, ...entry }: Intended,
  name: string,
  { part, before, after }: Difference,
): boolean => request.test(name) && entry.part.test(part) && entry.before.test(before) && entry.after.test(after)
