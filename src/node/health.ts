// Whether the mock answers at the address that will be printed.
import { connect as connectTcp, isIPv6 } from 'node:net'
import { connect as connectTls } from 'node:tls'

const ANSWER_LIMIT_MS = 10_000

/** Over a bare socket: a test may have replaced what `node:http` and `fetch` do. */
export async function askHealth(host: string, port: number, tls?: { ca: string | undefined }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket =
    // A certificate that was given may be for another name than this.
    tls ? connectTls({ host, port, ca: tls.ca, rejectUnauthorized: tls.ca !== undefined }) : connectTcp({ host, port })
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)))
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('the connection was closed')))
  const name = isIPv6(host) ? `[${host}]` : host
  socket.write(`GET /__admin/health HTTP/1.1\r\nhost: ${name}:${port}\r\nconnection: close\r\n\r\n`)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
    const [line] = answer.split('\r\n', 1)
    if (line === answer) return
    if (line?.startsWith('HTTP/1.1 200')) resolve()
    else reject(new Error(`it answers ${line}`))
    socket.destroy()
  })
  return promise
}
