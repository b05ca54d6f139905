// What proves who asks: a token or a password in a header, or the cookie of a login; and which of several counts.
import { describe, expect, it } from 'vitest'
import { formOf } from '../../src/bindings/rest/api.ts'
import { formsOf } from '../../src/bindings/rest/legacy.ts'
import { all, current } from '../../src/operations/index.ts'
import { basic, connect, freshUser, request, SESSIONS } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import type { Client } from '../support/client.ts'
import { invocation, post, SESSION, withPassword, withSession } from '../support/json-rpc.ts'
import { cookieOf, login, readProperty } from '../support/soap.ts'
import { rowsOf } from '../support/sandbox.ts'
import { fetchWith } from '../support/worker.ts'

const REST_LOGIN = '/rest/com/vmware/cis/session'
const cancelUrl = (id: string) => `${SESSIONS}/${id}?action=cancel`

/** To a mock that names who may log in, each time from another address: wrong proofs are counted. */
let addresses = 0
const toListed = (credentials: string, path: string, init: RequestInit = {}) => {
  const asked = new Request(`https://vcenter.test${path}`, init)
  addresses += 1
  asked.headers.set('cf-connecting-ip', `10.1.${addresses >> 8}.${addresses & 255}`)
  return fetchWith({ CREDENTIALS: credentials }, asked)
}

const sample = (id: string, authorization: string) =>
  request(cancelUrl(id), { method: 'POST', headers: { authorization } })
/** What becomes of a session that a request with such headers and the cookie of its user cancels. */
const cancelFrom = async (headers: Record<string, string>) => {
  const { client, id } = await aSession()
  const { cookie } = await cookieFrom('/api/session', client.user)
  const { status } = await request(cancelUrl(id), { method: 'POST', headers: { cookie, ...headers } })
  return { status, state: (await client.get(id)).state }
}
type Proofs = { own: Client; other: Client; bad: string }
const three = async (): Promise<Proofs> => ({ own: await connect(), other: await connect(), bad: 'abc' })
const cookie = (token: string) => ({ cookie: `vmware-api-session-id=${token}` })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const password = ({ user }: Client) => ({ authorization: basic(user) })
const header = (token: string) => ({ 'vmware-api-session-id': token })
const logIn = (headers: Record<string, string>) => request('/api/session', { method: 'POST', headers })
/** What JSON-RPC says of whose session it is. */
const whoIs = async (securityCtx: object | undefined, headers: object) =>
  (await callSession('get', securityCtx, headers)).text()
const callSession = (operation: string, securityCtx?: object, headers?: object) =>
  post(JSON.stringify(invocation({ service: SESSION, operation, ...(securityCtx && { securityCtx }) })), headers)

