// One request to the mock over a bare socket: a test may have replaced what `node:http`, `fetch` and timers do.
import { connect as connectTcp, type Socket } from 'node:net'
import { bracketed } from './address.ts'

export type Asked = { method?: string; headers?: Record<string, string>; body?: string }
export type Answer = { status: number; text: string }

const ANSWER_LIMIT_MS = 10_000

/** The authority to trust, in PEM. Without one any certificate is good: one that was given may be for another name. */
export type Trust = { ca: string | undefined }

/** Over https with `tls`. Rejects where no whole answer comes. */
export async function ask(
  { host, port, tls }: { host: string; port: number; tls?: Trust | undefined },
  path: string,
  { method = 'GET', headers = {}, body = '' }: Asked = {},
): Promise<Answer> {
  const socket = tls ? await connectTls(host, port, tls) : connectTcp({ host, port })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const chunks: Buffer[] = []
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)))
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('the connection was closed')))
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.once('end', () => {
    const answer = parseAnswer(Buffer.concat(chunks))
    if (answer) resolve(answer)
    else reject(new Error('the answer is cut off'))
  })
  const lines = { host: `${bracketed(host)}:${port}`, connection: 'close', ...headers }
  const head = Object.entries({ ...lines, 'content-length': `${Buffer.byteLength(body)}` }).map((line) =>
    line.join(': '),
  )
  socket.write(`${method} ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`)
  return promise
}

/** What it takes is loaded where it is needed alone: it is a tenth of the memory of a mock without. */
async function connectTls(host: string, port: number, { ca }: Trust): Promise<Socket> {
  const { connect } = await import('node:tls')
  return connect({ host, port, ca, rejectUnauthorized: ca !== undefined })
}

/** Nothing where it has no end. The connection ends with it, so a body without a length is over when that is. */
function parseAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end).toLowerCase()
  const body = bytes.subarray(end + 4)
  const whole = head.includes('\r\ntransfer-encoding: chunked') ? joinChunks(body) : body
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1]
  if (!whole || (length !== undefined && whole.byteLength < Number(length))) return undefined
  return { status: Number(head.slice(9, 12)), text: whole.toString() }
}

/** Nothing where the last chunk is missing. */
function joinChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (lineEnd === -1 || Number.isNaN(length)) return undefined
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
}
