import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { bindings, connect, freshUser, request, SESSIONS } from '../support/api.ts'
import { ITEM, LIBRARY } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { fetchWith } from '../support/worker.ts'

describe.each(bindings)('a fault through $name', ({ connect }) => {
  it('strikes twice, and then the operation works', async () => {
    const { client, id } = await aSession(connect)
    await admin(client.user, 'POST', '/faults', { operation: 'cancel', error: 'SERVICE_UNAVAILABLE', times: 2 })

    await expect(client.cancel(id)).rejects.toMatchObject({ status: 503, errorType: 'SERVICE_UNAVAILABLE' })
    await expect(client.cancel(id)).rejects.toMatchObject({ status: 503 })
    await client.cancel(id)

    await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it('strikes one session and not another', async () => {
    const { client, id } = await aSession(connect)
    const match = { update_session_id: 'another' }
    await admin(client.user, 'POST', '/faults', { operation: 'update_session.get', match, error: 'NOT_FOUND' })

    await expect(client.get(id)).resolves.toMatchObject({ id })
  })

  it('strikes a login, of whom it is for', async () => {
    const user = freshUser()
    await admin(user, 'POST', '/faults', { operation: 'session.create', error: 'SERVICE_UNAVAILABLE' })

    await expect(connect(user)).rejects.toMatchObject({ status: 503 })
    await expect(connect()).resolves.toMatchObject({})
  })
})

// What a fault does to an answer it does whatever binding has made that: from here on it is /api.
describe('a fault', () => {
  it('answers with a status and a body of its own', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { operation: 'update_session.list', status: 502, body: 'bad gateway' })

    const response = await request(SESSIONS, { headers: { 'vmware-api-session-id': client.token } })

    expect(response.status).toBe(502)
    expect(response.headers.get('x-mock-fault')).not.toBeNull()
    await expect(response.text()).resolves.toBe('bad gateway')
  })

  it('delays the answer of an operation that is carried out', async () => {
    const { client, id } = await aSession()
    await admin(client.user, 'POST', '/faults', { operation: 'cancel', delay: '300ms' })
    const startedAt = Date.now()

    await client.cancel(id)

    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(300)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it('strikes a part of the requests', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { operation: 'list', error: 'RESOURCE_BUSY', probability: 0.5 })

    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => client.list()))

    // Were the coin fair, one run in 10^17 would fall outside.
    const applied = outcomes.filter(({ status }) => status === 'rejected').length
    expect(applied).toBeGreaterThan(40)
    expect(applied).toBeLessThan(160)
  })

  it('strikes a download, which it refuses or breaks off', async () => {
    const { client, id } = await aSession()
    await upload(await filesOf(client, id).push('disk.vmdk'), 'ten bytes.')
    await client.complete(id)
    const headers = { 'vmware-api-session-id': client.token }
    const fetchFile = () => request(`/cls/static/${LIBRARY}/${ITEM}/disk.vmdk`, { headers })
    await admin(client.user, 'POST', '/faults', { operation: 'download', error: 'SERVICE_UNAVAILABLE', times: 1 })
    await admin(client.user, 'POST', '/faults', { operation: 'download', connection: 'truncate', times: 1 })

    const [refused, broken, whole] = [await fetchFile(), await fetchFile(), await fetchFile()]

    expect([refused.status, broken.status, whole.status]).toEqual([503, 200, 200])
    expect(await beforeTheBreak(broken)).toBe('ten b')
    expect(await whole.text()).toBe('ten bytes.')
  })

  it('is named in the journal', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { id: 'my-fault', operation: 'list', status: 500 })
    await expect(client.list()).rejects.toThrow()

    const { body } = await admin(client.user, 'GET', '/requests?limit=1')

    expect(body['requests']).toMatchObject([{ fault: 'my-fault', response: { status: 500 }, why: { by: 'fault' } }])
  })

  it('is listed with what it has done, and can be removed', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { id: 'one', operation: 'list', error: 'RESOURCE_BUSY' })
    await expect(client.list()).rejects.toThrow()

    const { body } = await admin(client.user, 'GET', '/faults')
    await admin(client.user, 'DELETE', '/faults/one')

    expect(body['faults']).toMatchObject([{ id: 'one', error: 'RESOURCE_BUSY', seen: 1, applied: 1 }])
    await expect(client.list()).resolves.toEqual([])
  })

  it('is one of a hundred at most', async () => {
    const user = freshUser()
    const faults = Array.from({ length: 100 }, (_, at) => ({ id: `fault-${at}`, error: 'RESOURCE_BUSY' }))
    // These replace all others.
    await admin(user, 'POST', '/faults', { error: 'NOT_FOUND' })
    await admin(user, 'PUT', '/faults', { faults })

    const another = await admin(user, 'POST', '/faults', { error: 'RESOURCE_BUSY' })
    const same = await admin(user, 'POST', '/faults', { id: 'fault-7', error: 'NOT_FOUND' })

    expect(another.status).toBe(422)
    expect(another.body['errors']).toMatchObject([{ title: expect.stringMatching('at most 100 faults. DELETE') }])
    expect(same.status).toBe(200)
    const { body } = await admin(user, 'GET', '/faults')
    expect(body['faults']).toHaveLength(100)
    expect(body['faults']).toMatchObject({ 7: { id: 'fault-7', error: 'NOT_FOUND' } })
  })

  it('is not given twice under one id', async () => {
    const faults = ['NOT_FOUND', 'RESOURCE_BUSY'].map((error) => ({ id: 'one', error }))

    const { status, body } = await admin(freshUser(), 'PUT', '/faults', { faults })

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ title: expect.stringMatching('one id is given twice') }])
  })

  it.each([
    [{}, /error, status, delay or connection/],
    [{ operation: 'frobnicate', error: 'NOT_FOUND' }, /frobnicate/],
    [{ error: 'NOT_FOUND', status: 404 }, /either/],
    [{ error: 'TEAPOT' }, /error/],
    [{ status: 200 }, /status/],
    [{ delay: '11m' }, /10 minutes/],
    [{ error: 'NOT_FOUND', probability: 2 }, /probability/],
    [{ error: 'NOT_FOUND', time: 1 }, /no field time/],
    [{ error: 'NOT_FOUND', id: 'line\nbreak' }, /id: it has a control character/],
    [{ error: 'NOT_FOUND', id: 'no\u0000thing' }, /id: it has a control character/],
    [{ error: 'NOT_FOUND', id: '..' }, /id: no path can lead to/],
    [{ when: 'before', error: 'NOT_FOUND' }, /give connection, too/],
    [{ after_bytes: 1, status: 500 }, /give connection, too/],
    [{ connection: 'reset', when: 'before', after_bytes: 1 }, /either when/],
    [{ connection: 'reset', message_id: 'a' }, /give error, too/],
    [{ status: 503, message: 'Try again.' }, /give error, too/],
    [{ error: 'NOT_FOUND', body: 'Try again.' }, /give status, too/],
  ])('made of %j is refused', async (fault, why) => {
    const { status, body } = await admin(freshUser(), 'POST', '/faults', fault)

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ title: expect.stringMatching(why) }])
  })
})

