// Provider states as pacts write them whose consumers have no generators, and as verifiers can be told to send them.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { connect, freshUser, request } from '../support/api.ts'
import { ITEM } from '../support/client.ts'
import { rowsOf } from '../support/sandbox.ts'

const PATH = '/pact/provider-states'
const change = (sandbox: string, state: string, params: object = {}, action = 'setup') =>
  admin(sandbox, 'POST', PATH, { state, params, action })
const asQuery = (sandbox: string, query: Record<string, string>) =>
  admin(sandbox, 'POST', `${PATH}?${new URLSearchParams(query).toString()}`)

const ID = { update_session_id: 'some-id' }
describe('ids of the choice of a pact', () => {
  it.each([
    ['as parameters', 'an update session', { update_session_id: 'some-id', state: 'DONE' }],
    ['behind the name, as in a V2 pact', 'an update session {"update_session_id": "some-id", "state": "DONE"}', {}],
    ['behind "with", beside others', 'an update session with {"update_session_id":"some-id"}', { state: 'DONE' }],
    ['which go before those behind the name', 'an update session {"update_session_id":"a","state":"DONE"}', ID],
  ])('%s are those of the session', async (_, state, params) => {
    const client = await connect()
    const { status, body } = await change(client.user, state, params)
    expect([status, body['update_session_id']]).toEqual([200, 'some-id'])
    expect(await client.get('some-id')).toMatchObject({ id: 'some-id', state: 'DONE' })
  })

  it('may come with a login in one state, since a V2 pact has but one', async () => {
    const user = freshUser()
    const { body } = await change(user, 'an API session and an update session {"update_session_id": "some-id"}')
    expect(body).toMatchObject({ token: expect.any(String), update_session_id: 'some-id' })
    expect((await change(user, 'an update session and a full moon')).status).toBe(422)
  })

  it('are free again for the next interaction, also where the verifier sends no teardown', async () => {
    const client = await connect()
    await change(client.user, 'an update session', { update_session_id: 'some-id', state: 'DONE' })

    expect((await change(client.user, 'an update session', { update_session_id: 'some-id' })).status).toBe(200)
    expect(await client.get('some-id')).toMatchObject({ state: 'ACTIVE' })
    expect((await change(client.user, 'no update session', { update_session_id: 'some-id' })).status).toBe(200)
    await expect(client.get('some-id')).rejects.toMatchObject({ status: 404 })
  })

  it('may be that of an item which is in use', async () => {
    const { user } = await connect()
    await change(user, 'an update session', { library_item_id: ITEM })

    const { status, body } = await change(user, 'a library item', { library_item_id: ITEM })

    expect([status, body['library_item_id']]).toEqual([200, ITEM])
  })

  it.each([
    ['an update session', { update_session_id: 'a/b' }],
    ['an update session with a file', { update_session_id: 'some-id', name: 'a/b' }],
    ['an update session with a file', { name: '' }],
    ['an update session with a file in transfer', { name: 'a/b' }],
    ['an update session with a file in transfer', { name: 'disk', size: 9, bytes_transferred: 10 }],
    ['no library item', { library_item_id: ITEM }],
    ['an update session {"state": "DONE"', {}],
  ])('that cannot be leave nothing: %s %j', async (state, params) => {
    const { user } = await connect()
    const holdings = () => Promise.all(['item', 'update_session', 'api_session'].map((table) => rowsOf(user, table)))
    const before = await holdings()

    expect((await change(user, state, params)).status).toBe(422)

    expect(await holdings()).toEqual(before)
  })
})

