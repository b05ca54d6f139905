// In place of `cloudflare:workers` where stories run against the command's runtime: the Worker is reached over a connection, as
// any client reaches it.
import { request as send, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a mock in the command's runtime. */
    mockUrl: string
    adminToken: string
  }
}

/** The request with the host that its URL names, as if the mock were there. */
async function fetchOver(request: Request): Promise<Response> {
  const { host, pathname, search } = new URL(request.url)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = {
    ...Object.fromEntries(request.headers),
    host,
    ...(pathname.startsWith('/__admin') && { 'x-mock-admin-token': inject('adminToken') }),
  }
  const sent = send(`${inject('mockUrl')}${pathname}${search}`, { method: request.method, headers }, resolve)
  sent.on('error', reject)
  request.signal.addEventListener('abort', () => sent.destroy())
  if (request.body) Readable.fromWeb(request.body as never).pipe(sent) // a stream of the web, by another declaration
  else sent.end()
  const answer = await promise
  const pairs = answer.rawHeaders.flatMap((name, at, all): [string, string][] =>
    at % 2 === 0 ? [[name, all[at + 1] ?? '']] : [],
  )
  const { statusCode: status = 0 } = answer
  const body = status === 204 || status === 304 || request.method === 'HEAD' ? null : Readable.toWeb(answer)
  return new Response(body as never, { status, headers: pairs })
}

export const exports = { default: { fetch: fetchOver } }
export const env = {}
