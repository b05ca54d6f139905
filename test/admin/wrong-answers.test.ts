// The setting `mutant`: a sandbox that answers wrongly on purpose, one way at a time, and records what it has sent.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { bindings, request, SESSIONS } from '../support/api.ts'

async function mutated(mutant: string) {
  const { client, id } = await aSession()
  expect((await admin(client.user, 'POST', '/settings', { mutant })).body).toMatchObject({ mutant })
  const send = async (method: string, path: string) => {
    const answer = await request(`${SESSIONS}${path}`, { method, headers: { 'vmware-api-session-id': client.token } })
    return { status: answer.status, text: await answer.text() }
  }
  const rightly = async <T>(ask: () => Promise<T>) => {
    await admin(client.user, 'POST', '/settings', { mutant: 'none' })
    return ask()
  }
  return { client, id, send, rightly }
}

describe('a sandbox with the mutant', () => {
  it('missing-id leaves out ids', async () => {
    const { send, id } = await mutated('missing-id')
    expect(JSON.parse((await send('GET', `/${id}`)).text)).not.toHaveProperty('id')
  })

  it('state-kept says that it has cancelled, and has not', async () => {
    const { client, id, send, rightly } = await mutated('state-kept')
    expect((await send('POST', `/${id}?action=cancel`)).status).toBe(204)
    await expect(rightly(() => client.get(id))).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it('body answers with one where none should be, and has done what it was asked for', async () => {
    const { client, id, send, rightly } = await mutated('body')
    expect(await send('POST', `/${id}?action=cancel`)).toEqual({ status: 200, text: '{}' })
    await expect(rightly(() => client.get(id))).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it('status refuses with another status, which is in its journal as it was sent', async () => {
    const { client, send } = await mutated('status')
    expect((await send('POST', '/none?action=cancel')).status).toBe(400)
    const { body } = await admin(client.user, 'GET', '/requests?limit=1')
    expect(body['requests']).toMatchObject([{ response: { status: 400 }, fault: 'mutant-status' }])
  })

  it('does not meet what a test sets up', async () => {
    const { client } = await mutated('missing-id')
    const { status, body } = await admin(client.user, 'POST', '/pact/provider-states', { state: 'an update session' })
    expect([status, body]).toEqual([200, expect.objectContaining({ update_session_id: expect.stringMatching(/:/) })])
  })
})

describe.each(bindings)('through $name', ({ connect: log }) => {
  it('a login is answered rightly whatever the mutant', async () => {
    const { user } = await log()
    await admin(user, 'POST', '/settings', { mutant: 'missing-id' })
    expect((await log(user)).token).not.toBe('')
  })
})
