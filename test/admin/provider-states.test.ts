import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { connect, freshUser } from '../support/api.ts'
import { ITEM } from '../support/client.ts'
import { evict, memoriesOf, rowsOf, tracesOf } from '../support/sandbox.ts'

const PATH = '/pact/provider-states'

/** As a verifier does it: the values are put into the requests that follow. */
async function setUp(sandbox: string, state: string, params?: object): Promise<Record<string, string>> {
  const { status, body } = await admin(sandbox, 'POST', PATH, { state, action: 'setup', ...(params && { params }) })
  expect(status).toBe(200)
  return body
}

describe('a provider state', () => {
  it.each(['ACTIVE', 'DONE', 'ERROR', 'CANCELED'])('is an update session that is %s', async (state) => {
    const client = await connect()
    const { update_session_id: id = '' } = await setUp(client.user, 'an update session', { state })
    await expect(client.get(id)).resolves.toMatchObject({ id, state })
  })

  it('is a session that is DONE where completions take their time', async () => {
    const client = await connect()
    await admin(client.user, 'PUT', '/transitions', { complete: { after: '300ms' } })
    const { update_session_id: id = '' } = await setUp(client.user, 'an update session', { state: 'DONE' })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'DONE' })
  })

  it.each(['an update session that has expired', "another user's update session", 'no update session'])(
    'is the id of %s, and is not found',
    async (state) => {
      const client = await connect()
      const { update_session_id: id = '' } = await setUp(client.user, state)
      await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
    },
  )

  it('fails a session with the message that the pact expects', async () => {
    const client = await connect()
    const params = { state: 'ERROR', error_message: 'Disk full.' }
    const { update_session_id: id = '' } = await setUp(client.user, 'an update session', params)
    expect(await client.get(id)).toMatchObject({ error_message: { default_message: 'Disk full.' } })
  })

  it('is nothing to be done where an interaction has none, which verifiers announce all the same', async () => {
    expect(await setUp(freshUser(), '', {})).toEqual({})
  })

  it.each([
    [{ state: 'a full moon' }, /no provider state "a full moon"/],
    [
      { state: 'an update session', params: { state: 'PAUSED' } },
      /wants for "state" ACTIVE, DONE, ERROR, CANCELED, not "PAUSED"/,
    ],
    [{ state: 'an update session', params: { stat: 'DONE' } }, /has no parameter "stat"\. It takes: state,/],
    [{ state: 'an update session with a file' }, /wants the parameter "name"/],
    [
      { state: 'an update session with a file in transfer', params: { name: 'a', size: '9x' } },
      /"size" a whole number/,
    ],
    [{ state: "another user's update session", params: { name: 'x' } }, /name/],
    [{ action: 'setup' }, /state/],
    [{ state: 'an update session with a file', params: { name: 'a/b' } }, /^400 INVALID_ARGUMENT: .* it is a path\.$/],
    ...['__proto__', 'constructor', 'toString'].flatMap((name): [object, RegExp][] => [
      [{ state: name }, new RegExp(`no provider state "${name}"`)],
      [{ state: name, action: 'setup', params: {} }, new RegExp(`no provider state "${name}"`)],
      ...['an update session', "another user's update session", 'a library'].map((state): [object, RegExp] => [
        { state, params: JSON.parse(`{"${name}":"x"}`) as object },
        new RegExp(name),
      ]),
    ]),
    [{ state: 'an update session', params: { error_message: 'Full.' } }, /^error_message is of the state ERROR\.$/],
    [
      { state: 'an update session', params: { update_session_id: 'a b' } },
      /^The parameter update_session_id: write 1 to 100 letters/,
    ],
    [
      { state: 'an update session with a file in transfer', params: { name: 'x'.repeat(300) } },
      /^The parameter name: /,
    ],
  ])('of %j is refused in words', async (change, why) => {
    const refusal = { status: 422, body: { errors: [{ title: expect.stringMatching(why) }] } }
    expect(await admin(freshUser(), 'POST', PATH, change)).toMatchObject(refusal)
  })

  it('is listed with what it takes', async () => {
    const { body } = await admin('user', 'GET', PATH)

    const states = body['states'] as unknown as { name: string; reach?: string; parameters: object[] }[]
    const parametersOf = (state: string) => states.find(({ name }) => name === state)?.parameters
    const optional = { type: 'string', required: false }
    expect(parametersOf('an update session')).toMatchObject([
      { name: 'state', ...optional, values: ['ACTIVE', 'DONE', 'ERROR', 'CANCELED'], default: 'ACTIVE' },
      { name: 'error_message' },
      { name: 'update_session_id', ...optional, reach: 'this mock' },
      { name: 'library_item_id', ...optional, reach: 'this mock' },
    ])
    expect(parametersOf("another user's update session")).toMatchObject([
      { name: 'user', ...optional, default: 'somebody-else' },
      { name: 'update_session_id' },
    ])
  })
})

