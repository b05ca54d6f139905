// The journal of a sandbox, in WireMock's shapes: what was asked, what became of it, and why it was refused.
import * as z from 'zod'
import { listOf, mapOf, text } from '../operations/operation.ts'
import { isNamed } from '../rules/fault.ts'
import type { Entry } from '../sandbox/journal.ts'
import { statusOf } from '../wire/status.ts'
import { Refused, route, type SandboxStub } from './route.ts'

const PATTERN_CHARS = 256
const Text = text(PATTERN_CHARS)
const Matcher = z
  .strictObject({ equalTo: Text, contains: Text, matches: Text, doesNotMatch: Text, absent: z.boolean() })
  .partial()
const Matchers = mapOf(Matcher)
/** The part of WireMock's request pattern that means something here; `operation` and `status` are ours. */
const Pattern = z
  .strictObject({
    method: Text,
    url: Text,
    urlPath: Text,
    urlPattern: Text,
    urlPathPattern: Text,
    headers: Matchers,
    queryParameters: Matchers,
    bodyPatterns: listOf(Matcher),
    operation: Text,
    status: z.int(),
  })
  .partial()
type Pattern = z.output<typeof Pattern>

const filters = z.strictObject({
  limit: z.coerce.number().int().min(0).optional(),
  since: z.iso.datetime({ offset: true }).max(64).optional(),
  unmatched: z.enum(['true', 'false']).optional(),
})

export const requests = [
  route({
    method: 'GET',
    path: '/requests',
    summary: 'The requests the sandbox has seen, newest first.',
    query: filters,
    run: async ({ name, sandbox, query: { limit, since, unmatched } }) => {
      const found = (await sandbox.requests())
        .filter(({ at }) => since === undefined || at >= Date.parse(since))
        .filter((entry) => unmatched !== 'true' || entry.operation === undefined)
      return {
        requests: found.slice(0, limit).map((entry) => event(name, entry)),
        meta: { total: found.length },
        requestJournalDisabled: false,
      }
    },
  }),
  route({
    method: 'DELETE',
    path: '/requests',
    summary: 'Empties the journal.',
    run: async ({ sandbox }) => {
      await sandbox.removeRequests()
    },
  }),
  route({
    method: 'GET',
    path: '/requests/unmatched',
    summary: 'The requests that meant no operation of the API.',
    run: async ({ sandbox }) => ({
      requests: (await sandbox.requests()).filter(({ operation }) => operation === undefined).map(logged),
      requestJournalDisabled: false,
    }),
  }),
  route({
    method: 'GET',
    path: '/requests/:id',
    summary: 'One request.',
    run: async ({ name, sandbox, id }) => event(name, await one(sandbox, id)),
  }),
  route({
    method: 'DELETE',
    path: '/requests/:id',
    summary: 'Takes one request out of the journal.',
    run: async ({ sandbox, id }) => {
      await sandbox.removeRequests([(await one(sandbox, id)).id])
    },
  }),
  route({
    method: 'POST',
    path: '/requests/count',
    summary: 'How many requests fit a pattern.',
    body: Pattern,
    run: async ({ sandbox, body }) => ({ count: (await fitting(sandbox, body)).length, requestJournalDisabled: false }),
  }),
  route({
    method: 'POST',
    path: '/requests/find',
    summary: 'The requests that fit a pattern.',
    body: Pattern,
    run: async ({ sandbox, body }) => ({
      requests: (await fitting(sandbox, body)).map(logged),
      requestJournalDisabled: false,
    }),
  }),
  route({
    method: 'POST',
    path: '/requests/remove',
    summary: 'Takes the requests that fit a pattern out of the journal.',
    body: Pattern,
    run: async ({ name, sandbox, body }) => {
      const ids = (await fitting(sandbox, body)).map(({ id }) => id)
      return { serveEvents: (await sandbox.removeRequests(ids)).map((entry) => event(name, entry)) }
    },
  }),
]

async function one(sandbox: SandboxStub, id: string): Promise<Entry> {
  const found = (await sandbox.requests()).find((entry) => entry.id === id)
  if (!found) throw new Refused(404, `The journal has no request ${id}.`)
  return found
}

