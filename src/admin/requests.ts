// The journal of a sandbox, in WireMock's shapes: each request, its answer, and why it failed.
import { isNamed } from '../rules/fault.ts'
import { fitsGlob } from '../rules/glob.ts'
import { KEPT_HEADERS, keptOf } from '../rules/redact.ts'
import type { KeptRecord } from '../rules/request-record.ts'
import { checkOperation } from './faults.ts'
import { AdminFailure, route, type AdminRequest, type SandboxStub } from './route.ts'
import { FilterSpec, PatternSpec, type MatcherSpec } from './shapes.ts'
import type { LoggedView, RequestView } from './view-shapes.ts'

export const requests = [
  // The requests the sandbox has seen, newest first.
  route('GET /requests', { query: FilterSpec }, async (ask) => {
    const { limit, since, unmatched } = ask.query
    const { requests, ...dropped } = await journalOf(ask.sandbox)
    const found = requests
      .filter(({ at }) => since === undefined || at >= Date.parse(since))
      .filter((record) => unmatched !== 'true' || record.operation === undefined)
    return {
      requests: found.slice(0, limit).map((record) => showRequest(ask, record)),
      meta: { total: found.length, ...dropped },
      requestJournalDisabled: false,
    }
  }),
  route('DELETE /requests', {}, async ({ sandbox }) => {
    await sandbox.removeRequests()
  }),
  // The requests that meant no operation of the API.
  route('GET /requests/unmatched', {}, async ({ sandbox, origin }) => {
    const { requests, ...dropped } = await journalOf(sandbox)
    return showLogged(origin, { requests: requests.filter(({ operation }) => operation === undefined), ...dropped })
  }),
  route('GET /requests/:id', {}, async (ask) => showRequest(ask, await requestOf(ask.sandbox, ask.id))),
  route('DELETE /requests/:id', {}, async ({ sandbox, id }) => {
    await sandbox.removeRequests([(await requestOf(sandbox, id)).id])
  }),
  route('POST /requests/count', { body: PatternSpec }, async (ask) => {
    const { requests, ...dropped } = await fitting(ask)
    return { count: requests.length, requestJournalDisabled: false, ...dropped }
  }),
  route('POST /requests/find', { body: PatternSpec }, async (ask) => showLogged(ask.origin, await fitting(ask))),
  route('POST /requests/remove', { body: PatternSpec }, async (ask) => {
    const ids = (await fitting(ask)).requests.map(({ id }) => id)
    return { serveEvents: (await ask.sandbox.removeRequests(ids)).map((record) => showRequest(ask, record)) }
  }),
]

/** `droppedRequests` is there where a request that is not found may have been dropped. */
type FoundRequests = { requests: KeptRecord[]; droppedRequests?: number }
async function journalOf(sandbox: SandboxStub): Promise<FoundRequests> {
  const { requests, droppedRequests } = await sandbox.view({ requests: Infinity })
  return { requests, ...(droppedRequests > 0 && { droppedRequests }) }
}

async function requestOf(sandbox: SandboxStub, id: string): Promise<KeptRecord> {
  const found = (await journalOf(sandbox)).requests.find((record) => record.id === id)
  if (!found) throw new AdminFailure(404, `The journal has no request ${id}.`)
  return found
}

/** Matched here and not in the sandbox, which has requests to answer. */
async function fitting({ sandbox, render, body: pattern }: AdminRequest<PatternSpec>): Promise<FoundRequests> {
  if (pattern.operation !== undefined) checkOperation(pattern.operation)
  for (const [name, matcher] of Object.entries(pattern.headers ?? {})) {
    const kept = keptOf(name.toLowerCase(), '')
    if (kept === undefined)
      throw new AdminFailure(422, `The journal does not keep the header ${name}.`, [...KEPT_HEADERS])
    // It would fit no request, and a test that wants none would stay green.
    if (kept !== '' && matcher.absent !== true && !matches(matcher, kept))
      throw new AdminFailure(
        422,
        `The field headers.${name}: the journal keeps ${kept} of it. Ask whether it is absent.`,
      )
  }
  const { requests, ...dropped } = await journalOf(sandbox)
  return { requests: requests.filter((record) => fitsPattern(record, pattern, render)), ...dropped }
}

