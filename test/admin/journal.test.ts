import { describe, expect, it } from 'vitest'
import { admin, entriesOf } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { basic, bindings, connect, request, SESSIONS } from '../support/api.ts'
import { ITEM, type Client } from '../support/client.ts'
import { upload } from '../support/files.ts'

describe.each(bindings)('the journal of a sandbox, asked through $name,', ({ connect }) => {
  it('names the operation and the user', async () => {
    const client = await connect()
    await client.list()

    const { body } = await admin(client.user, 'GET', '/requests')

    const entry = (name: string) => ({ operation: `com.vmware.${name}`, user: client.user, wasMatched: true })
    const requests = [entry('content.library.item.update_session.list'), entry('cis.session.create')]
    expect(body).toMatchObject({ meta: { total: 2 }, requests })
  })

  it('says which rule refused, and in which words', async () => {
    const { client, id } = await aSession(connect)
    await client.cancel(id)
    await expect(client.cancel(id)).rejects.toThrow()

    const why = { by: 'rule', type: 'NOT_ALLOWED_IN_CURRENT_STATE', messages: [{ args: ['cancel', 'CANCELED'] }] }
    expect(await newest(client)).toMatchObject({ why })
  })

  it.each([{ library_item_id: 7 }, { nonsense: true }])('tells that validation has refused %j', async (spec) => {
    const client = await connect()
    await expect(client.create(spec)).rejects.toThrow()
    expect(await newest(client)).toMatchObject({ why: { by: 'validation' } })
  })

  it('keeps no password and no token', async () => {
    const { client, files } = await aSession(connect)
    const file = await files.push('disk.vmdk')
    const uploadToken = file.upload_endpoint?.uri.split('/').at(-2) ?? 'none'
    await upload(file, 'bytes')

    await expect.poll(() => textOf(client.user)).toContain('PUT')
    const text = await textOf(client.user)
    expect(text).toContain('/cls/data/***/disk.vmdk')
    const password = ['"secret', basic(client.user).replace('Basic ', '')] // as JSON-RPC has it, and as the others
    for (const secret of [client.token, uploadToken, ...password]) expect(text).not.toContain(secret)
  })
})

describe('the journal of a sandbox', () => {
  it('tells a refusal of what could not be read', async () => {
    const client = await connect()
    const headers = { 'vmware-api-session-id': client.token, 'content-type': 'application/json' }
    await request(SESSIONS, { method: 'POST', headers, body: '{"library_item' })
    expect(await newest(client)).toMatchObject({ why: { by: 'reading' }, request: { body: '{"library_item' } })
  })

  it('keeps harmless headers, of proofs only that they were sent, and no others', async () => {
    const client = await connect()
    const agent = `tester/1 ${client.token} ${'x'.repeat(300)}`
    await request(SESSIONS, { headers: { 'vmware-api-session-id': client.token, 'user-agent': agent, 'x-mine': 'x' } })

    const { request: logged } = await newest(client)
    const kept = {
      'vmware-api-session-id': '***',
      'user-agent': expect.stringMatching(/^tester\/1 \*\*\* x+$/) as string,
    }
    expect(logged.headers).toEqual(kept)
    expect(logged.headers['user-agent']?.length).toBeLessThanOrEqual(256)
  })

  it('cuts long bodies, and says so', async () => {
    const client = await connect()
    await expect(client.create({ library_item_id: 'x'.repeat(10_000) })).rejects.toThrow()
    const { request: logged } = await newest(client)
    expect([logged.body.length, logged.bodyTruncated]).toEqual([4096, true])
  })

  it('leaves no part of a secret where it cuts a body, an address or a message', async () => {
    const client = await connect()
    const secret = '0123456789abcdef'.repeat(4)
    const name = `${'x'.repeat(4040)}${secret}`
    const headers = { 'vmware-api-session-id': client.token, 'content-type': 'application/json' }
    const body = JSON.stringify({ password: name, library_item_id: ITEM })
    await request(`${SESSIONS}?${'x'.repeat(950)}&sig=${secret}`, { method: 'POST', headers, body })
    await request(`/api/${'x'.repeat(970)}/x.${secret}`, { headers })
    await request(`${SESSIONS}/x.${secret}?action=cancel`, { method: 'POST', headers })

    await expect.poll(() => textOf(client.user)).toContain('xx/***')
    expect(await textOf(client.user)).not.toContain(secret.slice(0, 6))
  })

  it.each([
    [{ method: 'POST' }, 3],
    [{ method: 'ANY' }, 4],
    [{ urlPath: SESSIONS }, 2],
    [{ urlPathGlob: '*/api/session*' }, 1],
    [{ urlGlob: '*action=cancel' }, 1],
    [{ url: '/api/session' }, 1],
    [{ operation: 'update_session.cancel' }, 1],
    [{ status: 200 }, 1],
    [{ queryParameters: { action: { equalTo: 'cancel' } } }, 1],
    [{ headers: { Authorization: { absent: false, contains: '*' } } }, 1],
    [{ headers: { 'content-type': { glob: '*/json' } } }, 1],
    [{ bodyPatterns: [{ contains: ITEM }] }, 1],
    [{ bodyPatterns: [{ glob: `*"${ITEM}"}` }] }, 1],
    [{ bodyPatterns: [{ absent: true }], method: 'GET' }, 1],
  ])('counts, finds and removes by %j', async (pattern, count) => {
    const client = await connect()
    await client.cancel(await client.create({ library_item_id: ITEM }))
    await client.list()

    expect((await admin(client.user, 'POST', '/requests/count', pattern)).body).toMatchObject({ count })
    const found = await admin(client.user, 'POST', '/requests/find', pattern)
    expect(found.body['requests']).toHaveLength(count)
    const removed = await admin(client.user, 'POST', '/requests/remove', pattern)
    expect(removed.body['serveEvents']).toHaveLength(count)
    expect((await admin(client.user, 'GET', '/requests')).body['meta']).toEqual({ total: 4 - count })
  })

  it('gives the requests since a moment, and says how many these are', async () => {
    const before = Date.now()
    const client = await connect()
    const { loggedDate } = (await newest(client)).request
    const since = async (at: number) =>
      (await admin(client.user, 'GET', `/requests?since=${new Date(at).toISOString()}`)).body

    expect(loggedDate).toBeGreaterThanOrEqual(before)
    expect(await since(loggedDate)).toMatchObject({ meta: { total: 1 }, requests: [{ request: { loggedDate } }] })
    expect(await since(loggedDate + 1)).toMatchObject({ meta: { total: 0 }, requests: [] })
  })

  it('gives one request by its id, and takes it out', async () => {
    const client = await connect()
    const { id } = await newest(client)

    expect((await admin(client.user, 'GET', `/requests/${id}`)).body).toMatchObject({ id })
    expect((await admin(client.user, 'DELETE', `/requests/${id}`)).status).toBe(200)
    expect((await admin(client.user, 'GET', `/requests/${id}`)).status).toBe(404)
  })
})

/** Requests without an operation are noted after their answer. */
const textOf = async (user: string) => JSON.stringify((await admin(user, 'GET', '/requests')).body)

type Sent = { headers: Record<string, string>; body: string; bodyTruncated: boolean; loggedDate: number }
type Logged = { id: string; request: Sent }
const newest = async ({ user }: Client) => (await entriesOf<Logged>(user, '?limit=1'))[0]
