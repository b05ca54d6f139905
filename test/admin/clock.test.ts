import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, freshUser } from '../support/api.ts'

describe.each(bindings)('the clock of a sandbox, seen through $name,', ({ connect }) => {
  it('shows the time it is set to, and stands still while frozen', async () => {
    const client = await connect()

    await admin(client.user, 'POST', '/clock/freeze')
    await admin(client.user, 'POST', '/clock/set', { now: '2031-05-01T12:00:00Z' })
    const login = await client.login()

    expect((await admin(client.user, 'GET', '/clock')).body).toMatchObject({
      now: '2031-05-01T12:00:00.000Z',
      frozen: true,
    })
    expect(await login.whoAmI()).toMatchObject({ created_time: '2031-05-01T12:00:00.000Z' })
  })
})

describe('the clock of a sandbox', () => {
  it('goes on from where it stood, and back to the real time', async () => {
    const user = freshUser()
    await admin(user, 'POST', '/clock/set', { now: '2031-05-01T12:00:00Z' })
    await admin(user, 'POST', '/clock/freeze')

    const resumed = await admin(user, 'POST', '/clock/resume')
    const reset = await admin(user, 'POST', '/clock/reset')

    expect(resumed.body).toMatchObject({ now: expect.stringMatching(/^2031-05-01T12:0/), frozen: false })
    expect(reset.body).toMatchObject({ offset_seconds: 0, frozen: false })
  })

  it.each(['1970-01-01T00:00:00.000Z', '9998-12-31T23:59:59.000Z'])('can show %s', async (now) => {
    const user = freshUser()
    await admin(user, 'POST', '/clock/freeze')
    expect((await admin(user, 'POST', '/clock/set', { now })).body).toMatchObject({ now })
  })

  it.each([
    ['advance', { by: 'soon' }],
    ['advance', { by: '1y' }],
    ['advance', { by: '9000000d' }],
    ['advance', {}],
    ['advance', { by: '1h', sandbox: 'other' }],
    ['set', { now: '1969-12-31T23:59:59Z' }],
    ['set', { now: '9999-01-01T00:00:00Z' }],
  ])('refuses to %s by %j', async (call, body) => {
    expect((await admin(freshUser(), 'POST', `/clock/${call}`, body)).status).toBe(422)
  })
})
