// What is kept of a request whose sender is not authenticated: method, path and status, and nothing it said. The journal of
// a sandbox has those that its tokens lead to, the log has all.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { admin } from '../support/admin.ts'
import { basic, bindings, connect, freshUser, SESSIONS } from '../support/api.ts'
import { ITEM, type Client } from '../support/client.ts'
import { filesOf } from '../support/files.ts'
import { methodCall } from '../support/soap.ts'

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

type Logged = { request: { method: string; url: string }; response: { status: number } }
const newest = async (sandbox: string, path: string) => {
  const { body } = await admin(sandbox, 'GET', path)
  const [entry] = body['requests'] as unknown as [Logged]
  return entry
}
/** Nothing of it is there but these. */
const expectNoMoreThan = (entry: Logged, method: string, url: string, status: number) => {
  expect(entry).toMatchObject({
    request: { method, url, absoluteUrl: `http://localhost${url}`, headers: {}, body: '', bodyTruncated: false },
    response: { status },
  })
  expect(JSON.stringify(entry)).not.toContain(SAID)
}

const rpc = (service: string, operation: string, securityCtx: object) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: '1',
    method: 'invoke',
    params: {
      serviceId: service,
      operationId: operation,
      input: { STRUCTURE: { 'operation-input': { said: SAID } } },
      ctx: { appCtx: {}, securityCtx },
    },
  }),
})
const ITEM_SESSION = 'com.vmware.content.library.item.update_session'
const SESSION_ID = { schemeId: 'com.vmware.vapi.std.security.session_id' }
const USER_PASS = { schemeId: 'com.vmware.vapi.std.security.user_pass', userName: 'u', password: SAID }
const json = { 'content-type': 'application/json' }
const spec = JSON.stringify({ library_item_id: SAID })
const FORGED = `${btoa('u').replaceAll('=', '')}.${'0'.repeat(64)}`

describe('of a request without a good proof, the log has method, path and status', () => {
  it.each<[string, string, string, number, RequestInit]>([
    ['no token over /api', 'POST', SESSIONS, 401, { headers: json, body: spec }],
    ['a forged token over /api', 'GET', SESSIONS, 401, { headers: { 'vmware-api-session-id': FORGED } }],
    [
      'a forged token and no path',
      'PUT',
      '/nowhere',
      404,
      { headers: { 'vmware-api-session-id': FORGED }, body: SAID },
    ],
    ['a wrong password over /api', 'POST', '/api/session', 401, { headers: { authorization: basic('u', SAID) } }],
    ['no token over /rest', 'POST', '/rest/com/vmware/content/library/item', 401, { headers: json, body: spec }],
    [
      'a wrong password over /rest',
      'POST',
      '/rest/com/vmware/cis/session',
      401,
      { headers: { authorization: basic('u', SAID) } },
    ],
    ['no token over JSON-RPC', 'POST', '/api', 200, rpc(ITEM_SESSION, 'list', {})],
    [
      'a forged token over JSON-RPC',
      'POST',
      '/api',
      200,
      rpc(ITEM_SESSION, 'list', { ...SESSION_ID, sessionId: FORGED }),
    ],
    ['a wrong password over JSON-RPC', 'POST', '/api', 200, rpc('com.vmware.cis.session', 'create', USER_PASS)],
    ['no JSON over JSON-RPC', 'POST', '/api', 200, { headers: json, body: SAID }],
    [
      'a wrong password over SOAP',
      'POST',
      '/sdk',
      500,
      {
        headers: { 'content-type': 'text/xml' },
        body: methodCall('Login', 'SessionManager', `<userName>u</userName><password>${SAID}</password>`),
      },
    ],
    [
      'no cookie over SOAP',
      'POST',
      '/sdk',
      500,
      { headers: { 'content-type': 'text/xml' }, body: methodCall('Logout', 'SessionManager', SAID) },
    ],
    ['no XML over SOAP', 'POST', '/sdk', 500, { headers: { 'content-type': 'text/xml' }, body: SAID }],
    [
      'a password over SOAP that is not escaped',
      'POST',
      '/sdk',
      500,
      {
        headers: { 'content-type': 'text/xml' },
        body: methodCall('Login', 'SessionManager', `<userName>u</userName><password>&${SAID};</password>`),
      },
    ],
    ['another media type over SOAP', 'POST', '/sdk', 500, { headers: { 'content-type': SAID }, body: '<a/>' }],
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

describe.each(bindings)('of a request with a dead token through $name', ({ connect }) => {
  it('the journal has method, path and status', async () => {
    const client = await connect()
    await client.logout()
    await expect(client.create({ library_item_id: SAID })).rejects.toMatchObject({ status: 401 })

    const entry = await newest(client.user, '/requests')

    expect(entry).toMatchObject({ request: { method: 'POST', headers: {}, body: '' }, why: { by: 'authentication' } })
    expect(JSON.stringify(entry)).not.toContain(SAID)
  })

  it('the journal has no more where a fault comes first', async () => {
    const client = await connect()
    await client.logout()
    await admin(client.user, 'POST', '/faults', { operation: 'update_session.create', error: 'SERVICE_UNAVAILABLE' })
    await expect(client.create({ library_item_id: SAID })).rejects.toMatchObject({ status: 503 })

    const entry = await newest(client.user, '/requests')

    expect(entry).toMatchObject({ request: { method: 'POST', headers: {}, body: '' }, why: { by: 'fault' } })
    expect(JSON.stringify(entry)).not.toContain(SAID)
  })
})

describe('of a request with a dead token', () => {
  it.each([
    ['GET', '/api/nowhere', 404],
    ['GET', '/cls/static/a/b/c', 401],
  ])('%s %s the journal has method, path and status', async (method, path, status) => {
    const client = await connect()
    await client.logout()
    await send(path, { method, headers: { 'vmware-api-session-id': client.token } })

    expectNoMoreThan(await newest(client.user, '/requests'), method, path, status)
  })

  it('over SOAP the journal has method, path and status', async () => {
    const client = await connect()
    await client.logout()
    const headers = { 'content-type': 'text/xml', cookie: `vmware_soap_session=${client.token}` }
    await send('/sdk', { method: 'POST', headers, body: methodCall('Logout', 'SessionManager', SAID) })

    expectNoMoreThan(await newest(client.user, '/requests'), 'POST', '/sdk', 500)
  })

  it('in the address of an upload the journal has method, path and status', async () => {
    const { client, path } = await anUpload()
    await client.logout()
    await admin(client.user, 'DELETE', `/sessions/${(await (await client.login()).list())[0]}`)
    await send(path, { method: 'PUT', body: SAID })

    expectNoMoreThan(await newest(client.user, '/requests'), 'PUT', '/cls/data/***/disk.vmdk', 404)
  })
})

it('of an upload to a good address the journal has its headers', async () => {
  const { client, path } = await anUpload()
  await send(path, { method: 'PUT', body: SAID })

  expect(await newest(client.user, '/requests')).toMatchObject({
    request: { headers: { 'user-agent': SAID }, body: '' },
  })
})

async function anUpload(): Promise<{ client: Client; path: string }> {
  const client = await connect(freshUser())
  const file = await filesOf(client, await client.create({ library_item_id: ITEM })).push('disk.vmdk')
  return { client, path: new URL(file.upload_endpoint?.uri ?? '').pathname }
}

it.each([SESSIONS, '/rest/com/vmware/content/library/item/update-session'])(
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