/** The part of a body that comes before it breaks off; a body that ends as it should is refused. */
async function beforeTheBreak({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const piece of body ?? []) text += decoder.decode(piece)
  } catch {
    return text
  }
  throw new Error('the body did not break off')
}

describe('a broken connection', () => {
  it('is refused where something stands between the mock and its clients', async () => {
    const headers = { host: 'localhost:8989', 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ connection: 'reset' }) }
    const asked = new Request('http://localhost:8989/__admin/faults', init)

    const answer = await fetchWith({ OWN_CONNECTIONS: undefined }, asked)

    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('proxy that repeats requests')])
  })
})

describe('the message of a fault', () => {
  const FULL = 'com.vmware.vdcs.util.unable_to_allocate_resource'

  it.each(bindings)('has the id and the arguments that were asked for, through $name', async ({ connect }) => {
    const { client, id } = await aSession(connect)
    const error = 'UNABLE_TO_ALLOCATE_RESOURCE'
    const fault = { operation: 'complete', error, message: 'It is full.', message_id: FULL, args: ['datastore-1'] }
    await admin(client.user, 'POST', '/faults', fault)

    const messages = [{ id: FULL, default_message: 'It is full.', args: ['datastore-1'] }]
    await expect(client.complete(id)).rejects.toMatchObject({ errorType: error, messages })
  })
})

describe('what a test sets up', () => {
  it('is met by no fault', async () => {
    const user = freshUser()
    await admin(user, 'POST', '/faults', { operation: '*', error: 'SERVICE_UNAVAILABLE' })
    const file = { name: 'disk.vmdk', status: 'READY', content: 'bytes' }

    const seeded = await admin(user, 'POST', '/sessions', { files: [file] })
    const state = await admin(user, 'POST', '/pact/provider-states', { state: 'an update session' })

    expect([seeded.status, state.status]).toEqual([201, 200])
    expect(state.body).toHaveProperty('update_session_id')
    expect((await admin(user, 'GET', '/faults')).body).toMatchObject({ faults: [{ applied: 0 }] })
  })
})
