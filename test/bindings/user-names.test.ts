// What a user may be called: text in UTF-8, of bounded length, at every entrance. Two names never share a sandbox.
import { describe, expect, it } from 'vitest'
import { adminRequest } from '../support/admin.ts'
import { connect, freshUser, request } from '../support/api.ts'
import { loginForms } from '../support/login-forms.ts'
import { invocation, post, SESSION, withPassword, type Answer } from '../support/json-rpc.ts'
import { methodCall, post as postSoap, readProperty } from '../support/soap.ts'

/** As a client that writes Latin-1 does it. */
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
/** Exactly so many bytes of UTF-8. */
const long = (bytes: number) => `${crypto.randomUUID()}${'ü'.repeat((bytes - 36) / 2)}${bytes % 2 ? 'x' : ''}`

describe.each([
  ['/api', '/api/session'],
  ['/rest', '/rest/com/vmware/cis/session'],
])('a login over %s', (_, path) => {
  const enter = (bytes: string) =>
    request(path, { method: 'POST', headers: { authorization: `Basic ${btoa(`${bytes}:secret`)}` } })

  it.each([
    ['a letter in Latin-1', 'Gr\u00f6\u00dfe'],
    ['a byte that begins nothing', 'a\u0080'],
    ['half of a surrogate pair', 'a\u00ed\u00a0\u0080'],
    ['a letter cut short', 'a\u00c3'],
  ])('with %s in its name is 401', async (_what, bytes) => {
    const response = await enter(bytes)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('UNAUTHENTICATED')
  })
})

it.each(loginForms)('a login over %s takes a name of 255 bytes, and none of 256', async (_, spell) => {
  const answers = [255, 256].map(async (bytes) => (await request(...spell(long(bytes), 'secret'))).text())
  const isRefused = (await Promise.all(answers)).map((text) => /unauthenticated|InvalidLogin/i.test(text))

  expect(isRefused).toEqual([false, true])
})

const call = (user: string) => invocation({ service: SESSION, operation: 'create', securityCtx: withPassword(user) })

describe('a login over JSON-RPC', () => {
  it('with half of a character in its name is unauthenticated', async () => {
    const response = await post(JSON.stringify(call('a\ud800')))
    expect(JSON.stringify(await response.json<Answer>())).toContain('unauthenticated')
  })

  it('in another encoding than UTF-8 is no call', async () => {
    const response = await post(latin1(JSON.stringify(call('Größe'))))
    expect(await response.json()).toMatchObject({ error: { code: -32700, data: expect.stringContaining('UTF-8') } })
  })
})

describe('a login over SOAP', () => {
  it('of a user whose name no XML can hold, by another login, is told with a name that it can', async () => {
    const user = `${freshUser()}\u0001\u{1f600}\ufffe<`
    const { token } = await connect(user)

    const cookie = `vmware_soap_session=${token}`
    const response = await postSoap(readProperty('SessionManager', 'currentSession'), { cookie })

    expect(await response.text()).toContain(`<userName>${user.slice(0, -5)}\ufffd\u{1f600}\ufffd&lt;</userName>`)
  })

  it('in another encoding than UTF-8 is refused, and says so', async () => {
    const parameters = '<userName>Größe</userName><password>x</password>'
    const response = await postSoap(latin1(methodCall('Login', 'SessionManager', parameters)))
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('not UTF-8')
  })
})

const headers = { 'content-type': 'application/json' }
const json = (body: object) => ({ method: 'POST', headers, body: JSON.stringify(body) })
const states = (user: string) => json({ state: "another user's update session", params: { user } })

describe('the admin API', () => {
  it.each<[string, string, RequestInit]>([
    ['a header that is not UTF-8', '/clock', { headers: { 'x-mock-sandbox': 'Gr%F6%DFe' } }],
    ['a header of half a surrogate pair', '/clock', { headers: { 'x-mock-sandbox': '%ED%A0%80' } }],
    ['a header of 256 bytes', '/clock', { headers: { 'x-mock-sandbox': encodeURIComponent(long(256)) } }],
    ['a parameter that is not UTF-8', '/clock?sandbox=Gr%F6%DFe', {}],
    ['a parameter of half a surrogate pair', '/clock?sandbox=%ED%A0%80', {}],
    ['a parameter of no byte', '/clock?sandbox=', {}],
    ['a parameter of 256 bytes', `/clock?sandbox=${encodeURIComponent(long(256))}`, {}],
    ['a path that is not UTF-8', '/sandboxes/Gr%F6%DFe', { method: 'DELETE' }],
    ['a path of 256 bytes', `/sandboxes/${encodeURIComponent(long(256))}`, { method: 'DELETE' }],
    ['a provider state with half of a character', '/pact/provider-states', states('a\ud800')],
    ['a provider state with 256 bytes', '/pact/provider-states', states(long(256))],
  ])('refuses a name in %s', async (_, path, init) => {
    const response = await adminRequest(path, init)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ title: expect.stringMatching(/UTF-8|user|sandbox/) }] })
  })

  it.each<[string, (name: string) => [string, RequestInit]]>([
    ['a header', (name) => ['/clock', { headers: { 'x-mock-sandbox': name } }]],
    ['a parameter', (name) => [`/clock?sandbox=${name}`, {}]],
    ['a path', (name) => [`/sandboxes/${name}`, { method: 'DELETE' }]],
  ])('takes a name of 255 bytes in %s', async (_, spell) => {
    expect((await adminRequest(...spell(encodeURIComponent(long(255))))).status).toBe(200)
  })
})

it('is what a provider state hands out, in UTF-8', async () => {
  const user = `\ufeffgröße 🙂 ${crypto.randomUUID()}`
  const path = `/pact/provider-states?sandbox=${encodeURIComponent(user)}`
  const answer = await adminRequest(path, json({ state: 'a user' }))
  const headers = await answer.json<{ authorization: string }>()

  const token = await (await request('/api/session', { method: 'POST', headers })).json<string>()

  const who = await request('/api/session', { headers: { 'vmware-api-session-id': token } })
  await expect(who.json()).resolves.toMatchObject({ user })
})

it('is one vCenter by whatever way it is named', async () => {
  const user = `größe 🙂 ${crypto.randomUUID()}`
  const { whoAmI } = await connect(user)
  await adminRequest(`/clock/advance?sandbox=${encodeURIComponent(user)}`, json({ by: '4h' }))
  await expect(whoAmI()).rejects.toMatchObject({ status: 401 })
})