/** Matched here and not in the sandbox: a pattern that takes for ever harms only who sent it. */
async function fitting(sandbox: SandboxStub, pattern: Pattern): Promise<Entry[]> {
  const fits = compile(pattern)
  return (await sandbox.requests()).filter(fits)
}

function compile(pattern: Pattern): (entry: Entry) => boolean {
  const { method, url, urlPath, operation, status, bodyPatterns = [] } = pattern
  const urlPattern = pattern.urlPattern === undefined ? undefined : whole(pattern.urlPattern)
  const urlPathPattern = pattern.urlPathPattern === undefined ? undefined : whole(pattern.urlPathPattern)
  const headers = Object.entries(pattern.headers ?? {}).map(
    ([name, matcher]) => [name.toLowerCase(), test(matcher)] as const,
  )
  const parameters = Object.entries(pattern.queryParameters ?? {}).map(
    ([name, matcher]) => [name, test(matcher)] as const,
  )
  const bodies = bodyPatterns.map(test)
  return (entry) => {
    const { pathname, searchParams } = new URL(entry.url, 'http://mock')
    return (
      (method === undefined || method === 'ANY' || method === entry.method) &&
      (url === undefined || url === entry.url) &&
      (urlPath === undefined || urlPath === pathname) &&
      (urlPattern?.test(entry.url) ?? true) &&
      (urlPathPattern?.test(pathname) ?? true) &&
      (operation === undefined || (entry.operation !== undefined && isNamed(entry.operation, operation))) &&
      (status === undefined || status === statusOf(entry)) &&
      headers.every(([name, fits]) => fits(entry.headers[name])) &&
      parameters.every(([name, fits]) => fits(searchParams.get(name) ?? undefined)) &&
      bodies.every((fits) => fits(entry.body === '' ? undefined : entry.body))
    )
  }
}

function test(matcher: z.output<typeof Matcher>): (value: string | undefined) => boolean {
  const { equalTo, contains, absent } = matcher
  const matches = matcher.matches === undefined ? undefined : whole(matcher.matches)
  const doesNotMatch = matcher.doesNotMatch === undefined ? undefined : whole(matcher.doesNotMatch)
  return (value) =>
    absent === true
      ? value === undefined
      : value !== undefined &&
        (equalTo === undefined || value === equalTo) &&
        (contains === undefined || value.includes(contains)) &&
        (matches?.test(value) ?? true) &&
        !(doesNotMatch?.test(value) ?? false)
}

/** WireMock's patterns fit the whole text. */
function whole(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 's')
  } catch (error) {
    throw new Refused(422, `${pattern} is no regular expression: ${error instanceof Error ? error.message : ''}`)
  }
}

function logged(entry: Entry) {
  return {
    url: entry.url,
    absoluteUrl: new URL(entry.url, `http://${entry.headers['host'] ?? 'localhost'}`).href,
    method: entry.method,
    clientIp: entry.headers['cf-connecting-ip'] ?? '127.0.0.1',
    headers: entry.headers,
    cookies: {},
    loggedDate: entry.at,
    loggedDateString: new Date(entry.at).toISOString(),
    body: entry.body,
    bodyTruncated: entry.isTruncated,
  }
}

export function event(sandbox: string | undefined, entry: Entry) {
  const { id, operation, user, durationMs, failure, refusedBy, fault } = entry
  const status = statusOf(entry)
  return {
    id,
    request: logged(entry),
    responseDefinition: { status },
    response: { status, headers: {}, body: failure ? JSON.stringify(failure) : (entry.value ?? '') },
    wasMatched: operation !== undefined,
    timing: {
      addedDelay: 0,
      processTime: durationMs,
      responseSendTime: 0,
      serveTime: durationMs,
      totalTime: durationMs,
    },
    ...(sandbox !== undefined && { sandbox }),
    operation,
    user,
    durationMs,
    ...(fault !== undefined && { fault }),
    ...(refusedBy && { why: { by: refusedBy, type: failure?.type, messages: failure?.messages ?? [] } }),
  }
}
