// What a fault does to an answer: another status, later, or not all of it.
import type { Context } from 'hono'
import type { Body } from '../content/body.ts'
import type { Effect } from '../rules/fault.ts'
import { applyMutant } from '../rules/mutant.ts'
import { BREAK, markBroken, readAway } from './answer.ts'
import type { Rendered } from './render.ts'

/** How long an answer stalls that was told no time. */
const STALL_SECONDS = 60

/** The answer as the fault has it, but for its delay and its connection. */
export function applyFault(rendered: Rendered, { id, status, body, mutant }: Effect): Rendered {
  const { headers, ...answer } =
    status === undefined
      ? mutant
        ? applyMutant(rendered, mutant)
        : rendered
      : { status, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: body ?? '' }
  return { ...answer, headers: { ...headers, 'x-mock-fault': id } }
}

/** Sends the answer later, or breaks its connection. */
export async function disturb(c: Context, { connection, delay, when, after_bytes: afterBytes }: Effect): Promise<void> {
  if (connection !== 'stall') await scheduler.wait((delay ?? 0) * 1000)
  if (!connection) return
  const { operation, refusedBy } = c.get('known')
  // Of an upload that the fault refuses nothing was read: its answer breaks.
  const isMidUpload = operation === 'upload' && afterBytes !== undefined && refusedBy !== 'fault'
  // A client that still sends would find its connection broken in any case: that is for the fault alone to do.
  if (!isMidUpload) await readAway(c.req.raw)
  // What had to break before has held its own time.
  const heldMs = connection === 'stall' && !isMidUpload ? (delay ?? STALL_SECONDS) * 1000 : undefined
  // The answer to a HEAD has no body.
  const isUnanswered = connection === 'reset' || isMidUpload || when === 'before' || c.req.method === 'HEAD'
  c.res = isUnanswered ? await close(heldMs) : await breakOff(c.res, heldMs, afterBytes)
  markBroken(c.req.raw)
}

/** The runtime closes a connection without an answer where a body ends before its first byte. */
async function close(heldMs = 0): Promise<Response> {
  await scheduler.wait(heldMs)
  const { readable, writable } = new FixedLengthStream(1)
  writable.abort(BREAK).catch(() => undefined)
  return new Response(readable)
}

/** A body that ends before its length; one without a length is not there to break. Without `heldMs` nothing is held. */
async function breakOff(response: Response, heldMs?: number, afterBytes?: number): Promise<Response> {
  // A file's bytes say how many they are, and stay a stream; what the API answers does not, and is short.
  const said = response.headers.get('content-length')
  const body = said === null && response.body ? await response.blob() : undefined
  const source = body?.stream() ?? response.body
  const length = body?.size ?? Number(said)
  if (!source || length === 0) return close(heldMs)
  // Of what is to break, some is always missing.
  const bytes = Math.min(afterBytes ?? (heldMs === undefined ? Math.floor(length / 2) : 0), length - 1)
  const { readable, writable } = new FixedLengthStream(length)
  const send = async () => {
    const writer = writable.getWriter()
    await copy(source, writer, bytes)
    // What is written at the same moment as the end is lost with it.
    await scheduler.wait(Math.max(FLUSH_MS, heldMs ?? 0))
    await writer.abort(BREAK)
  }
  send().catch(() => undefined) // the client has gone meanwhile
  return new Response(readable, response)
}
const FLUSH_MS = 50

/** The body of an upload, up to where a fault breaks it; one that has fewer bytes breaks at its end. */
export function breakingBody(
  body: Body,
  { after_bytes: afterBytes, connection, delay = STALL_SECONDS }: Effect,
): Pick<Body, 'comes' | 'take' | 'pieceBytes'> {
  let left = afterBytes ?? Infinity
  let stalled: Promise<void> | undefined
  return {
    comes: async (isMemoryWanted) => {
      const isMore = left > 0 && (await body.comes(isMemoryWanted))
      if (isMore || (left > 0 && afterBytes === undefined)) return isMore
      if (connection === 'stall') await (stalled ??= scheduler.wait(delay * 1000))
      throw BREAK
    },
    take: (into) => {
      const taken = body.take(into.subarray(0, left))
      left -= taken
      return taken
    },
    get pieceBytes() {
      return body.pieceBytes
    },
  }
}

/** Requests of the mock to itself, for what a test has asked for: no fault is for them. */
const spared = new WeakSet<Request>()
export const spare = (request: Request): Request => {
  spared.add(request)
  return request
}
export const isSpared = (request: Request): boolean => spared.has(request)

async function copy(source: ReadableStream<Uint8Array>, writer: WritableStreamDefaultWriter, bytes: number) {
  const reader = source.getReader()
  for (let left = bytes; left > 0;) {
    const { value, done } = await reader.read()
    if (done) break
    await writer.write(value.subarray(0, left))
    left -= value.byteLength
  }
  await reader.cancel()
}
