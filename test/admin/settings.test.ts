// A deployed mock with wrong settings: it says so to every call, in one form, and asks no Durable Object.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { connect } from '../support/api.ts'
import { invocation, SESSION } from '../support/json-rpc.ts'
import { methodCall } from '../support/soap.ts'

const WRONG = { SESSION_IDLE_SECONDS: '-5', PULL_HOSTS: 'http://internal.example', CREDENTIALS: 'secret' }
const NAMES = 'SESSION_IDLE_SECONDS, PULL_HOSTS, CREDENTIALS'
/** Objects that must not be asked for anything. */
const UNASKED = {
  getByName: (name: string) => {
    const get = (_: object, method: string | symbol) => {
      throw new Error(`${name} is asked for ${String(method)}.`)
    }
    return new Proxy({}, { get })
  },
}

async function visit(path: string, init: RequestInit = {}) {
  const request = new Request(`http://localhost${path}`, init)
  if (!request.headers.has('host')) request.headers.set('host', 'localhost')
  const context = createExecutionContext()
  const objects = { SANDBOXES: UNASKED, PULLS: UNASKED } as unknown as Pick<Env, 'SANDBOXES' | 'PULLS'> // as far as they are used
  const bindings = { ...env, ...WRONG, ...objects, LOG_REQUESTS: 'json' }
  const log = vi.spyOn(console, 'log').mockReturnValue()
  const answer = await app.fetch(request, bindings, context)
  await waitOnExecutionContext(context)
  const line: unknown = JSON.parse(String(log.mock.lastCall?.[0]))
  log.mockRestore()
  return { status: answer.status, text: await answer.text(), line }
}

let token: string
beforeAll(async () => {
  token = (await connect()).token
})

const json = (body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const INTROSPECTION = 'com.vmware.vapi.std.introspection.service'
const rpc = (service: string, operation: string) => json(invocation({ service, operation }))
const soap = (method: string) => ({
  method: 'POST',
  headers: { 'content-type': 'text/xml' },
  body: methodCall(method, 'ServiceInstance'),
})
const login = { headers: { authorization: `Basic ${btoa('user:pass')}` }, method: 'POST' }
const byToken = () => ({ headers: { 'vmware-api-session-id': token } })

describe('a mock with wrong settings', () => {
  it('is unhealthy, names them, but no value, and is no bug in the log', async () => {
    const { status, text, line } = await visit('/__admin/health')

    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ status: 'unhealthy', message: expect.stringContaining(NAMES) })
    expect(text).not.toMatch(/secret|internal\.example/)
    expect(line).toMatchObject({ level: 'warn', why: { by: 'configuration' } })
  })

  it.each<[string, () => string, () => RequestInit]>([
    ['a login', () => '/api/session', () => login],
    ['a call', () => '/api/session', byToken],
    ['a call without a login', () => '/api/session', () => ({})],
    ['a call that is none', () => '/api/nowhere', byToken],
    ['/rest', () => '/rest/com/vmware/cis/session', () => login],
    ['JSON-RPC', () => '/api', () => rpc(SESSION, 'get')],
    ['JSON-RPC without a body', () => '/api', () => ({ method: 'POST' })],
    ['introspection', () => '/api', () => rpc(INTROSPECTION, 'list')],
    ['SOAP', () => '/sdk', () => soap('RetrieveServiceContent')],
    ['SOAP without a body', () => '/sdk', () => ({ method: 'POST' })],
    ['an upload', () => `/cls/data/${token}/disk`, () => ({ method: 'PUT', body: 'x' })],
    ['a download', () => '/cls/static/a/b/c', byToken],
    ['a path of no binding', () => '/', () => ({})],
  ])('refuses %s, and names them', async (_, path, init) => {
    const { status, text, line } = await visit(path(), init())
    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({
      error_type: 'SERVICE_UNAVAILABLE',
      messages: [{ default_message: expect.stringContaining(NAMES) }],
    })
    expect(line).toMatchObject({ level: 'warn', why: { by: 'configuration' } })
  })

  it.each([
    ['the admin API', '/__admin/requests', {}],
    ['a seed', '/__admin/sessions', json({})],
    ['a provider state', '/__admin/pact/provider-states', json({})],
  ])('refuses %s, and names them', async (_, path, init) => {
    const { status, text } = await visit(path, init)
    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ errors: [{ code: 503, title: expect.stringContaining(NAMES) }] })
  })

  it('keeps its admin API closed without a token', async () => {
    expect((await visit('/__admin/requests', { headers: { host: 'rebound.example' } })).status).toBe(403)
  })
})
