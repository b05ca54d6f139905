import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, connect, freshUser, request } from '../support/api.ts'

const PATH = '/pact/provider-states'

/** As a verifier does it: the values are put into the requests that follow. */
async function setUp(sandbox: string, state: string, params?: object): Promise<Record<string, string>> {
  const { status, body } = await admin(sandbox, 'POST', PATH, { state, action: 'setup', ...(params && { params }) })
  expect(status).toBe(200)
  return body
}

describe.each(bindings)('a provider state, seen through $name,', ({ clientOf }) => {
  it.each(['ACTIVE', 'DONE', 'ERROR', 'CANCELED'])('is an update session that is %s', async (state) => {
    const user = freshUser()
    const { token = '' } = await setUp(user, 'an API session')
    const { update_session_id: id = '' } = await setUp(user, 'an update session', { state })

    await expect(clientOf(user, token).get(id)).resolves.toMatchObject({ id, state })
  })

  it.each(['an update session that has expired', "another user's update session", 'no update session'])(
    'is the id of %s, and nobody finds it',
    async (state) => {
      const user = freshUser()
      const { token = '' } = await setUp(user, 'an API session')

      const { update_session_id: id = '' } = await setUp(user, state)

      await expect(clientOf(user, token).get(id)).rejects.toMatchObject({ status: 404 })
    },
  )
})

describe('a provider state', () => {
  it('has a file in transfer', async () => {
    const client = await connect()

    const values = await setUp(client.user, 'an update session with a file in transfer', { name: 'disk', size: 9 })

    expect((await admin(client.user, 'GET', `/sessions/${values['update_session_id']}`)).body).toMatchObject({
      files: [{ name: 'disk', status: 'TRANSFERRING' }],
    })
  })

  it('hands out a login and the token of one that has ended', async () => {
    const user = freshUser()
    const { authorization = '' } = await setUp(user, 'a user')
    const { token = '' } = await setUp(user, 'an API session that has ended')

    const login = await request('/api/session', { method: 'POST', headers: { authorization } })
    const ended = await request('/api/session', { headers: { 'vmware-api-session-id': token } })

    expect([login.status, ended.status]).toEqual([201, 401])
  })

  it('is left as it is when it is torn down', async () => {
    const { status, body } = await admin(freshUser(), 'POST', PATH, { state: 'an update session', action: 'teardown' })

    expect([status, body]).toEqual([200, {}])
  })

  it.each([
    [{ state: 'a full moon' }, /no provider state "a full moon"/],
    [{ state: 'an update session', params: { state: 'PAUSED' } }, /state/],
    [{ state: "another user's update session", params: { name: 'x' } }, /name/],
    [{ action: 'setup' }, /state/],
  ])('of %j is refused in words', async (change, why) => {
    const { status, body } = await admin(freshUser(), 'POST', PATH, change)

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ title: expect.stringMatching(why) }])
  })

  it('is listed with what it takes', async () => {
    const { body } = await admin('user', 'GET', PATH)

    expect(body['states']).toContainEqual(expect.objectContaining({ name: 'an update session', parameters: ['state'] }))
  })
})
