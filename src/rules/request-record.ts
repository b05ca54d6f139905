// What is known of one HTTP request: the journal keeps it without secrets, and renders its answer when it is read.
import type { Result } from './failure.ts'
import { metOf, type Effect } from './fault.ts'
import { beginningOf, excerpt, keptOf, withoutSecrets } from './redact.ts'

/** The wire forms that answer requests. Each has a pure function that renders a result. */
export type Binding = 'api' | 'rest' | 'json-rpc' | 'soap' | 'upload' | 'download'

export type RefusedBy =
  | 'configuration'
  | 'rate limit'
  | 'authentication'
  | 'routing'
  | 'reading'
  | 'validation'
  | 'rule'
  | 'fault'
  /** What no rule has refused was thrown. */
  | 'bug'

/** `said` are words of the client: of an unauthenticated one they are not kept. */
export type Facts = { said?: object; headers?: Record<string, string>; [name: string]: object | string | undefined }
/** What is known before there is a result. */
export type RequestFacts = {
  id: string
  /** Epoch milliseconds of the real clock, as for logs. */
  at: number
  binding: Binding
  /** An operation's id, `upload` or `download`; absent where the request meant none that there is. */
  operation?: string | undefined
  /** What the binding needs beside the result to render it. */
  facts: Facts
  /** A SentRequest as JSON, which costs each request less than an object does. */
  sent: string
}
/** As its client sent it: of each text at most one character more than is kept, and only kept headers. */
export type SentRequest = { method: string; url: string; headers: Record<string, string>; body: string }

/** What an operation answers: JSON that crosses a Durable Object call, or nothing. */
export type Output = string | object | undefined
/** What became of a request, and who refused it. */
export type Answer<T = Output> = {
  result: Result<T>
  refusedBy?: RefusedBy | undefined
  user?: string | undefined
  isAuthenticated: boolean
  fault?: Effect | undefined
}
/** As it waits to be written: the result as JSON, shortened where it is long. */
export type RequestRecord = RequestFacts &
  Omit<Answer, 'result'> & { result: string; isShortened: boolean; durationMs: number }

/** What the journal keeps of it: without secrets, and shortened. */
export type KeptRecord = Omit<RequestFacts, 'sent'> &
  Omit<Answer, 'isAuthenticated'> &
  SentRequest & {
    isTruncated: boolean
    durationMs: number
    /** What happened to the sandbox before it, and no request caused. */
    notice?: string
  }

const BODY_CHARS = 4096
const URL_CHARS = 1024
const HEADER_CHARS = 256

/** What there is to keep of a request, not yet without its secrets. */
export function describeSent(method: string, url: string, headers: Headers, body: string): string {
  const kept: SentRequest['headers'] = {}
  // Their iterator costs half as much again.
  headers.forEach((value, name) => {
    const text = keptOf(name, value)
    if (text !== undefined) kept[name] = beginningOf(text, HEADER_CHARS)
  })
  const texts = { url: beginningOf(url, URL_CHARS), body: beginningOf(body, BODY_CHARS) }
  return JSON.stringify({ method, ...texts, headers: kept } satisfies SentRequest)
}

/** Of a request that is not authenticated, method, path and result are kept, and nothing else that it said. */
export function keep(record: RequestRecord): KeptRecord {
  const { sent, facts, result, fault, isShortened, isAuthenticated, ...known } = record
  const { method, ...said } = JSON.parse(sent) as SentRequest // written by describeSent
  const [path = ''] = said.url.split('?', 1)
  const { url, headers, body } = isAuthenticated ? said : { url: path, headers: {}, body: '' }
  return {
    ...known,
    ...(fault && { fault: metOf(fault) }),
    facts: withoutSecrets(isAuthenticated ? facts : { ...facts, said: undefined }) as Facts, // only texts change
    result: withoutSecrets(JSON.parse(result), isShortened ? TEXT_CHARS : undefined) as Result<Output>,
    method,
    url: excerpt(url, URL_CHARS),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, excerpt(value, HEADER_CHARS)])),
    body: excerpt(body, BODY_CHARS),
    isTruncated: body.length > BODY_CHARS,
  }
}

/** Longer results are shortened as data, so that they still render. */
const RESULT_CHARS = 65_536
const KEPT_ELEMENTS = 50
const TEXT_CHARS = 512

/** What is kept of a result: of a long one its lists and texts are cut. */
export function shorten(result: Result<Output>): { result: string; isShortened: boolean } {
  const text = JSON.stringify(result)
  if (text.length <= RESULT_CHARS) return { result: text, isShortened: false }
  return { result: JSON.stringify(result, shortenOne), isShortened: true }
}

function shortenOne(_: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, KEPT_ELEMENTS) as unknown[]
  return typeof value === 'string' ? beginningOf(value, TEXT_CHARS) : value
}
