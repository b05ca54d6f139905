// Which clients may steer the mock, and that no other can: for every route there is.
import { beforeAll, describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { basic } from '../support/api.ts'
import { ITEM } from '../support/client.ts'
import { fetchWith } from '../support/worker.ts'

const TOKEN = 'open-sesame-7f3a'
let routes: string[]
beforeAll(async () => {
  const { body } = await admin('user', 'GET', '/nothing')
  const [{ valid }] = body['errors'] as unknown as [{ valid: string[] }]
  routes = valid
})

type Visit = {
  /** As the worker sees it: a client of `wrangler dev` and of the command chooses it with MF-Original-URL. */
  origin?: string
  headers?: Record<string, string>
  token?: string
  /** Whether the mock is a start of this package that listens on loopback. */
  isLocal?: boolean
  body?: string
}
const LOCAL = { origin: 'http://localhost:8989', isLocal: true }
const BEARER = `Bearer ${TOKEN}`
type Sent = Record<string, string>
const local = (headers: Sent): Visit => ({ ...LOCAL, headers })
const forged = (headers: Sent): Visit => ({ origin: LOCAL.origin, headers })
const deployed = (headers: Sent): Visit => ({ token: TOKEN, headers })

/** A request to a mock with this token, or without one; its Host is that of the URL, unless the headers have another. */
async function visit(method: string, path: string, visitor: Visit) {
  const { origin = 'https://mock.example', headers, token, isLocal = false, body } = visitor
  const request = new Request(`${origin}${path}`, {
    method,
    headers: { host: new URL(origin).host, ...headers },
    ...(body !== undefined && { body }),
  })
  const response = await fetchWith({ ADMIN_TOKEN: token, LOCAL_ADMIN: isLocal ? 'on' : '' }, request)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Whatever a client can say of where it comes from. */
const FORGED: [string, string][] = [
  ['host', 'localhost:8989'],
  ['cf-connecting-ip', '127.0.0.1'],
  ['cf-connecting-ip', '::1'],
  ['true-client-ip', '127.0.0.1'],
  ['x-real-ip', '127.0.0.1'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'localhost:8989'],
  ['forwarded', 'for=127.0.0.1;host=localhost:8989'],
  ['mf-original-url', 'http://localhost:8989/__admin/'],
  ['mf-original-hostname', 'localhost'],
  ['local_admin', 'on'],
]

/** Each route but the probe of health, about this sandbox. */
const visitAll = async (sandbox: string, visitor: Visit) => {
  const statuses = new Set<number>()
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ')
    if (path === '/__admin/health') continue
    const { status, text } = await visit(method, `${path.replace(':id', sandbox)}?sandbox=${sandbox}`, visitor)
    expect(text).not.toContain(ITEM)
    statuses.add(status)
  }
  return [...statuses]
}

describe('every route of the admin API', () => {
  it.each<[string, Visit]>([
    ['a deployed mock without a token', {}],
    ['a deployed mock, without its token', { token: TOKEN }],
    ['a deployed mock, with another token', deployed({ authorization: 'Bearer open-sesame-7f3b' })],
    ['a deployed mock, with another token in its own header', deployed({ 'x-mock-admin-token': 'sesame' })],
    ['a deployed mock, with a part of its token', deployed({ authorization: 'Bearer open-sesame' })],
    ['a deployed mock, with its token as a password', deployed({ authorization: basic('x', TOKEN) })],
    ['another site that has the token', deployed({ authorization: BEARER, origin: 'https://evil.example' })],
    ['a name that leads to this machine', { origin: 'http://rebound.example:8989', isLocal: true }],
    ['a name that begins like this machine', { origin: 'http://127.0.0.1.rebound.example:8989', isLocal: true }],
    ['such a name, and a forged URL', local({ host: 'rebound.example:8989' })],
    ['a forged URL of another name', { ...local({ host: 'localhost:8989' }), origin: 'http://rebound.example:8989' }],
    ['a forged URL of another port', local({ host: 'localhost:3000' })],
    ['a forged URL of another name of this machine', local({ host: '127.0.0.1:8989' })],
    ['a Host that holds the right one', local({ host: 'localhost:8989@rebound.example' })],
    ['a Host that is empty', local({ host: '' })],
    ['a page of another site', local({ origin: 'https://evil.example' })],
    ['an image on another site', local({ 'sec-fetch-site': 'cross-site' })],
    ['a local start with a token, without it', { ...LOCAL, token: TOKEN }],
    ...FORGED.flatMap(([name, value]): [string, Visit][] => [
      [`localhost, where nothing says that this is a local start, with ${name}: ${value}`, forged({ [name]: value })],
      [`localhost, without its token, with ${name}: ${value}`, { ...forged({ [name]: value }), token: TOKEN }],
    ]),
    ['localhost, with every header that a client can forge', forged(Object.fromEntries(FORGED))],
  ])('is shut to who comes by %s, and nothing happens', async (_, visitor) => {
    const { client, id } = await aSession()

    expect(await visitAll(client.user, visitor)).toEqual([403])

    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    expect((await admin(client.user, 'GET', '/faults')).body).toEqual({ faults: [] })
    expect((await admin(client.user, 'GET', '/clock')).body).toMatchObject({ offset_seconds: 0, frozen: false })
  })

  it('says nothing to a page of another site that asks whether it may', async () => {
    const sent = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const { status, headers } = await visit('OPTIONS', '/__admin/reset', local(sent))
    expect(status).toBe(403)
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('the admin API', () => {
  it.each<[string, Visit]>([
    ['its token in its own header', deployed({ 'x-mock-admin-token': TOKEN, authorization: 'Bearer of-a-login' })],
    ['a deployed mock, with its token', deployed({ authorization: BEARER })],
    ['localhost', LOCAL],
    ['a Host in capitals', local({ host: 'LOCALHOST:8989' })],
    ['a Host with the usual port', { origin: 'http://localhost', isLocal: true, headers: { host: 'localhost:80' } }],
    ['127.0.0.1', { origin: 'http://127.0.0.1:8989', isLocal: true }],
    ['[::1]', { origin: 'http://[::1]:8989', isLocal: true }],
    ['its own page', local({ origin: LOCAL.origin, 'sec-fetch-site': 'same-origin' })],
    ['localhost, whatever address a header names', local({ 'cf-connecting-ip': '203.0.113.9' })],
  ])('is open to who comes by %s', async (_, visitor) => {
    expect((await visit('GET', '/__admin/clock', visitor)).status).toBe(200)
  })

  it.each<[string, Visit, RegExp]>([
    ['a mock without a token', {}, /wrangler secret put ADMIN_TOKEN.*npm run dev/],
    ['a mock with a token', { token: TOKEN }, /Authorization: Bearer <ADMIN_TOKEN>/],
    ['a local start, by another Host', local({ host: 'rebound.example' }), /Host header.*--admin-token/],
    ['a page of another site', local({ origin: 'https://evil.example' }), /Pages of other sites/],
  ])('says what to do to who is refused by %s', async (_, visitor, words) => {
    expect((await visit('GET', '/__admin/clock', visitor)).text).toMatch(words)
  })

  it('says to any client that it is up, but not which sandboxes there are', async () => {
    expect((await visit('GET', '/__admin/health', {})).status).toBe(200)
    expect((await visit('HEAD', '/__admin/health', {})).status).toBe(200)
    for (const method of ['GET', 'HEAD']) expect((await visit(method, '/__admin/sandboxes', {})).status).toBe(403)
  })

  it.each([
    ['too large', `{}${' '.repeat(262_144)}`, 'larger than 262144 bytes (the limit of the admin API)'],
    ['no JSON', '{', 'not JSON'],
    ['a list', '[]', 'The body: '],
    ['a text', '"x"', 'The body: '],
  ])('takes no body that is %s, and says so', async (_, body, why) => {
    const headers = { 'content-type': 'application/json' }
    const { status, text } = await visit('POST', '/__admin/requests/count', { ...LOCAL, headers, body })
    expect([status, text]).toEqual([422, expect.stringContaining(why)])
  })

  it('answers in JSON that no browser takes for a page, and that no cache keeps', async () => {
    const { headers } = await visit('GET', '/__admin/requests', LOCAL)

    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    })
  })
})
