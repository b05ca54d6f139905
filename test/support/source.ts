// A server to pull from, good and bad: it runs in Node, beside the worker.
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { TestProject } from 'vitest/node'
import { listen } from './listen.ts'

declare module 'vitest' {
  interface ProvidedContext {
    sourceUrl: string
  }
}

const CONTENT = 'hello from the source'
const LATE_MS = 600

/**
 * Its address is what tests inject. `GET /asked/...` says how often a path was asked for, and how many answers are
 * still open; `GET /open/...` ends the ones that wait.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const waiting = new Map<string, ServerResponse>()
  const opened = new Set<string>()
  const asked = new Map<string, { times: number; open: number }>()
  const { url, stop } = await listen((request, response) => {
    const path = request.url ?? '/'
    if (path.startsWith('/asked/')) {
      response.end(JSON.stringify(asked.get(path.replace('/asked', '')) ?? { times: 0, open: 0 }))
      return
    }
    if (path.startsWith('/open/')) {
      const gate = path.replace('/open', '')
      opened.add(gate)
      waiting.get(gate)?.end(gate.startsWith('/lingers') ? undefined : CONTENT)
      response.end()
      return
    }
    const seen = asked.get(path) ?? { times: 0, open: 0 }
    asked.set(path, seen)
    seen.times += 1
    seen.open += 1
    response.on('close', () => (seen.open -= 1))
    if (path.startsWith('/secret')) {
      const isRight = request.headers.authorization === `Basic ${btoa('ada:p@ss')}`
      response.writeHead(isRight ? 200 : 401).end(isRight ? CONTENT : '')
      return
    }
    waiting.set(path, response)
    if (opened.has(path)) response.end(CONTENT)
    else answer(path, seen.times, response)
  })
  provide('sourceUrl', url)
  return stop
}

/** As fast as it is read. */
function flood(response: ServerResponse): void {
  while (response.write(CONTENT)) if (response.destroyed) return
  response.once('drain', () => flood(response))
}

type Answer = (response: ServerResponse, argument: string, times: number, path: string) => unknown

const answerWhole = (response: ServerResponse) =>
  response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT)
/** Sends so much of it, and no more. */
const begin = (response: ServerResponse, headers = {}, text = CONTENT, then?: () => void) =>
  response.writeHead(200, headers).write(text, then)
/** Whether it is to be as the path says, which says how often. */
const isYet = (argument: string, times: number) => argument === '' || times <= Number(argument)

/** The path says what to do; the query only tells one test's request from another's. */
const answers: Record<string, Answer> = {
  file: answerWhole,
  chunked: (response) => {
    begin(response, {}, CONTENT.slice(0, 5))
    response.end(CONTENT.slice(5))
  },
  empty: (response) => response.writeHead(200, { 'content-length': 0 }).end(),
  // Of an appliance with one disk.
  descriptor: (response) => response.end('<Envelope><References><File href="disk-1.vmdk"/></References></Envelope>'),
  gzip: (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(CONTENT)),
  status: (response, argument) => response.writeHead(Number(argument) || 404).end('no'),
  // As Cloudflare answers in place of a source.
  cloudflare: (response, argument) =>
    response.writeHead(Number(argument), { server: 'cloudflare' }).end('error code: 1003'),
  fails: (response, argument, times) =>
    isYet(argument, times) ? response.writeHead(503).end() : answerWhole(response),
  // It says more than it sends.
  breaks: (response) => begin(response, { 'content-length': 100 }, CONTENT, () => response.destroy()),
  // It never said how much there is, and breaks off.
  cuts: (response) => begin(response, {}, CONTENT, () => response.destroy()),
  // It sends more than it says.
  more: (response) => response.writeHead(200, { 'content-length': 5, connection: 'close' }).end(CONTENT),
  // It says its length twice.
  twice: (response) => {
    const length = ['content-length', `${CONTENT.length}`]
    response.writeHead(200, [...length, ...length]).end(CONTENT)
  },
  // It says a length, and sends chunks: these count (RFC 9112, 6.3).
  framed: (response) =>
    response.socket?.end(
      `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${CONTENT.length.toString(16)}\r\n${CONTENT}\r\n0\r\n\r\n`,
    ),
  // Slowly, and never silent for long.
  drips: (response) => {
    response.writeHead(200)
    for (const [at, letter] of Array.from(CONTENT).entries()) setTimeout(() => response.write(letter), 100 * at)
    setTimeout(() => response.end(), 100 * CONTENT.length)
  },
  huge: (response) => begin(response, { 'content-length': 1e12 }),
  endless: (response) => flood(response.writeHead(200)),
  // It breaks off once.
  recovers: (response, _, times) =>
    times === 1
      ? begin(response, { 'content-length': CONTENT.length }, CONTENT.slice(0, 5), () => response.destroy())
      : answerWhole(response),
  // As often as the path says.
  redirect: (response, argument) =>
    response.writeHead(302, { location: argument === '1' ? '/file' : `/redirect/${Number(argument) - 1}` }).end(),
  // As `redirect`, each a while after it was asked.
  late: (response, argument) =>
    setTimeout(() => {
      if (argument === '0') answerWhole(response)
      else response.writeHead(302, { location: `/late/${Number(argument) - 1}` }).end()
    }, LATE_MS),
  // To the same server under another name.
  away: (response, argument) =>
    response.writeHead(302, { location: `http://localhost:${response.socket?.localPort}/secret/${argument}` }).end(),
  circle: (response, _, __, path) => response.writeHead(307, { location: path }).end(),
  elsewhere: (response, scheme) =>
    response.writeHead(301, { location: scheme ? `${scheme}://127.0.0.1/file` : 'http://example.com/file' }).end(),
  nowhere: (response, argument) => response.writeHead(302, { location: `http://${argument && `${argument}@`}[` }).end(),
  stalls: (response, argument, times) =>
    isYet(argument, times)
      ? begin(response, { 'content-length': CONTENT.length }, CONTENT.slice(0, 5))
      : answerWhole(response),
  silent: (response, argument, times) => isYet(argument, times) || response.end(CONTENT),
  // It is opened by another request.
  gate: () => undefined,
  // It has sent all, and says so only when it is opened.
  lingers: (response) => begin(response),
  // With an address that is no redirect.
  located: (response, argument) => response.writeHead(Number(argument), { location: '/elsewhere' }).end(CONTENT),
}

function answer(path: string, times: number, response: ServerResponse): void {
  const [, kind = '', argument = ''] = new URL(path, 'http://source.test').pathname.split('/')
  const known = answers[kind]
  if (known) known(response, argument, times, path)
  else response.writeHead(404).end()
}
