// The journal shows the answer of a request as its client saw it, in every binding, whichever part of the mock refused it.
import { describe, expect, it } from 'vitest'
import { admin, entriesOf } from '../support/admin.ts'
import { connect, request, SESSIONS } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import { ITEM, LIBRARY, unknownId, type Client, type Message } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { invocation, UPDATE_SESSION } from '../support/json-rpc.ts'
import { cookieOf, login as loginOverSoap, methodCall, post, readProperty } from '../support/soap.ts'

type Shown = {
  response: { status: number; headers: Record<string, string>; body: string }
  why?: { messages: [Message] }
}
const REST = '/rest/com/vmware/content/library/item/update-session'
const PROBE = '/rest/com/vmware/content/library/item/updatesession/file?~action=probe'

/** The newest entry, once there are so many. */
async function newest(user: string, count: number): Promise<Shown> {
  for (;;) {
    const shown = await entriesOf<Shown>(user)
    if (shown.length >= count) return shown[0]
  }
}

const json = { 'content-type': 'application/json' }
const POST = { method: 'POST' }
const rpc = (operation: string, input: object, service = UPDATE_SESSION): [string, RequestInit] => [
  '/api',
  { ...POST, headers: json, body: JSON.stringify({ ...invocation({ service, operation, input }), id: 'seven' }) },
]

/** What is sent, in a session of the client that is ACTIVE. */
const REQUESTS: [string, (id: string) => [path: string, init: RequestInit]][] = [
  ['a success without a body over /api', (id) => [`${SESSIONS}/${id}?action=cancel`, POST]],
  ['a list over /api', () => [SESSIONS, {}]],
  ['a HEAD over /api', (id) => [`${SESSIONS}/${id}`, { method: 'HEAD' }]],
  ['a refusal by a rule over /api', (id) => [`${SESSIONS}/${id}`, { method: 'DELETE' }]],
  ['an unknown id over /api', () => [`${SESSIONS}/${unknownId()}?action=cancel`, POST]],
  ['an input that is not valid over /api', () => [SESSIONS, { ...POST, headers: json, body: '{"nonsense":1}' }]],
  ['a path that means no operation over /api', () => ['/api/nonsense', {}]],
  ['an action that is not there over /api', (id) => [`${SESSIONS}/${id}?action=stop`, POST]],
  ['a success without a value over /rest', (id) => [`${REST}/id:${id}?~action=cancel`, POST]],
  ['a value over /rest', (id) => [`${REST}/id:${id}`, {}]],
  ['a refusal over /rest', (id) => [`${REST}/id:${id}`, { method: 'DELETE' }]],
  ['a value over JSON-RPC', (id) => rpc('get', { update_session_id: id })],
  ['a refusal over JSON-RPC', (id) => rpc('delete', { update_session_id: id })],
  ['an operation that is not there over JSON-RPC', () => rpc('stop', {})],
  ['what is no call over JSON-RPC', () => ['/api', { ...POST, headers: json, body: '7' }]],
  ['an introspection', () => rpc('list', {}, 'com.vmware.vapi.std.introspection.service')],
  ['a path of nothing', () => ['/nowhere', {}]],
  // It is known only after the sandbox has answered.
  [
    'a probe of a source',
    () => [PROBE, { ...POST, headers: json, body: '{"source_endpoint":{"uri":"ftp://host/a"}}' }],
  ],
]

describe('the journal shows what was sent of', () => {
  it.each(REQUESTS)('%s', async (_, ask) => {
    const client = await connect()
    const [path, { headers, ...init }] = ask(await client.create({ library_item_id: ITEM }))
    const sent = await request(path, {
      ...init,
      headers: [...new Headers(headers), ['vmware-api-session-id', client.token]],
    })

    await expectShown(client, sent, 3)
  })

  it('an answer that a fault has replaced', async () => {
    const client = await connect()
    const fault = { id: 'my-fault', operation: 'update_session.list', status: 418, body: 'tea' }
    await admin(client.user, 'POST', '/faults', fault)
    const sent = await request(SESSIONS, { headers: { 'vmware-api-session-id': client.token } })

    await expectShown(client, sent, 2)
    expect(await newest(client.user, 2)).toMatchObject({ fault: 'my-fault', why: { by: 'fault' } })
  })

  it('an upload and a download', async () => {
    const { client, id } = await aSession()
    const file = await filesOf(client, id).push('a.iso')
    expect(await upload(file, 'bytes')).toBe(200)
    expect((await newest(client.user, 4)).response).toEqual({ status: 200, headers: {}, body: '' })
    await client.complete(id)

    const path = `/cls/static/${LIBRARY}/${ITEM}/a.iso`
    const got = await request(path, { headers: { 'vmware-api-session-id': client.token } })

    expect(await got.clone().text()).toBe('bytes')
    const { response } = await newest(client.user, 6)
    expect(response).toEqual({ status: 200, headers: headersOf(got), body: '' })
    expect(response.headers).toMatchObject({ 'content-length': '5', etag: expect.stringMatching(/^"[\da-f-]{36}"$/) })
  })

  it('JSON-RPC: what is no call, without its words where the session has ended', async () => {
    const client = await connect()
    await client.logout()
    const headers = { 'vmware-api-session-id': client.token, ...json }
    await request('/api', { method: 'POST', headers, body: '{' })

    const { response, why } = await newest(client.user, 3)

    expect(why?.messages[0].default_message).toMatch(/^The request body is not JSON: Expected property name/)
    const error = { code: -32700, message: 'Parse error.' }
    expect(JSON.parse(response.body)).toEqual({ jsonrpc: '2.0', id: null, error })
  })

  it('SOAP: one entry for each request', async () => {
    const client = await connect()
    const login = await loginOverSoap(client.user)
    await expectShown(client, login, 2)
    const cookie = cookieOf(login)
    await expectShown(client, await post(readProperty('SessionManager', 'currentSession'), { cookie }), 3)
    await expectShown(client, await post(methodCall('Logout', 'SessionManager'), { cookie }), 4)
    await expectShown(client, await post(methodCall('Logout', 'SessionManager'), { cookie }), 5)
    await expectShown(client, await post(methodCall('RetrieveServiceContent', 'ServiceInstance'), { cookie }), 6)
  })
})

async function expectShown({ user }: Client, sent: Response, count: number): Promise<void> {
  const { response } = await newest(user, count)
  // On a connection its server says the length.
  const { 'content-length': _, ...headers } = headersOf(sent)
  expect(response).toEqual({ status: sent.status, headers, body: await sent.text() })
}

/** A cookie is a secret. */
const headersOf = ({ headers }: Response) => Object.fromEntries([...headers].filter(([name]) => name !== 'set-cookie'))
