import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { connect, freshUser, request, SESSIONS } from '../support/api.ts'

const PATH = '/pact/provider-states'

/** As a verifier does it: the values are put into the requests that follow. */
async function setUp(sandbox: string, state: string, params?: object): Promise<Record<string, string>> {
  const { status, body } = await admin(sandbox, 'POST', PATH, { state, action: 'setup', ...(params && { params }) })
  expect(status).toBe(200)
  return body
}

describe('a provider state', () => {
  it.each(['ACTIVE', 'DONE', 'ERROR', 'CANCELED'])('brings an update session into the state %s', async (state) => {
    const user = freshUser()
    const { token = '' } = await setUp(user, 'an API session')
    const { update_session_id: id = '' } = await setUp(user, 'an update session', { state })

    const answer = await request(`${SESSIONS}/${id}`, { headers: { 'vmware-api-session-id': token } })

    expect(await answer.json()).toMatchObject({ id, state })
  })

  it('has a file in transfer', async () => {
    const client = await connect()

    const values = await setUp(client.user, 'an update session with a file in transfer', { name: 'disk', size: 9 })

    expect((await admin(client.user, 'GET', `/sessions/${values['update_session_id']}`)).body).toMatchObject({
      files: [{ name: 'disk', status: 'TRANSFERRING' }],
    })
  })

  it.each(['an update session that has expired', "another user's update session", 'no update session'])(
    'hands out the id of %s, and nobody finds it',
    async (state) => {
      const client = await connect()

      const { update_session_id: id = '' } = await setUp(client.user, state)

      await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
    },
  )

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

  it('is nothing to be done where an interaction has none, which verifiers announce all the same', async () => {
    const { status, body } = await admin(freshUser(), 'POST', PATH, { state: '', params: {}, action: 'setup' })

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
