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

/** The path says what to do; the query only tells one test's request from another's. */
function answer(path: string, times: number, response: ServerResponse): void {
  const [, kind = '', argument = ''] = new URL(path, 'http://source.test').pathname.split('/')
  switch (kind) {
    case 'file':
      response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT)
      break
    case 'chunked':
      response.writeHead(200)
      response.write(CONTENT.slice(0, 5))
      response.end(CONTENT.slice(5))
      break
    case 'empty':
      response.writeHead(200, { 'content-length': 0 }).end()
      break
    case 'descriptor': // of an appliance with one disk
      response.end('<Envelope><References><File href="disk-1.vmdk"/></References></Envelope>')
      break
    case 'gzip':
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(CONTENT))
      break
    case 'status':
      response.writeHead(Number(argument) || 404).end('no')
      break
    case 'cloudflare': // as Cloudflare answers in place of a source
      response.writeHead(Number(argument), { server: 'cloudflare' }).end('error code: 1003')
      break
    case 'fails': // as often as the path says, then it answers
      if (times <= Number(argument)) response.writeHead(503).end()
      else response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT)
      break
    case 'breaks': // it says more than it sends
      response.writeHead(200, { 'content-length': 100 })
      response.write(CONTENT, () => response.destroy())
      break
    case 'cuts': // it never said how much there is, and breaks off
      response.writeHead(200)
      response.write(CONTENT, () => response.destroy())
      break
    case 'more': // it sends more than it says
      response.writeHead(200, { 'content-length': 5, connection: 'close' }).end(CONTENT)
      break
    case 'twice': // it says its length twice
      response
        .writeHead(200, ['content-length', `${CONTENT.length}`, 'content-length', `${CONTENT.length}`])
        .end(CONTENT)
      break
    case 'framed': // it says a length, and sends chunks: these count (RFC 9112, 6.3)
      response.socket?.end(
        `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${CONTENT.length.toString(16)}\r\n${CONTENT}\r\n0\r\n\r\n`,
      )
      break
    case 'drips': // slowly, and never silent for long
      response.writeHead(200)
      for (const [at, letter] of Array.from(CONTENT).entries()) setTimeout(() => response.write(letter), 100 * at)
      setTimeout(() => response.end(), 100 * CONTENT.length)
      break
    case 'endless':
      response.writeHead(200)
      flood(response)
      break
    case 'recovers': // it breaks off once
      response.writeHead(200, { 'content-length': CONTENT.length })
      if (times === 1) response.write(CONTENT.slice(0, 5), () => response.destroy())
      else response.end(CONTENT)
      break
    case 'redirect': // as often as the path says
      response.writeHead(302, { location: argument === '1' ? '/file' : `/redirect/${Number(argument) - 1}` }).end()
      break
    case 'circle':
      response.writeHead(307, { location: path }).end()
      break
    case 'elsewhere':
      response.writeHead(301, { location: 'http://example.com/file' }).end()
      break
    case 'nowhere':
      response.writeHead(302, { location: `http://${argument && `${argument}@`}[` }).end()
      break
    case 'stalls': // as often as the path says, or always
      response.writeHead(200, { 'content-length': CONTENT.length })
      if (argument === '' || times <= Number(argument)) response.write(CONTENT.slice(0, 5))
      else response.end(CONTENT)
      break
    case 'silent': // likewise
      if (argument !== '' && times > Number(argument)) response.end(CONTENT)
      break
    case 'gate': // it is opened by another request
      break
    case 'lingers': // it has sent all, and says so only when it is opened
      response.writeHead(200)
      response.write(CONTENT)
      break
    case 'located': // with an address that is no redirect
      response.writeHead(Number(argument), { location: '/elsewhere' }).end(CONTENT)
      break
    default:
      response.writeHead(404).end()
  }
}
