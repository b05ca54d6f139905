// Reading a JSON request body: within limits, and with a reason where it cannot be read.
import { JSON_TYPE } from '../rules/expressions.ts'
import { bodyTooLarge, fail, malformedBody, ok, unsupportedMediaType, type Result } from '../rules/failure.ts'

/** Deeper than any body of this API, and far from what a recursion over it could not bear. */
const DEPTH_LIMIT = 64

/** The parsed body; nothing for an empty one, whatever its media type says (clients 2.1: zero-length chunked bodies). */
export async function readJson(request: Request, limitBytes: number): Promise<Result<unknown>> {
  const text = await readText(request, limitBytes)
  if (!text.ok || text.value === '') return text.ok ? ok(undefined) : text
  const mediaType = request.headers.get('content-type') ?? ''
  if (!JSON_TYPE.test(mediaType)) return fail(unsupportedMediaType(mediaType))
  let value: unknown
  try {
    value = JSON.parse(text.value)
  } catch (error) {
    return fail(malformedBody(error instanceof Error ? error.message : 'it cannot be parsed.'))
  }
  return isDeeperThan(value, DEPTH_LIMIT)
    ? fail(malformedBody(`it is nested deeper than ${DEPTH_LIMIT} levels.`))
    : ok(value)
}

/** What was read of bodies, for the journal: a body can be read only once. */
const texts = new WeakMap<Request, string>()
export const textOf = (request: Request): string => texts.get(request) ?? ''

/** Asked by what is cheap to ask: most requests have none. */
export const hasBody = (request: Request): boolean =>
  request.headers.get('content-length') !== '0' && request.body !== null

/** The body as text, never more of it than the limit. */
export async function readText(request: Request, limitBytes: number): Promise<Result<string>> {
  if (!hasBody(request) || !request.body) return ok('')
  const length = Number(request.headers.get('content-length') ?? Infinity)
  if (length <= limitBytes) return ok(remember(request, await request.text()))
  const decoder = new TextDecoder()
  let text = ''
  let sizeBytes = 0
  for await (const chunk of request.body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > limitBytes) return fail(bodyTooLarge(limitBytes))
    text += decoder.decode(chunk, { stream: true })
  }
  return ok(remember(request, text + decoder.decode()))
}

function remember(request: Request, text: string): string {
  texts.set(request, text)
  return text
}

const isDeeperThan = (value: unknown, limit: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (limit === 0 || Object.values(value).some((member) => isDeeperThan(member, limit - 1)))

/** In this API a property that is null is a property that is not there. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  )
}
