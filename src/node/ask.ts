// One request to the mock over a bare socket: a test may have replaced what `node:http`, `fetch` and timers do.
import { connect as connectTcp } from 'node:net'
import { bracketed } from './address.ts'

export type Asked = { method?: string; headers?: Record<string, string>; body?: string }
export type TextAnswer = { status: number; text: string }

const ANSWER_LIMIT_MS = 10_000

/** The authority to trust, in PEM. Without one any certificate is good: one that was given may be for another name. */
export type Trust = { ca: string | undefined }

/** Over https with `tls`. Rejects where no whole answer comes. */
export async function ask(
  { host, port, tls }: { host: string; port: number; tls?: Trust | undefined },
  path: string,
  { method = 'GET', headers = {}, body = '' }: Asked = {},
): Promise<TextAnswer> {
  // TLS is loaded where it is needed alone: it is a tenth of the memory of a mock without.
  const socket = tls
    ? (await import('node:tls')).connect({ host, port, ca: tls.ca, rejectUnauthorized: tls.ca !== undefined })
    : connectTcp({ host, port })
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)))
  const lines = { host: `${bracketed(host)}:${port}`, connection: 'close', ...headers }
  const head = Object.entries({ ...lines, 'content-length': `${Buffer.byteLength(body)}` }).map((line) =>
    line.join(': '),
  )
  socket.write(`${method} ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`)
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk) // no encoding is set
  return parseAnswer(Buffer.concat(chunks))
}

/** What the mock answers here says its length, or has no body. */
function parseAnswer(bytes: Buffer): TextAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  const head = bytes.toString('latin1', 0, end)
  const body = bytes.subarray(end + 4)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (end === -1 || body.byteLength < length) throw new Error('the answer is cut off')
  return { status: Number(head.slice(9, 12)), text: body.toString() }
}
