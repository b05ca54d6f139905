// A request that means no operation is in the journal of the user who asked, whatever proves who that is.
import { describe, expect, it } from 'vitest'
import { admin, entriesOf } from '../support/admin.ts'
import { basic, connect, request } from '../support/api.ts'
import type { Client } from '../support/client.ts'
import { invocation, post, withSession } from '../support/json-rpc.ts'
import { cookieOf, login, methodCall, post as postSoap } from '../support/soap.ts'

const unmatched = ({ user }: Client) => entriesOf<{ request: { headers: object } }>(user, '?unmatched=true')
const get = (headers: Record<string, string>, base = '/api') => request(`${base}/vcenter/vm`, { headers })
const missing = { service: 'com.vmware.content.subscribed_library', operation: 'sync' }
const callOf = (token: string) => JSON.stringify(invocation({ ...missing, securityCtx: withSession(token) }))
const POWER_ON = methodCall('PowerOnVM_Task', 'vm-1')

describe('a request for what is not there', () => {
  it.each<[string, string, (client: Client) => Promise<Response>]>([
    ['/api, with a token', 'api', ({ token }) => get({ 'vmware-api-session-id': token })],
    ['/api, with a bearer', 'api', ({ token }) => get({ authorization: `Bearer ${token}` })],
    ['/api, with a password', 'api', ({ user }) => get({ authorization: basic(user) })],
    ['/api, with a cookie', 'api', ({ token }) => get({ cookie: `vmware-api-session-id=${token}` })],
    ['an upload', 'upload', ({ token }) => request(`/cls/data/${token}/a`, { headers: { accept: '*/*' } })],
    ['/rest', 'rest', ({ token }) => get({ 'vmware-api-session-id': token }, '/rest')],
    ['JSON-RPC', 'json-rpc', ({ token }) => post(callOf(token))],
    ['SOAP', 'soap', async ({ user }) => postSoap(POWER_ON, { cookie: cookieOf(await login(user)) })],
  ])('through %s is in the journal of its user', async (_, binding, ask) => {
    const client = await connect()

    await ask(client)

    const found = await unmatched(client)
    expect(found).toMatchObject([{ binding, why: { by: expect.stringMatching(/routing|rule/) } }])
    // Of one that is not authenticated none is kept.
    expect(found[0].request.headers).not.toEqual({})
    expect((await admin(client.user, 'POST', '/requests/count', { operation: 'cancel' })).body).toMatchObject({
      count: 0,
    })
    // In WireMock's own form of this call a request has no answer.
    const { body } = await admin(client.user, 'GET', '/requests/unmatched')
    expect(body['requests']).toEqual([found[0].request])
  })

  it('with a bad token, or the cookie of a user of another site, is in no journal', async () => {
    const client = await connect()
    await get({ 'vmware-api-session-id': 'abc' })
    await get({ cookie: `vmware-api-session-id=${client.token}`, origin: 'https://evil.example' })
    expect(await unmatched(client)).toEqual([])
  })
})
