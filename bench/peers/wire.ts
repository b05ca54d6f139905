// A client that costs next to nothing: one kept connection, whose requests are written and answers read as bytes. A peer that
// answers thirty thousand calls a second is measured by it, and not the client.
import { connect, type Socket } from 'node:net'

export type Ask = (
  method: string,
  path: string,
  expect: number,
  body?: object,
  headers?: Record<string, string>,
) => Promise<string>

export type Connection = { ask: Ask; close: () => void }

/** Rejects where nothing listens. */
export function open(port: number): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>()
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.once('error', reject)
  socket.once('connect', () => resolve({ ask: askBy(socket, port), close: () => socket.destroy() }))
  return promise
}

const ANSWER_LIMIT_MS = 15_000

type Answer = { status: number; text: string }

function askBy(socket: Socket, port: number): Ask {
  let received = ''
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  const fail = (reason: string) => {
    waiting?.reject(new Error(reason))
    waiting = undefined
  }
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    const answer = parse(received)
    if (!answer) return
    received = ''
    waiting?.resolve(answer)
    waiting = undefined
  })
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)))
  socket.on('error', ({ message }) => fail(message))
  socket.on('close', () => fail('the connection was closed'))
  return async (method, path, expect, body, headers = {}) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(method !== 'GET' && { 'content-length': `${Buffer.byteLength(text)}` }),
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    if (socket.destroyed) throw new Error('the connection was closed')
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting = { resolve, reject: ({ message }) => reject(new Error(`${method} ${path}: ${message}`)) }
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`)
    const answer = await promise
    if (answer.status === expect) return answer.text
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
  }
}

/** Nothing while it has no end. */
function parse(received: string): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = received.slice(0, end).toLowerCase()
  const body = received.slice(end + 4)
  const status = Number(head.slice(9, 12))
  if (status === 204 || status === 304) return { status, text: '' }
  if (head.includes('\r\ntransfer-encoding: chunked'))
    return body.endsWith('0\r\n\r\n') ? { status, text: joinChunks(body) } : undefined
  const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
  return body.length >= length ? { status, text: body } : undefined
}

function joinChunks(body: string): string {
  let text = ''
  for (let at = 0; ;) {
    const lineEnd = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.slice(at, lineEnd), 16)
    if (!length) return text
    text += body.slice(lineEnd + 2, lineEnd + 2 + length)
    at = lineEnd + 4 + length
  }
}