describe('a state change', () => {
  it('may be a query', async () => {
    const client = await connect()

    const query = { state: 'an update session', update_session_id: 'some-id' }
    const { status, body } = await asQuery(client.user, { ...query, action: 'setup' })

    expect([status, body['update_session_id']]).toEqual([200, 'some-id'])
    expect(await client.get('some-id')).toMatchObject({ state: 'ACTIVE' })
    expect((await asQuery(client.user, { ...query, action: 'teardown' })).status).toBe(200)
    await expect(client.get('some-id')).rejects.toMatchObject({ status: 404 })
  })

  it.each<[string, Record<string, string>]>([
    ['an update session', {}],
    ['an update session with a file', { name: 'disk', content: 'x' }],
  ])('that has lost its name to the parameter "state" is %s', async (_, params) => {
    const client = await connect()

    const { status, body } = await asQuery(client.user, { state: 'DONE', ...params })

    expect(status).toBe(200)
    expect(await client.get(body['update_session_id'] ?? '')).toMatchObject({ state: 'DONE' })
    expect('upload_path' in body).toBe('name' in params)
  })

  it('may be a query with an empty state, but not without one', async () => {
    expect(await asQuery(freshUser(), { state: '', action: 'setup' })).toMatchObject({ status: 200, body: {} })
    expect(await asQuery(freshUser(), { action: 'setup' })).toMatchObject({ status: 422 })
  })

  it('may have a number or a boolean for a text', async () => {
    for (const params of [{ name: 7, content: 8 }, { name: true }])
      expect((await change(freshUser(), 'an update session with a file', params)).status).toBe(200)
  })

  it('may have null for what is not given', async () => {
    const params = { name: 'disk', content: null, state: null, update_session_id: null }
    const { status, body } = await change(freshUser(), 'an update session with a file', params)
    expect(status).toBe(200)
    expect(body['update_session_id']).not.toBe('null')
  })

  it.each<[number, Record<string, number | string>]>([
    [4, { size: 9 }],
    [3, { size: 9, bytes_transferred: 3 }],
    [3, { size: '9', bytes_transferred: '3' }],
  ])('may have digits for a number, of a file in transfer with %i bytes: %j', async (bytes_transferred, sizes) => {
    const client = await connect()
    const { body } = await change(client.user, 'an update session with a file in transfer', { name: 'disk', ...sizes })

    expect((await admin(client.user, 'GET', `/sessions/${body['update_session_id']}`)).body).toMatchObject({
      files: [{ name: 'disk', status: 'TRANSFERRING', size: 9, bytes_transferred }],
    })
  })

  it('that asks for the session of another user, and names the one who asks, is refused', async () => {
    const { user, list } = await connect()

    const refusal = {
      status: 422,
      body: { errors: [{ title: `The user ${user} is the one who asks. Name another one.` }] },
    }
    expect(await change(user, "another user's update session", { user })).toMatchObject(refusal)

    await expect(list()).resolves.toEqual([])
  })

  it('that no sandbox could follow makes none', async () => {
    const user = freshUser()
    expect((await change(user, 'an update session', { stat: 'DONE' })).status).toBe(422)
    await expect(rowsOf(user, 'api_session')).rejects.toThrow('no such table')
  })
})

describe('the paths that a state with a file hands out', () => {
  it.each([
    ['takes the bytes', {}, 200],
    ['refuses them, where the session is CANCELED', { state: 'CANCELED' }, 404],
  ])('one of them %s', async (_, params, status) => {
    const user = freshUser()
    const { body } = await change(user, 'an update session with a file', { name: 'disk', ...params })
    expect(new URL(body['upload_uri'] ?? '').pathname).toBe(body['upload_path'])
    expect((await request(body['upload_path'] ?? '', { method: 'PUT', body: 'bytes' })).status).toBe(status)
  })

  it('the other gives the content that is there', async () => {
    const user = freshUser()
    const { body } = await change(user, 'an update session with a file', { name: 'disk', content: 'x', state: 'DONE' })
    const { body: session } = await change(user, 'an API session')

    const headers = { 'vmware-api-session-id': session['token'] ?? '' }
    const answer = await request(body['download_path'] ?? '', { headers })

    expect([answer.status, await answer.text()]).toEqual([200, 'x'])
    // As a path a verifier encodes it.
    expect(body['download_path']).not.toContain('?')
  })
})
