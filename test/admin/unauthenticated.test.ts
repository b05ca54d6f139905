// What is kept of a request whose sender is not authenticated: method, path and status, and nothing it said. The journal of
// a sandbox has those that its tokens lead to, the log has all.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { admin, entriesOf } from '../support/admin.ts'
import { basic, bindings, connect, SESSIONS } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import { invocation, SESSION, UPDATE_SESSION, withPassword, withSession } from '../support/json-rpc.ts'
import { loginCall, methodCall } from '../support/soap.ts'

const SAID = 'what_it_said'

/** A request to a mock with one password: its status, and the lines of the log. */
async function send(path: string, init: RequestInit): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  const headers = new Headers(init.headers)
  headers.set('user-agent', SAID)
  // Other tests use up what one address may send.
  headers.set('cf-connecting-ip', crypto.randomUUID())
  const context = createExecutionContext()
  const request = new Request(`http://localhost:8989${path}?${SAID}`, { ...init, headers })
  const response = await app.fetch(request, { ...env, CREDENTIALS: '*:right', LOG_REQUESTS: 'json' }, context)
  await response.text()
  await waitOnExecutionContext(context)
  log.mockRestore()
  return { status: response.status, lines }
}

type Logged = {
  request: { method: string; url: string; headers: Record<string, string> }
  response: { status: number }
}
const newest = async (user: string) => (await entriesOf<Logged>(user))[0]
/** Nothing of it is there but these. */
const expectNoMoreThan = (entry: Logged, method: string, url: string, status: number) => {
  expect(entry).toMatchObject({
    request: { method, url, absoluteUrl: `http://localhost${url}`, headers: {}, body: '', bodyTruncated: false },
    response: { status },
  })
  expect(JSON.stringify(entry)).not.toContain(SAID)
}

const FORGED = `${btoa('u').replaceAll('=', '')}.${'0'.repeat(64)}`
const forged = { 'vmware-api-session-id': FORGED }
const wrong = { headers: { authorization: basic('u', SAID) } }
const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ library_item_id: SAID }) }
const rpc = (service: string, operation: string, securityCtx = {}) => ({
  ...json,
  body: JSON.stringify(invocation({ service, operation, input: { said: SAID }, securityCtx })),
})
const soap = (body: string, type = 'text/xml', cookie = '') => ({ headers: { 'content-type': type, cookie }, body })
const logout = methodCall('Logout', 'SessionManager', SAID)
const REST = '/rest/com/vmware'

describe('of a request without a good proof, the log has method, path and status', () => {
  it.each<[string, string, string, number, RequestInit]>([
    ['no token over /api', 'POST', SESSIONS, 401, json],
    ['a forged token over /api', 'GET', SESSIONS, 401, { headers: forged }],
    ['a token of no name', 'GET', SESSIONS, 401, { headers: { 'vmware-api-session-id': `a.${'0'.repeat(64)}` } }],
    ['a forged token and no path', 'PUT', '/nowhere', 404, { headers: forged, body: SAID }],
    ['a wrong password over /api', 'POST', '/api/session', 401, wrong],
    ['no token over /rest', 'POST', `${REST}/content/library/item`, 401, json],
    ['a wrong password over /rest', 'POST', `${REST}/cis/session`, 401, wrong],
    ['no token over JSON-RPC', 'POST', '/api', 200, rpc(UPDATE_SESSION, 'list')],
    ['a forged token over JSON-RPC', 'POST', '/api', 200, rpc(UPDATE_SESSION, 'list', withSession(FORGED))],
    ['a wrong password over JSON-RPC', 'POST', '/api', 200, rpc(SESSION, 'create', withPassword('u', SAID))],
    ['no JSON over JSON-RPC', 'POST', '/api', 200, { ...json, body: SAID }],
    ['a wrong password over SOAP', 'POST', '/sdk', 500, soap(loginCall('u', SAID))],
    ['no cookie over SOAP', 'POST', '/sdk', 500, soap(logout)],
    ['no XML over SOAP', 'POST', '/sdk', 500, soap(SAID)],
    ['a password over SOAP that is not escaped', 'POST', '/sdk', 500, soap(loginCall('u', `&${SAID};`))],
    ['another media type over SOAP', 'POST', '/sdk', 500, soap('<a/>', SAID)],
    ['an upload to nowhere', 'PUT', '/cls/data/nothing/disk.vmdk', 404, { body: SAID }],
    ['a download without a token', 'GET', '/cls/static/a/b/c', 401, {}],
  ])('for %s', async (_, method, path, status, init) => {
    const { lines } = await send(path, { method, ...init })
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ method, path, status, why: { by: expect.any(String) } })
    expect(lines[0]).not.toContain(SAID)
  })

  it('with a forged token in the path taken out', async () => {
    const { lines } = await send(`/cls/data/${FORGED}/disk.vmdk`, { method: 'PUT', body: SAID })
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ path: '/cls/data/***/disk.vmdk' }])
  })
})

