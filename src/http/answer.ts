// Most clients read an answer only when they have sent all of their body, and find the connection reset before that.
import { restOf } from './body.ts'

/** A client that has stopped to send, as curl does, waits for the end of the answer: so silence is an end, too. */
const READ_AWAY_LIMITS = { sizeBytes: 64 * 1024 * 1024, durationMs: 5000, idleMs: 2000 }

/** Requests whose connection a fault breaks: the rest of their body is not read. */
const broken = new WeakSet<Request>()
export const markBroken = (request: Request): unknown => broken.add(request)
/** One that says it can be tried again counts as a lost connection: of a body that ends so the runtime writes no line of its own. */
export const BREAK = Object.assign(new Error('a fault breaks the connection'), { retryable: true })

export const readAway = async (request: Request): Promise<void> => restOf(request)?.readAway(READ_AWAY_LIMITS)

/**
 * The same answer; but it ends only when the body of the request has, since the connection ends with it.
 * Status, headers and text go out at once, for a client that reads while it sends. The last byte goes out later, so that a
 * client that reads only when it has sent all finds its connection open.
 */
export async function untilRead(request: Request, answer: Response, context: ExecutionContext): Promise<Response> {
  // Of this answer the body is not sent, and so cannot break.
  if (broken.has(request) && request.method === 'HEAD') throw BREAK
  if (!restOf(request) || broken.has(request)) return answer
  // Nothing of it could be kept back, or it may be a stream.
  if (!answer.body || request.method === 'GET' || request.method === 'HEAD') {
    await readAway(request)
    return answer
  }
  const text = new Uint8Array(await answer.arrayBuffer())
  const { readable, writable } = new FixedLengthStream(text.byteLength)
  const send = async () => {
    const writer = writable.getWriter()
    await writer.write(text.subarray(0, -1))
    await readAway(request)
    await writer.write(text.subarray(-1))
    await writer.close()
  }
  context.waitUntil(send().catch(() => undefined)) // the client has gone meanwhile
  return new Response(readable, answer)
}