function fitsPattern(record: KeptRecord, pattern: PatternSpec, render: AdminRequest['render']): boolean {
  const { method, url, urlGlob, urlPath, urlPathGlob, operation, status } = pattern
  const { headers = {}, queryParameters = {}, bodyPatterns = [] } = pattern
  const { path, query } = splitTarget(record.url)
  return (
    (method === undefined || method === 'ANY' || method === record.method) &&
    (url === undefined || url === record.url) &&
    (urlGlob === undefined || fitsGlob(record.url, urlGlob)) &&
    (urlPath === undefined || urlPath === path) &&
    (urlPathGlob === undefined || fitsGlob(path, urlPathGlob)) &&
    (operation === undefined || (record.operation !== undefined && isNamed(record.operation, operation))) &&
    (status === undefined || status === render(record).status) &&
    Object.entries(headers).every(([name, matcher]) => matches(matcher, record.headers[name.toLowerCase()])) &&
    Object.entries(queryParameters).every(([name, matcher]) => matches(matcher, query.get(name) ?? undefined)) &&
    bodyPatterns.every((matcher) => matches(matcher, record.body === '' ? undefined : record.body))
  )
}

/** Of a request's target as it was sent: `//` and the like are no URLs. */
function splitTarget(url: string): { path: string; query: URLSearchParams } {
  const [path = ''] = url.split('?', 1)
  return { path, query: new URLSearchParams(url.slice(path.length)) }
}

function matches({ equalTo, contains, glob, absent }: MatcherSpec, value: string | undefined): boolean {
  if (absent === true || value === undefined) return absent === true && value === undefined
  return (
    (equalTo === undefined || value === equalTo) &&
    (contains === undefined || value.includes(contains)) &&
    (glob === undefined || fitsGlob(value, glob))
  )
}

const showLogged = (origin: string, { requests, ...dropped }: FoundRequests) => ({
  requests: requests.map((record) => logged(origin, record)),
  requestJournalDisabled: false,
  ...dropped,
})

function logged(origin: string, record: KeptRecord): LoggedView {
  return {
    url: record.url,
    absoluteUrl: `${new URL(origin).protocol}//${record.headers['host'] ?? 'localhost'}${record.url}`,
    method: record.method,
    clientIp: record.headers['cf-connecting-ip'] ?? '127.0.0.1',
    headers: record.headers,
    cookies: {},
    loggedDate: record.at,
    loggedDateString: new Date(record.at).toISOString(),
    body: record.body,
    bodyTruncated: record.isTruncated,
  }
}

type Asked = Pick<AdminRequest, 'name' | 'origin' | 'render'>
export function showRequest({ name: sandbox, origin, render }: Asked, record: KeptRecord): RequestView {
  const { id, binding, operation, user, durationMs, result, refusedBy, fault, notice } = record
  const { status, headers, body } = render(record)
  return {
    id,
    request: logged(origin, record),
    responseDefinition: { status },
    response: { status, headers, body: (record.method !== 'HEAD' && body) || '' },
    wasMatched: operation !== undefined,
    timing: {
      addedDelay: 0,
      processTime: durationMs,
      responseSendTime: 0,
      serveTime: durationMs,
      totalTime: durationMs,
    },
    sandbox,
    binding,
    operation,
    user,
    durationMs,
    ...(fault && { fault: fault.id, ...(fault.connection && { connection: fault.connection }) }),
    ...(refusedBy &&
      !result.ok && { why: { by: refusedBy, type: result.failure.type, messages: result.failure.messages } }),
    ...(notice !== undefined && { notice }),
  }
}