describe.each(bindings)('of a request with an ended token through $name', ({ connect }) => {
  it.each([
    ['', 'authentication', 401],
    [' where a fault comes first', 'fault', 503],
  ])('the journal has method, path and status%s', async (_, by, status) => {
    const client = await connect()
    await client.logout()
    if (by === 'fault')
      await admin(client.user, 'POST', '/faults', { operation: 'update_session.create', error: 'SERVICE_UNAVAILABLE' })
    await expect(client.create({ library_item_id: SAID })).rejects.toMatchObject({ status })

    const entry = await newest(client.user)

    expect(entry).toMatchObject({ request: { method: 'POST', headers: {}, body: '' }, why: { by } })
    expect(JSON.stringify(entry)).not.toContain(SAID)
  })
})

describe('of a request with an ended token', () => {
  it.each<[string, string, number, (token: string) => RequestInit]>([
    ['GET', '/api/nowhere', 404, (token) => ({ headers: { 'vmware-api-session-id': token } })],
    ['GET', '/cls/static/a/b/c', 401, (token) => ({ headers: { 'vmware-api-session-id': token } })],
    ['POST', '/sdk', 500, (token) => soap(logout, 'text/xml', `vmware_soap_session=${token}`)],
  ])('%s %s the journal has method, path and status', async (method, path, status, init) => {
    const client = await connect()
    await client.logout()
    await send(path, { method, ...init(client.token) })
    expectNoMoreThan(await newest(client.user), method, path, status)
  })

  it('in the address of an upload the journal has method, path and status', async () => {
    const { client, path } = await anUpload()
    await client.logout()
    await admin(client.user, 'DELETE', `/sessions/${(await (await client.login()).list())[0]}`)
    await send(path, { method: 'PUT', body: SAID })

    expectNoMoreThan(await newest(client.user), 'PUT', '/cls/data/***/disk.vmdk', 404)
  })
})

it('of an upload to a good address the journal has its headers', async () => {
  const { client, path } = await anUpload()
  await send(path, { method: 'PUT', body: SAID })
  const { headers, ...request } = (await newest(client.user)).request
  expect(headers['user-agent']).toBe(SAID)
  expect(request).toMatchObject({ body: '', clientIp: headers['cf-connecting-ip'] })
})

async function anUpload() {
  const { client, files } = await aSession()
  const file = await files.push('disk.vmdk')
  return { client, path: new URL(file.upload_endpoint?.uri ?? '').pathname }
}

it.each([SESSIONS, `${REST}/content/library/item/update-session`])(
  'reads no body of a POST to %s without a token',
  async (path) => {
    const isRead = Promise.withResolvers<'read'>()
    const body = new ReadableStream({ type: 'bytes', pull: () => isRead.resolve('read') }, { highWaterMark: 0 })
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`http://localhost:8989${path}`, { method: 'POST', headers, body })

    const answer = Promise.resolve(app.fetch(request, env, createExecutionContext())).then(({ status }) => status)

    expect(await Promise.race([answer, isRead.promise])).toBe(401)
  },
)
