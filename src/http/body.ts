// Reading a JSON request body: within limits, and with a reason where it cannot be read.
import { Body } from '../content/body.ts'
import { DIGITS, JSON_TYPE } from '../rules/expressions.ts'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Failure, type Result } from '../rules/failure.ts'

/** Deeper than any body of this API, and far from what a recursion over it could not bear. */
const DEPTH_LIMIT = 64
/** A key that a schema's map drops silently. */
export const PROTOTYPE = '__proto__'
/** Many times as many as any body of this API has: a schema's library remembers what is wrong with each. */
const VALUES_LIMIT = 10_000

/** How long a body may be, and what says so. */
type Limit = { bytes: number; name: string }

/** The parsed body; nothing for an empty one, whatever its media type says (reference 14.1: empty chunked bodies). */
export async function readJson(request: Request, limit: Limit): Promise<Result<unknown>> {
  const text = await readText(request, limit)
  if (!text.ok || text.value === '') return text.ok ? ok(undefined) : text
  const mediaType = request.headers.get('content-type') ?? ''
  if (!JSON_TYPE.test(mediaType)) return fail(failures.unsupportedMediaType(mediaType))
  let value: unknown
  try {
    value = JSON.parse(text.value)
  } catch (error) {
    return fail(failures.malformedBody(error instanceof Error ? error.message : 'it cannot be parsed.'))
  }
  const unfit = whyUnfit(value)
  return unfit ? fail(unfit) : ok(value)
}

/** What was read of bodies, for the journal: a body can be read only once. */
const texts = new WeakMap<Request, string>()
export const bodyTextOf = (request: Request): string => texts.get(request) ?? ''

/** Asked by what is cheap to ask: most requests have none. */
export function hasBody(request: Request): boolean {
  const length = request.headers.get('content-length')
  return length === null ? request.body !== null : length !== '0'
}

/** How many bytes a request says that its body has, if it says so; what is no length is beyond every limit. */
export function lengthOf({ headers }: Request): number | undefined {
  const text = headers.get('content-length')
  return text === null ? undefined : DIGITS.test(text) ? Number(text) : Infinity
}

const bodies = new WeakMap<Request, Body>()
/** For a reader that may stop before its end: what is left of a body is read away when the request has been answered. */
export function bodyOf(request: Request, isUnpacked = false): Body {
  const known = bodies.get(request)
  if (known) return known
  const sent = request.body ?? new Blob([]).stream()
  const body = isUnpacked
    ? new Body(sent.pipeThrough(new DecompressionStream('gzip')))
    : new Body(sent, lengthOf(request))
  bodies.set(request, body)
  return body
}

/** What has not been read of a body; nothing where all of it has. */
export function restOf(request: Request): Body | undefined {
  if (texts.has(request) || !hasBody(request)) return undefined
  // Taken as a whole.
  if (request.body?.locked && !bodies.has(request)) return undefined
  const body = bodyOf(request)
  return body.isOver ? undefined : body
}

/** Otherwise two names that differ in what is not UTF-8 would become one. */
const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

export async function readText(request: Request, limit: Limit): Promise<Result<string>> {
  if (!hasBody(request)) return ok('')
  const coding = (request.headers.get('content-encoding') || 'identity').toLowerCase()
  // Two names of one coding (RFC 9110, 8.4.1.3).
  const isGzip = coding === 'gzip' || coding === 'x-gzip'
  if (!isGzip && coding !== 'identity') return fail(failures.unknownEncoding(coding))
  const length = lengthOf(request)
  if ((length ?? 0) > limit.bytes) return fail(failures.bodyTooLarge(limit.bytes, limit.name))
  let bytes: ArrayBuffer | undefined
  try {
    // The limit is for what is unpacked.
    const isKnown = length !== undefined && !isGzip
    bytes = await (isKnown ? request.arrayBuffer() : bodyOf(request, isGzip).whole(limit.bytes))
  } catch {
    // Chunks that are none, or a client that has gone: the runtime knows no more than that.
    return fail(isGzip ? failures.notGzip() : failures.bodyInterrupted())
  }
  if (!bytes) return fail(failures.bodyTooLarge(limit.bytes, limit.name))
  try {
    const text = strictly.decode(bytes)
    texts.set(request, text)
    return ok(text)
  } catch {
    return fail(failures.notUtf8())
  }
}

/** Looked at level by level: a recursion over what a client sent ends where the stack does. */
function whyUnfit(value: unknown): Failure | undefined {
  let count = 0
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    count += level.length
    if (count > VALUES_LIMIT) return failures.bodyTooComplex(`has more than ${VALUES_LIMIT} values`)
    const objects = level.filter((each) => typeof each === 'object' && each !== null)
    if (depth === DEPTH_LIMIT && objects.length > 0)
      return failures.bodyTooComplex(`is nested deeper than ${DEPTH_LIMIT} levels`)
    // No property of any schema, and on its way through one it would be lost silently.
    if (objects.some((each) => Object.hasOwn(each, PROTOTYPE))) return failures.unsupportedProperty(PROTOTYPE)
    level = objects.flatMap((each): unknown[] => Object.values(each))
  }
  return undefined
}

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
