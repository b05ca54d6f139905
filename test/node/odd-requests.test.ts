// Requests that no client library sends, on a socket of their own: what they are answered with. That each is answered, and the journal
// after it, is for the corpus of the fuzz.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve, type Embedded } from '../../src/node/server.ts'
import { exchange, type Answer } from '../fuzz/wire.ts'

const lines: string[] = []
let mock: Embedded
beforeAll(async () => {
  mock = await serve({ onLog: (line) => lines.push(line) })
})
afterAll(() => mock.stop())

/** What these lines, and this much of a body, are answered with. A client that has sent a part of a body sends no more. */
const send = (head: string[], body = ''): Promise<Answer> =>
  exchange(mock.url, Buffer.from([...head, 'connection: close', '', body].join('\r\n')), {
    answerMs: 20_000,
    ...(body !== '' && { endAfterMs: 0 }),
  })

it.each(['/__admin/sandboxes', '/__admin/health', '/__admin/', '/__admin/nothing', '/docs/'])(
  'a request of %s whose Host is no host is refused with the reason',
  async (path) => {
    for (const hosts of [['host: ['], ['host: a b'], ['host: x:99999'], ['host: localhost', 'host: evil.example']]) {
      const answer = await send([`GET ${path} HTTP/1.1`, ...hosts])

      expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('The Host header ') })
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
    const { token } = await login(mock.url, { user: 'user', password: 'secret' })
    const proof = `vmware-api-session-id: ${token}`
    const head = [`POST ${path} HTTP/1.1`, `host: ${new URL(mock.url).host}`, proof, `content-type: ${type}`]

    for (const [length, body] of [
      ['transfer-encoding: chunked', 'zz\r\n'],
      ['transfer-encoding: chunked', '5\r\n{"a'],
      ['content-length: 100', '{"a'],
    ] as const) {
      const answer = await send([...head, length], body)
      expect(answer).toMatchObject({ status, text: expect.stringContaining('The request ended before its body did.') })
    }

    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})
