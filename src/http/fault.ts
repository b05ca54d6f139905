// What a fault does to an answer: another status, later, or not all of it.
import type { Context } from 'hono'
import type { Fault } from '../rules/fault.ts'
import { applyMutant } from '../rules/mutant.ts'
import { readAway } from './answer.ts'
import type { Rendered } from './render.ts'

/** How long an answer stalls that was told no time. */
const STALL_MS = 60_000

/** The answer as the fault has it, but for its delay and its connection. */
export function applyFault(
  rendered: Rendered,
  { id, status, mutant }: Pick<Fault, 'id' | 'status' | 'mutant'>,
): Rendered {
  const { headers, ...answer } = status
    ? { status: status.code, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: status.body }
    : mutant
      ? applyMutant(rendered, mutant)
      : rendered
  return { ...answer, headers: { ...headers, 'x-mock-fault': id } }
}

/** Sends the answer later, or breaks its connection. */
export async function disturb(c: Context, { connection, delayMs = 0 }: Fault): Promise<void> {
  if (connection !== 'stall' && delayMs > 0) await scheduler.wait(delayMs)
  if (!connection || !c.res.body) return
  // Nothing that breaks can be kept back.
  await readAway(c.req.raw)
  c.res = await broken(c.res, connection, delayMs || STALL_MS)
}

/** A Worker cannot reset a connection, but it can end a body before its length. */
async function broken(response: Response, how: 'stall' | 'truncate', stallMs: number): Promise<Response> {
  // A file's bytes say how many they are, and stay a stream; what the API answers does not, and is short.
  const said = response.headers.get('content-length')
  const body = said === null ? await response.blob() : undefined
  const source = body?.stream() ?? response.body
  const length = body?.size ?? Number(said)
  const { readable, writable } = new FixedLengthStream(length)
  const send = async () => {
    const writer = writable.getWriter()
    if (how === 'stall') await scheduler.wait(stallMs)
    else if (source) await copy(source, writer, Math.floor(length / 2))
    await writer.abort('a fault breaks the answer off')
  }
  send().catch(() => undefined) // the client has gone meanwhile
  return new Response(readable, response)
}

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
