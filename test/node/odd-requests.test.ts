// Requests that no client library sends, on a socket of their own: each is answered, and the mock goes on.
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type Embedded } from '../../src/node/server.ts'

const lines: string[] = []
let mock: Embedded
beforeAll(async () => {
  mock = await serve({ onLog: (line) => lines.push(line) })
})
afterAll(() => mock.stop())

/** What these lines, and this much of a body, are answered with. */
async function send(head: string[], body?: string): Promise<string> {
  const { hostname, port } = new URL(mock.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write([...head, 'connection: close', '', body ?? ''].join('\r\n'))
  // A client that has sent a part of a body sends no more.
  if (body !== undefined) socket.end()
  return text(socket)
}

const login = async () => {
  const authorization = `Basic ${btoa('user:secret')}`
  const answer = await fetch(`${mock.url}/api/session`, { method: 'POST', headers: { authorization } })
  return `vmware-api-session-id: ${String(await answer.json())}`
}

/** The status and the text of an answer of the admin API. */
async function admin(path: string): Promise<[number, string]> {
  const answer = await mock.ask(`/__admin${path}`, { method: 'GET', headers: {} })
  return [answer.status, answer.text]
}

describe('a request that begins with', () => {
  it.each([
    ['GET // HTTP/1.1', 'host: localhost'],
    ['GET /// HTTP/1.1', 'host: localhost'],
    ['GET //evil.example/x HTTP/1.1', 'host: localhost'],
    ['GET //[ HTTP/1.1', 'host: localhost'],
    ['GET /\\evil HTTP/1.1', 'host: localhost'],
    ['GET /%zz?%zz HTTP/1.1', 'host: localhost'],
    ['GET http://evil.example/x HTTP/1.1', 'host: localhost'],
    ['GET http:// HTTP/1.1', 'host: localhost'],
    ['GET x HTTP/1.1', 'host: localhost'],
    ['GET /x HTTP/1.1', 'host: '],
    ['GET /x HTTP/1.0', 'x: y'],
    // Of these some are refused by the runtime, before the worker is asked.
    ['OPTIONS * HTTP/1.1', 'host: localhost'],
    ['GET /x HTTP/1.1', 'host: ['],
    ['GET /x HTTP/1.1', 'host: a b'],
    ['GET /x HTTP/1.1', 'host: //'],
    ['GET /x HTTP/1.1', 'host: x:99999'],
  ])('%s and %s is answered, and so is the journal from then on', async (...head) => {
    const proof = await login()

    for (const headers of [[], [proof]]) expect(await send([...head, ...headers])).toMatch(/^HTTP\/1\.[01] \d/)

    for (const path of ['/requests', '/requests/unmatched', '/coverage', '/view'])
      expect(await admin(path)).toEqual([200, expect.stringContaining('{')])
    // The worker has a line of this level for what it did not expect.
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})

it.each(['/__admin/sandboxes', '/__admin/health', '/__admin/', '/__admin/nothing', '/docs/'])(
  'a request of %s whose Host is no host is refused with the reason',
  async (path) => {
    for (const hosts of [['host: ['], ['host: a b'], ['host: x:99999'], ['host: localhost', 'host: evil.example']]) {
      const answer = await send([`GET ${path} HTTP/1.1`, ...hosts])

      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer).toContain('The Host header ')
    }
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  },
)

describe('a body that breaks off', () => {
  const SESSIONS = 'com/vmware/content/library/item/update-session'
  it.each([
    ['/api', 400, '/api/content/library/item/update-session', 'application/json'],
    ['/rest', 400, `/rest/${SESSIONS}`, 'application/json'],
    ['JSON-RPC', 200, '/api', 'application/json'],
    ['SOAP', 500, '/sdk', 'text/xml'],
    ['the admin API', 422, '/__admin/faults', 'application/json'],
  ])('is the fault of its client through %s: %d', async (_, status, path, type) => {
    const proof = await login()
    const head = [`POST ${path} HTTP/1.1`, `host: ${new URL(mock.url).host}`, proof, `content-type: ${type}`]

    for (const [length, body] of [
      ['transfer-encoding: chunked', 'zz\r\n'],
      ['transfer-encoding: chunked', '5\r\n{"a'],
      ['content-length: 100', '{"a'],
    ] as const) {
      const answer = await send([...head, length], body)
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(answer).toContain('The request ended before its body did.')
    }

    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})
