// A request that means no operation is in the journal of the user who asked, whatever proves who that is.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { basic, connect, request } from '../support/api.ts'
import type { Client } from '../support/client.ts'
import { invocation, post, withSession } from '../support/json-rpc.ts'
import { cookieOf, login, methodCall, post as postSoap } from '../support/soap.ts'

const unmatched = async ({ user }: Client) => {
  const { body } = await admin(user, 'GET', '/requests?unmatched=true')
  return body['requests'] as unknown as [{ request: object }]
}
const missing = { service: 'com.vmware.content.subscribed_library', operation: 'sync' }

describe('a request for what is not there', () => {
  it.each<[string, string, (client: Client) => Promise<Response>]>([
    [
      '/api, with a token',
      'api',
      ({ token }) => request('/api/vcenter/vm', { headers: { 'vmware-api-session-id': token } }),
    ],
    [
      '/api, with a bearer',
      'api',
      ({ token }) => request('/api/vcenter/vm', { headers: { authorization: `Bearer ${token}` } }),
    ],
    [
      '/api, with a password',
      'api',
      ({ user }) => request('/api/vcenter/vm', { headers: { authorization: basic(user) } }),
    ],
    [
      '/api, with a cookie',
      'api',
      ({ token }) => request('/api/vcenter/vm', { headers: { cookie: `vmware-api-session-id=${token}` } }),
    ],
    ['/rest', 'rest', ({ token }) => request('/rest/vcenter/vm', { headers: { 'vmware-api-session-id': token } })],
    [
      'JSON-RPC',
      'json-rpc',
      ({ token }) => post(JSON.stringify(invocation({ ...missing, securityCtx: withSession(token) }))),
    ],
    [
      'SOAP',
      'soap',
      async ({ user }) => postSoap(methodCall('PowerOnVM_Task', 'vm-1'), { cookie: cookieOf(await login(user)) }),
    ],
  ])('through %s is in the journal of its user', async (_, binding, ask) => {
    const client = await connect()

    await ask(client)

    const found = await unmatched(client)
    expect(found).toMatchObject([{ binding, why: { by: expect.stringMatching(/routing|rule/) } }])
    // In WireMock's own form of this call a request has no answer.
    const { body } = await admin(client.user, 'GET', '/requests/unmatched')
    expect(body['requests']).toEqual([found[0].request])
  })

  it.each<[string, (client: Client) => Promise<Response>]>([
    ['a bad token', () => request('/api/vcenter/vm', { headers: { 'vmware-api-session-id': 'abc' } })],
    [
      'a page of another site',
      ({ token }) =>
        request('/api/vcenter/vm', {
          headers: { cookie: `vmware-api-session-id=${token}`, origin: 'https://evil.example' },
        }),
    ],
  ])('with %s is in no journal', async (_, ask) => {
    const client = await connect()

    await ask(client)

    expect(await unmatched(client)).toEqual([])
  })
})
