// One request as bytes on a connection of its own, and what comes back: no client library that would refuse to send it.
import { connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

export type Answer = {
  /** 0 where no answer came. */
  status: number
  headers: ReadonlyMap<string, string>
  text: string
  /** Whether the body has the length that its headers say. */
  isWhole: boolean
  /** From the request's first byte to the answer's last. */
  tookMs: number
}
export type Patience = {
  /** How long an answer is waited for. */
  answerMs: number
  /** After so long the client says that it sends no more: for requests that are not whole. */
  endAfterMs?: number
}

export function exchange(url: string, bytes: Uint8Array, { answerMs, endAfterMs }: Patience): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const { hostname, port } = new URL(url)
  const startedAt = performance.now()
  let heardAt = startedAt
  const chunks: Buffer[] = []
  const socket = connect(Number(port), hostname)
  const finish = () => {
    if (chunks.length === 0) heardAt = performance.now()
    clearTimeout(patience)
    clearTimeout(end)
    socket.destroy()
    resolve({ ...parse(Buffer.concat(chunks)), tookMs: heardAt - startedAt })
  }
  const patience = setTimeout(() => {
    heardAt = performance.now()
    finish()
  }, answerMs)
  const end = endAfterMs === undefined ? undefined : setTimeout(() => socket.end(), endAfterMs)
  socket.on('data', (chunk) => {
    heardAt = performance.now()
    chunks.push(chunk)
  })
  socket.on('error', finish)
  socket.on('close', finish)
  socket.write(bytes)
  return promise
}

/** The first answer that is final. */
function parse(bytes: Buffer): Omit<Answer, 'tookMs'> {
  const end = bytes.indexOf('\r\n\r\n')
  const [, code] = /^HTTP\/1\.[01] (\d{3})/.exec(bytes.toString('latin1', 0, 12)) ?? []
  if (end === -1 || code === undefined) return { status: 0, headers: new Map(), text: bytes.toString(), isWhole: false }
  if (code.startsWith('1')) return parse(bytes.subarray(end + 4))
  const lines = bytes.toString('latin1', 0, end).split('\r\n').slice(1)
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const rest = bytes.subarray(end + 4)
  const length = headers.get('content-length')
  const { body, isWhole } =
    headers.get('transfer-encoding') === 'chunked'
      ? dechunked(rest)
      : {
          body: rest.subarray(0, length === undefined ? rest.length : Number(length)),
          isWhole: length === undefined || rest.length >= Number(length),
        }
  return { status: Number(code), headers, text: plain(body, headers.get('content-encoding')).toString(), isWhole }
}

function plain(body: Buffer, encoding: string | undefined): Buffer {
  try {
    if (encoding === 'gzip') return gunzipSync(body)
    return encoding === 'br' ? brotliDecompressSync(body) : body
  } catch {
    // What is not whole, or no body at all, as after a HEAD.
    return body
  }
}

function dechunked(bytes: Buffer): { body: Buffer; isWhole: boolean } {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (line === -1 || Number.isNaN(size)) return { body: Buffer.concat(parts), isWhole: false }
    if (size === 0) return { body: Buffer.concat(parts), isWhole: true }
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + size + 4
  }
}
