// What a fault does to the answer of a request: later, other, or not all of it.
import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Fault } from '../rules/fault.ts'

declare module 'hono' {
  interface ContextVariableMap {
    fault: Fault
  }
}

/** How long an answer stalls that was told no time. */
const STALL_MS = 60_000

export const faults: MiddlewareHandler = async (c, next) => {
  await next()
  const fault = c.get('fault')
  if (fault === undefined) return
  const { status, connection, delayMs = 0 } = fault
  if (connection !== 'stall') await wait(delayMs)
  if (status) replace(c, c.body(status.body, status.code as ContentfulStatusCode)) // 400 to 599: each may have a body
  if (connection && c.res.body) replace(c, await broken(c.res, connection, delayMs || STALL_MS))
  c.header('x-mock-fault', fault.id)
}

/** Hono would add the headers of the response that is there. */
function replace(c: Context, response: Response): void {
  c.res = undefined
  c.res = response
}

/** A Worker cannot reset a connection, but it can end a body before its length. */
async function broken(response: Response, how: 'stall' | 'truncate', stallMs: number): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer())
  const { readable, writable } = new FixedLengthStream(body.byteLength)
  const send = async () => {
    const writer = writable.getWriter()
    if (how === 'truncate') await writer.write(body.subarray(0, Math.floor(body.byteLength / 2)))
    else await wait(stallMs)
    await writer.abort('a fault breaks the answer off')
  }
  send().catch(() => undefined) // the client has gone meanwhile
  return new Response(readable, response)
}

async function wait(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, ms)
  if (ms > 0) await promise
}
