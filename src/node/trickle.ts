// Uploads that flow slowly, by a version of HTTP that the caller chooses: what a cancel is to cut off.
import { request as requestPlainly } from 'node:http'
import { connect, constants } from 'node:http2'
import { request as requestSecurely } from 'node:https'
import { once } from 'node:events'
import { isIP } from 'node:net'
import type { Writable } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import type { Target, Trickle } from '../contract/smoke.ts'
import { hostOf } from './address.ts'

/** More than what a server puts in one row, so that it reports it on the way. */
const CHUNK = new Uint8Array(256 * 1024)
const CHUNK_MS = 100

/** Answers with the status; throws where the connection breaks, or the signal ends it. */
export const trickle: Trickle = async (uri, signal) => {
  const request = (uri.startsWith('https:') ? requestSecurely : requestPlainly)(uri, { method: 'PUT', signal })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  request.on('response', ({ statusCode = 0 }) => resolve(statusCode))
  request.on('error', reject)
  void write(request, signal)
  return promise
}

/** Where the server speaks HTTP/2, which is said while TLS begins. */
export const trickleHttp2: Target['trickleHttp2'] = async (uri, signal) => {
  const { origin, protocol, port, pathname, search } = new URL(uri)
  const host = hostOf(uri)
  if (protocol !== 'https:' || host === undefined) return undefined
  const socket = connectTls({
    host,
    port: Number(port || 443),
    ...(isIP(host) === 0 && { servername: host }), // of an address Node warns
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  await once(socket, 'secureConnect', { signal })
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy()
    return undefined
  }
  return { status: send(socket, origin, pathname + search, signal) }
}

function send(socket: TLSSocket, origin: string, path: string, signal: AbortSignal): Promise<number> {
  const session = connect(origin, { createConnection: () => socket })
  const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = constants
  const stream = session.request({ [HTTP2_HEADER_METHOD]: 'PUT', [HTTP2_HEADER_PATH]: path }, { signal })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  stream.on('response', ({ [HTTP2_HEADER_STATUS]: status = 0 }) => resolve(Number(status)))
  stream.on('error', reject)
  stream.on('close', () => reject(new Error('the stream was closed')))
  session.on('error', reject)
  signal.addEventListener('abort', () => session.destroy())
  void write(stream, signal)
  return promise
}

async function write(body: Writable, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !body.destroyed && body.writable) {
    if (!body.write(CHUNK)) await Promise.race([once(body, 'drain'), once(body, 'close')]).catch(() => undefined)
    await pause(CHUNK_MS)
  }
  body.destroy()
}