describe('the sample of the documentation', () => {
  it('cancels with a name and a password, and keeps no API session', async () => {
    const { client, id } = await aSession()

    const first = await sample(id, basic(client.user))
    const second = await sample(id, basic(client.user))

    expect([first.status, second.status]).toEqual([204, 400])
    expect(first.headers.get('set-cookie')).toBeNull()
    expect(await rowsOf(client.user, 'api_session')).toHaveLength(1)
  })

  it.each([
    ['no password', (user: string) => basic(user, '')],
    ['no token', () => 'Bearer'],
    ['a token that is none', () => 'Bearer abc'],
    ['a password as a token', (user: string) => basic(user).replace('Basic', 'Bearer')],
    ['another scheme', () => 'Digest username="ada"'],
    ['nothing', () => ''],
  ])('is refused with %s', async (_, spell) => {
    const { client, id } = await aSession()
    expect((await sample(id, spell(client.user))).status).toBe(401)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it('is the first request of a user, too', async () => {
    const answer = await request(SESSIONS, { headers: { authorization: basic(freshUser()) } })
    expect(await answer.json()).toEqual([])
  })
})

describe.each([
  { base: '/api', word: 'action', key: 'x', forms: current.map(formOf) },
  { base: '/rest', word: '~action', key: 'id:x', forms: all.flatMap(formsOf) },
])('every operation of $base', ({ base, word, key, forms }) => {
  const spelled = forms
    .filter(({ operation }) => !operation.login)
    .map(({ method, path, action, query }): [string, string] => {
      const fields = [...(action === undefined ? [] : [[word, action]]), ...query.map((name) => [name, 'x'])]
      return [method, `${base}${path.replaceAll(/\{\w+\}/g, key)}?${new URLSearchParams(fields).toString()}`]
    })
  const notAdmitted = async (headers: Record<string, string>, asked = spelled) => {
    const answers = asked.map(async ([method, url]) => {
      const { status } = await toListed('ada:lovelace', url, { method, headers })
      return status === 401 ? [`${method} ${url}`] : []
    })
    return (await Promise.all(answers)).flat()
  }

  it('takes a right password, and no wrong one', async () => {
    expect(await notAdmitted({ authorization: basic('ada', 'lovelace') })).toEqual([])
    expect(await notAdmitted({ authorization: basic('ada', 'hopper') })).toHaveLength(spelled.length)
  })

  it('is for no caller without a login, or after a logout', async () => {
    const { token, logout } = await connect()
    await logout()
    for (const headers of [{}, header(token)]) expect(await notAdmitted(headers)).toHaveLength(spelled.length)
  })

  it('takes the token of an API session as a bearer', async () => {
    const own = basic('ada', 'lovelace')
    const login = await toListed('ada:lovelace', '/api/session', { method: 'POST', headers: { authorization: own } })
    // Not those that end it, or ask for it.
    const asked = spelled.filter(([, url]) => !url.includes('/session?'))

    expect(await notAdmitted(bearer(await login.json<string>()), asked)).toEqual([])
  })
})

/** Logs in, and answers what a jar of cookies would send back. */
async function cookieFrom(path: string, user: string, headers: Record<string, string> = {}) {
  const answer = await request(path, { method: 'POST', headers: { authorization: basic(user), ...headers } })
  const set = answer.headers.get('set-cookie')
  return { set, cookie: set?.split(';')[0] ?? '' }
}

const plainLogin = (path: string) =>
  new Request(`http://127.0.0.1:8989${path}`, { method: 'POST', headers: { authorization: basic(freshUser()) } })

/** Of the cookie that a login sets where clients know the mock by this address. */
async function cookiePath(login: string, publicUrl: string) {
  const answer = await fetchWith({ PUBLIC_URL: publicUrl }, plainLogin(login))
  return answer.headers.get('set-cookie')?.split('; ')[1]
}

describe.each([
  ['/api', '/api/session', SESSIONS],
  ['/rest', REST_LOGIN, '/rest/com/vmware/content/library/item/update-session'],
])('the cookie of a login over %s', (base, login, list) => {
  it('is as a vCenter sets it, and Secure over https alone', async () => {
    const { set } = await cookieFrom(login, freshUser())
    const plain = await fetchWith({}, plainLogin(login))

    const token = expect.stringMatching(/^vmware-api-session-id=[\w-]+\.[0-9a-f]{64}$/)
    expect(set?.split('; ').toSorted()).toEqual(['HttpOnly', `Path=${base}`, 'Secure', token])
    expect(plain.headers.get('set-cookie')).toMatch(new RegExp(`; Path=${base}; HttpOnly$`))
  })

  it('is for the paths that clients use, where a proxy puts one before', async () => {
    expect(await cookiePath(login, 'https://mocks.example/a/mock/')).toBe(`Path=/a/mock${base}`)
    expect(await cookiePath(login, 'https://mocks.example')).toBe(`Path=${base}`)
  })

  it('is enough for every call, until the logout', async () => {
    const { cookie } = await cookieFrom(login, freshUser())

    const before = await request(list, { headers: { cookie } })
    const logout = await request(login, { method: 'DELETE', headers: { cookie } })
    const after = await request(list, { headers: { cookie } })

    expect([before.status, after.status]).toEqual([200, 401])
    expect(logout.headers.get('set-cookie')).toMatch(new RegExp(`^vmware-api-session-id=; Max-Age=0; Path=${base};`))
  })

  it('is found where a client sends its cookies in several headers', async () => {
    const { cookie } = await cookieFrom(login, freshUser())
    const headers = new Headers()
    for (const each of ['a=b', `${cookie}; c=d`, 'e=f']) headers.append('cookie', each)
    expect((await request(list, { headers })).status).toBe(200)
  })

  it('is not set for a client that wants a header, nor by a refusal', async () => {
    expect((await cookieFrom(login, freshUser(), { 'vmware-use-header-authn': 'true' })).set).toBeNull()
    expect((await cookieFrom(login, '')).set).toBeNull()
  })

  it('is not taken away by a logout that it did not prove', async () => {
    const client = await connect()
    const logout = await request(login, { method: 'DELETE', headers: { 'vmware-api-session-id': client.token } })
    expect(logout.ok).toBe(true)
    expect(logout.headers.get('set-cookie')).toBeNull()
  })
})

describe('a cookie proves nothing', () => {
  // Which pages those are is told by test/rules/own-origin.test.ts.
  it('in a request of a page of another site, but in one of its own it does', async () => {
    expect(await cancelFrom({ origin: 'https://evil.example' })).toEqual({ status: 401, state: 'ACTIVE' })
    expect(await cancelFrom({ origin: 'https://vcenter.test' })).toEqual({ status: 204, state: 'CANCELED' })
  })

  it('over SOAP in a request of a page of another site', async () => {
    const user = freshUser()
    const cookie = cookieOf(await login(user))
    const read = async (origin: string) => {
      const headers = { 'content-type': 'text/xml', cookie, origin }
      const body = readProperty('SessionManager', 'currentSession')
      return (await request('/sdk', { method: 'POST', headers, body })).text()
    }

    expect(await read('https://vcenter.test')).toContain(user)
    expect(await read('https://evil.example')).toContain('NotAuthenticated')
  })
})

describe('of several proofs', () => {
  it.each<[string, (proofs: Proofs) => Record<string, string>, 'own' | undefined]>([
    ['the header, before the cookie', ({ own, other }) => ({ ...header(own.token), ...cookie(other.token) }), 'own'],
    ['the header, before Authorization', ({ own, other }) => ({ ...header(own.token), ...bearer(other.token) }), 'own'],
    ['the header, though it is bad', ({ own, bad }) => ({ ...header(bad), ...password(own) }), undefined],
    ['a bearer, before the cookie', ({ own, other }) => ({ ...bearer(own.token), ...cookie(other.token) }), 'own'],
    ['a password, before it', ({ own, other }) => ({ ...password(own), ...cookie(other.token) }), 'own'],
    ['a bearer, though it is bad', ({ own, bad }) => ({ ...bearer(bad), ...cookie(own.token) }), undefined],
    ['the cookie, where there is nothing else', ({ own }) => cookie(own.token), 'own'],
  ])('%s counts', async (_, spell, who) => {
    const proofs = await three()
    const answer = await request('/api/session', { headers: spell(proofs) })
    expect(await answer.json()).toMatchObject(who ? { user: proofs[who].user } : { error_type: 'UNAUTHENTICATED' })
  })

  it('a login wants a password, whatever else there is', async () => {
    const { own, other, bad } = await three()

    const answer = await logIn({ ...header(bad), ...cookie(other.token), authorization: basic(own.user) })
    const refused = await logIn({ ...header(own.token), ...cookie(own.token) })

    const who = await request('/api/session', { headers: header(await answer.json<string>()) })
    expect(await who.json()).toMatchObject({ user: own.user })
    expect(refused.status).toBe(401)
  })

  it('the one in the body counts over JSON-RPC, good or bad', async () => {
    const { own, other, bad } = await three()

    expect(await whoIs(withSession(own.token), header(other.token))).toContain(own.user)
    expect(await whoIs(withPassword(own.user), header(own.token))).toContain('unauthenticated')
    expect(await whoIs(withSession(bad), header(own.token))).toContain('unauthenticated')
    for (const schemeId of [withPassword('').schemeId, 'com.vmware.vapi.std.security.saml_token'])
      expect(await whoIs({ schemeId }, header(own.token))).toContain('unauthenticated')
  })

  it('those of the headers count over JSON-RPC where the body has none', async () => {
    const { own } = await three()
    for (const headers of [header(own.token), { authorization: basic(own.user) }, cookie(own.token)])
      expect(await whoIs(undefined, headers)).toContain(own.user)
  })

  it('a login over JSON-RPC sets the cookie, and that is enough for the next call', async () => {
    const user = freshUser()
    const entered = await callSession('create', withPassword(user))
    expect(entered.headers.get('set-cookie')).toContain('Path=/api')
    expect(await whoIs(undefined, { cookie: cookieOf(entered) })).toContain(user)
  })
})

it.each<[string, (client: Client) => Record<string, string>, number]>([
  ['a password', password, 404],
  ['a bearer', ({ token }) => bearer(token), 404],
  ['a password of a user who was never here', () => ({ authorization: basic(freshUser()) }), 404],
  ['a bad bearer', () => bearer('abc'), 401],
  ['nothing', () => ({}), 401],
])('a download with %s is admitted as any call is', async (_, spell, status) => {
  const client = await connect()
  expect((await request('/cls/static/library/item/none', { headers: spell(client) })).status).toBe(status)
})

it.each([
  ['a password in Latin-1, as requests of Python sends it', 'ada:pässword', 200],
  ['a name in Latin-1', 'ädä:x', 401],
])('%s, %s, is answered %i', async (_, text, status) => {
  expect((await toListed(text, SESSIONS, { headers: { authorization: `Basic ${btoa(text)}` } })).status).toBe(status)
})
