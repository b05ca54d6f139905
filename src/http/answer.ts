// Most clients read an answer only when they have sent all of their body, and find the connection reset before that.
import { restOf } from './body.ts'

/** A client that has stopped to send, as curl does, waits for the end of the answer: so silence is an end, too. */
const READ_AWAY_LIMITS = { sizeBytes: 64 * 1024 * 1024, durationMs: 5000, idleMs: 2000 }

/** Answers whose connection a fault breaks: the rest of a body is not read for them. */
const broken = new WeakSet<Response>()
export const markBroken = (answer: Response): unknown => broken.add(answer)

export const readAway = async (request: Request): Promise<void> => restOf(request)?.readAway(READ_AWAY_LIMITS)

/**
 * The same answer; but it ends only when the body of the request has, since the connection ends with it.
 * Status, headers and text go out at once, for a client that reads while it sends. The last byte goes out later, so that a
 * client that reads only when it has sent all finds its connection open.
 */
export async function untilRead(request: Request, answer: Response, context: ExecutionContext): Promise<Response> {
  if (!restOf(request) || broken.has(answer)) return answer
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