/** What a state can have made. */
const TABLES = ['api_session', 'library', 'item', 'update_session', 'update_file', 'item_file']
const holdings = (user: string) => Promise.all(TABLES.map((table) => rowsOf(user, table)))
const tearDown = (sandbox: string, state: string, params?: object) =>
  admin(sandbox, 'POST', PATH, { state, action: 'teardown', ...(params && { params }) })

describe('the teardown of a provider state', () => {
  it.each<[string, Record<string, string | number>]>([
    ['a user', {}],
    ['an API session', {}],
    ['an API session to end', {}],
    ['an API session that has ended', {}],
    ['a library', {}],
    ['a library to change', {}],
    ['room for a library', {}],
    ['no library', {}],
    ['a library item', {}],
    ['no library item', {}],
    ['an update session', {}],
    ['an update session', { state: 'DONE' }],
    ['an update session with a file', { name: 'disk', content: 'bytes' }],
    ['an update session with a file', { state: 'DONE', name: 'disk', content: 'bytes' }],
    ['no update session', {}],
    ['an update session that has expired', {}],
    ['an update session with a file in transfer', { size: 9, name: 'disk' }],
    ['an update session', { update_session_id: 'some-id', library_item_id: 'some-item', state: 'DONE' }],
    ['an update session with a file', { update_session_id: 'some-id', name: 'disk', content: 'x', state: 'DONE' }],
    ['a library item', { library_item_id: 'some-item' }],
    ['a library item', { library_item_id: ITEM }],
    ['an update session', { library_item_id: ITEM }],
    ['an update session that has expired', { update_session_id: 'some-id' }],
  ])('%s %j leaves what was there before', async (state, params) => {
    const { user } = await connect()
    const before = await holdings(user)
    await setUp(user, state, params)
    await evict(user)

    const inAnotherOrder = Object.fromEntries(Object.entries(params).toReversed())
    expect(await tearDown(user, state, inAnotherOrder)).toMatchObject({ status: 200, body: {} })
    expect(await holdings(user)).toEqual(before)
  })

  it('of what another user has is done where it was made', async () => {
    const [{ user }, other] = [await connect(), await connect()]
    const before = await holdings(other.user)
    await setUp(user, "another user's update session", { user: other.user })
    expect(await holdings(other.user)).not.toEqual(before)

    await tearDown(user, "another user's update session", { user: other.user })

    expect(await holdings(other.user)).toEqual(before)
  })

  it('removes what the interaction has made in it as well', async () => {
    const client = await connect()
    const { library_id, new_item_name: item } = await setUp(client.user, 'a library')
    const { datastore_id, new_library_name: name } = await setUp(client.user, 'room for a library')
    await client.items.create({ library_id, name: item })
    await client.libraries.create({ name, storage_backings: [{ type: 'DATASTORE', datastore_id }] })

    for (const state of ['a library', 'room for a library']) await tearDown(client.user, state)

    await expect(client.items.find({ name: item })).resolves.toEqual([])
    await expect(client.libraries.find({ name })).resolves.toEqual([])
  })

  it('takes the newest of those that were set up alike, and is done once for each', async () => {
    const { user, items } = await connect()
    const { library_item_id: first = '' } = await setUp(user, 'a library item')
    const { library_item_id: second = '' } = await setUp(user, 'a library item')

    await tearDown(user, 'a library item')

    await expect(items.get(second)).rejects.toMatchObject({ status: 404 })
    await expect(items.get(first)).resolves.toMatchObject({})
    await tearDown(user, 'a library item')
    await expect(items.get(first)).rejects.toMatchObject({ status: 404 })
    expect((await tearDown(user, 'a library item')).status).toBe(200)
  })

  it('is forgotten when a hundred others were set up since', async () => {
    const client = await connect()
    const { library_item_id: id = '' } = await setUp(client.user, 'a library item')
    for (let others = 0; others < 100; others += 1) await setUp(client.user, 'no update session')

    await tearDown(client.user, 'a library item')

    await expect(client.items.get(id)).resolves.toMatchObject({ id })
  })

  it('is remembered in a few bytes, however long the parameters are', async () => {
    const client = await connect()
    const params = { name: 'disk', content: 'x'.repeat(60_000) }
    const { library_item_id: id = '' } = await setUp(client.user, 'an update session with a file', params)

    expect((await memoriesOf(client.user)).length).toBeLessThan(1000)

    await tearDown(client.user, 'an update session with a file', params)
    await expect(client.items.get(id)).rejects.toMatchObject({ status: 404 })
  })

  it('has nothing to do in a sandbox that was never used', async () => {
    const user = freshUser()
    expect(await tearDown(user, 'an update session')).toMatchObject({ status: 200, body: {} })
    expect(await tracesOf(user)).toEqual([])
  })
})
