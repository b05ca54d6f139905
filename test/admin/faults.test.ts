import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { aSession, LARGE } from '../support/bytes.ts'
import { bindings, connect, freshUser, request, SESSIONS } from '../support/api.ts'
import { ITEM, LIBRARY } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { fetchWith } from '../support/worker.ts'

describe.each(bindings)('a fault through $name', ({ connect }) => {
  it('fails one session twice, and then the operation works', async () => {
    const { client, id } = await aSession(connect)
    const fault = { operation: 'cancel', match: { update_session_id: id }, error: 'SERVICE_UNAVAILABLE', times: 2 }
    await admin(client.user, 'POST', '/faults', fault)

    await expect(client.cancel('another')).rejects.toMatchObject({ status: 404 })
    const messages = [{ default_message: 'A fault was asked for.' }]
    const refusal = { status: 503, errorType: 'SERVICE_UNAVAILABLE', messages }
    await expect(client.cancel(id)).rejects.toMatchObject(refusal)
    await expect(client.cancel(id)).rejects.toMatchObject({ status: 503 })
    await client.cancel(id)

    await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it('has the message that was asked for', async () => {
    const { client, id } = await aSession(connect)
    const error = 'UNABLE_TO_ALLOCATE_RESOURCE'
    const [message_id, message, args] = ['com.vmware.vdcs.util.full', 'It is full.', ['datastore-1']]
    await admin(client.user, 'POST', '/faults', { operation: 'complete', error, message, message_id, args })

    const messages = [{ id: message_id, default_message: message, args }]
    await expect(client.complete(id)).rejects.toMatchObject({ errorType: error, messages })
  })

  it('fails the login of the user that it is for', async () => {
    const user = freshUser()
    await admin(user, 'POST', '/faults', { operation: 'session.create', error: 'SERVICE_UNAVAILABLE' })
    await expect(connect(user)).rejects.toMatchObject({ status: 503 })
    await expect(connect()).resolves.toMatchObject({})
  })
})

const expectRefused = async (user: string, method: string, body: object, why: RegExp) =>
  expect(await admin(user, method, '/faults', body)).toMatchObject({
    status: 422,
    body: { errors: [{ title: expect.stringMatching(why) }] },
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
    const { client, id, files } = await aSession()
    for (const fault of [
      { operation: 'upload', delay: '1ms' },
      { operation: 'cancel', delay: '300ms' },
    ])
      await admin(client.user, 'POST', '/faults', fault)
    expect(await upload(await files.push('a.iso'), LARGE)).toBe(200)
    const startedAt = Date.now()

    await client.cancel(id)

    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(300)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it('fails a part of the requests', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { operation: 'list', error: 'RESOURCE_BUSY', probability: 0.5 })

    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => client.list()))

    // Were the coin fair, one run in 10^17 would fall outside.
    const applied = outcomes.filter(({ status }) => status === 'rejected').length
    expect(applied).toBeGreaterThan(40)
    expect(applied).toBeLessThan(160)
  })

  it('fails a download, which it refuses or breaks off', async () => {
    const { client, id } = await aSession()
    await upload(await filesOf(client, id).push('disk.vmdk'), 'ten bytes.')
    await client.complete(id)
    const headers = { 'vmware-api-session-id': client.token }
    const fetchFile = () => request(`/cls/static/${LIBRARY}/${ITEM}/disk.vmdk`, { headers })
    for (const what of [{ error: 'SERVICE_UNAVAILABLE' }, { connection: 'truncate' }])
      await admin(client.user, 'POST', '/faults', { operation: 'download', ...what, times: 1 })

    const [refused, broken, whole] = [await fetchFile(), await fetchFile(), await fetchFile()]

    expect([refused.status, broken.status, whole.status]).toEqual([503, 200, 200])
    const reader = broken.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader?.read()).toEqual({ done: false, value: 'ten b' })
    await expect(reader?.read()).rejects.toBeDefined()
    expect(await whole.text()).toBe('ten bytes.')
  })

  it('is listed with what it has done, and can be removed', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { id: 'one', operation: 'list', error: 'RESOURCE_BUSY' })
    await expect(client.list()).rejects.toThrow()

    const { body } = await admin(client.user, 'GET', '/faults')
    await admin(client.user, 'DELETE', '/faults/one')

    expect(body['faults']).toMatchObject([{ id: 'one', error: 'RESOURCE_BUSY', seen: 1, applied: 1 }])
    expect((await admin(client.user, 'DELETE', '/faults/one')).status).toBe(404)
    await expect(client.list()).resolves.toEqual([])
  })

  it('is one of a hundred at most', async () => {
    const user = freshUser()
    const faults = Array.from({ length: 100 }, (_, at) => ({ id: `fault-${at}`, error: 'RESOURCE_BUSY' }))
    // These replace all others.
    await admin(user, 'POST', '/faults', { error: 'NOT_FOUND' })
    await admin(user, 'PUT', '/faults', { faults })

    await expectRefused(user, 'POST', { error: 'RESOURCE_BUSY' }, /at most 100 faults. DELETE/)
    expect((await admin(user, 'POST', '/faults', { id: 'fault-7', error: 'NOT_FOUND' })).status).toBe(200)
    const { body } = await admin(user, 'GET', '/faults')
    expect(body['faults']).toHaveLength(100)
    expect(body['faults']).toMatchObject({ 7: { id: 'fault-7', error: 'NOT_FOUND' } })
    await admin(user, 'DELETE', '/faults')
    expect((await admin(user, 'GET', '/faults')).body).toEqual({ faults: [] })
  })

  it('is not given twice under one id', async () => {
    const faults = ['NOT_FOUND', 'RESOURCE_BUSY'].map((error) => ({ id: 'one', error }))
    await expectRefused(freshUser(), 'PUT', { faults }, /one id is given twice/)
  })

  it('that is one of a list is named by its place there', async () => {
    const match = { update_session_id: 5 }
    const faults = [{ delay: 1 }, { operation: 'cancel', match, delay: 1 }]
    await expectRefused(freshUser(), 'PUT', { faults }, /^The field faults\.1\.match\.update_session_id: .*string/)
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
    [{ error: 'NOT_FOUND', args: Array(11).fill('a') }, /args/],
    [{ delay: 1, match: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`field-${at}`, 1])) }, /match/],
    [{ delay: 1, match: { update_session_id: 'x'.repeat(1000) } }, /match.*1000 characters/],
    [{ error: 'NOT_FOUND', id: 'line\nbreak' }, /id: it has a control character/],
    [{ error: 'NOT_FOUND', id: 'no\u0000thing' }, /id: it has a control character/],
    [{ error: 'NOT_FOUND', id: '..' }, /id: no path can lead to/],
    [{ error: 'NOT_FOUND', id: '' }, /The field id/],
    [{ when: 'before', error: 'NOT_FOUND' }, /give connection, too/],
    [{ after_bytes: 1, status: 500 }, /give connection, too/],
    [{ connection: 'reset', when: 'before', after_bytes: 1 }, /either when/],
    [{ connection: 'truncate', when: 'after', error: 'NOT_FOUND' }, /leave when out/],
    [{ connection: 'reset', message_id: 'a' }, /give error, too/],
    [{ status: 503, message: 'Try again.' }, /give error, too/],
    [{ error: 'NOT_FOUND', body: 'Try again.' }, /give status, too/],
    [
      { operation: 'update_session.create', match: { library_item_id: 'x' }, delay: 1 },
      /no field match\.library_item_id\./,
    ],
    [{ operation: 'file.add', match: { file_spec: { nam: 'x' } }, delay: 1 }, /no field match\.file_spec\.nam\./],
    [{ operation: 'upload', match: { library_item_id: 'x' }, delay: 1 }, /no field match\.library_item_id\./],
    [{ match: { status: 'READY' }, delay: 1 }, /no field match\.status\./],
    [{ match: { update_session_id: 5 }, delay: 1 }, /match\.update_session_id: .*string/],
    [{ operation: 'file.add', match: { file_spec: null }, delay: 1 }, /match\.file_spec: .*object/],
    [
      { operation: 'file.add', match: { file_spec: { source_type: 'PUL' } }, delay: 1 },
      /match\.file_spec\.source_type/,
    ],
    [{ operation: 'fail', match: { client_error_message: [] }, delay: 1 }, /match\.client_error_message: .*string/],
    [{ operation: 'cancel', connection: 'reset', after_bytes: 1 }, /after_bytes is of/],
  ])('made of %j is refused', (fault, why) => expectRefused(freshUser(), 'POST', fault, why))

  it.each([
    ['file.add', { file_spec: { source_type: 'PULL' } }],
    ['file.add', { file_spec: { source_endpoint: {} } }],
    ['update_session.update', { update_spec: { warning_behavior: [{ ignored: true }] } }],
    ['*', { file_name: 'disk.vmdk' }],
  ])('for %s may match a part of its input: %j', async (operation, match) => {
    const fault = { operation, match, delay: 1 }
    expect(await admin(freshUser(), 'POST', '/faults', fault)).toMatchObject({ status: 200, body: fault })
  })

  it('of a connection is refused where something stands between the mock and its clients', async () => {
    const headers = { host: 'localhost:8989', 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ connection: 'reset' }) }
    const asked = new Request('http://localhost:8989/__admin/faults', init)

    const answer = await fetchWith({ OWN_CONNECTIONS: undefined }, asked)

    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('the proxy of `npm run dev`')])
  })

  it('meets nothing that a test sets up', async () => {
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
