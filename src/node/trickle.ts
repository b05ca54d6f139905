// Uploads that flow slowly, by a version of HTTP that the caller chooses: what a cancel is to cut off.
import { once } from 'node:events'
import { connect, constants } from 'node:http2'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import type { Target, Trickle } from '../contract/smoke.ts'
import { hostOf } from './address.ts'

/** More than what a server puts in one row, so that it reports it on the way. */
const CHUNK = new Uint8Array(256 * 1024)
const CHUNK_MS = 100

async function* flow() {
  for (;;) {
    yield CHUNK
    await pause(CHUNK_MS)
  }
}

/** The status rejects where the connection breaks, or the signal ends it. */
export const trickle: Target['trickle'] = {
  'HTTP/1.1': async (uri, signal) => {
    const init = { method: 'PUT', body: flow(), duplex: 'half', signal } as unknown as RequestInit // as Node has it
    return { status: fetch(uri, init).then(({ status }) => status) }
  },
  'HTTP/2': trickleHttp2,
}

/** Whether the server speaks it is said while TLS begins. */
async function trickleHttp2(uri: string, signal: AbortSignal): ReturnType<Trickle> {
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
  // How it ends is said above.
  void pipeline(flow, stream).catch(() => undefined)
  return promise
}
