import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, connect, freshUser } from '../support/api.ts'
import { begin, sandboxOf, sessionOf } from '../support/bytes.ts'
import { ITEM } from '../support/client.ts'
import { evict } from '../support/sandbox.ts'

describe.each(bindings)('a completion through $name', ({ connect }) => {
  it('is over when its time has come, on the clock of the sandbox', async () => {
    const client = await connect()
    await admin(client.user, 'PUT', '/transitions', { complete: { after: '10m' } })
    expect((await admin(client.user, 'GET', '/transitions')).body).toEqual({ complete: { after: 600 } })
    const id = await client.create({ library_item_id: ITEM })
    await client.complete(id)
    const before = await client.get(id)
    const seen = await admin(client.user, 'GET', `/sessions/${id}`)

    await admin(client.user, 'POST', '/clock/advance', { by: '20m' })

    expect(seen.body).toMatchObject({ state: 'ACTIVE', completing: true })
    const [after, item] = [await client.get(id), await client.items.get(ITEM)]
    expect([before.state, after.state, item.content_version]).toEqual(['ACTIVE', 'DONE', '2'])
    // It has ended, and its item has changed, after ten of the twenty minutes.
    expect(Date.parse(after.expiration_time) - Date.parse(`${item.last_modified_time}`)).toBe(3_600_000)
    const atOnce = { complete: 'at-once' }
    expect((await admin(client.user, 'PUT', '/transitions', atOnce)).body).toEqual(atOnce)
  })
})

it.each([
  [{ complete: 'soon' }, 'write \\"at-once\\" or {\\"after\\": \\"10s\\"}'],
  [{ complete: { after: '0s' } }, 'after'],
  [{ complete: { after: '31d' } }, 'up to 30 days'],
  [{}, 'complete'],
])('a completion cannot be set to %j, and the refusal says what to write', async (given, words) => {
  const { status, body } = await admin(freshUser(), 'PUT', '/transitions', given)
  expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining(words)])
})

describe('the settings of a sandbox', () => {
  it('hold for sessions that are created from then on', async () => {
    const client = await connect()

    const { body } = await admin(client.user, 'POST', '/settings', { session_idle: '10s' })
    await admin(client.user, 'POST', '/clock/freeze')
    const id = await client.create({ library_item_id: ITEM })
    await admin(client.user, 'POST', '/clock/advance', { by: '11s' })

    const lasting = { session_idle: 10, session_retention: 3600, api_session_idle: 1800, content_retention: 'keep' }
    expect(body).toEqual({ ...lasting, store_bytes: 107_374_182_400, journal_size: 500, mutant: 'none' })
    await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
  })

  it.each(['sessionIdleMs', 'sandboxIdleMs'])('are told to a transfer, which reports in time for %s', async (name) => {
    const client = await connect()
    await sandboxOf(client).steer({ settings: { [name]: 10_000 } })
    const { files } = await sessionOf(client)

    const { plan } = await begin(client, await files.push('a.iso'))

    expect(plan).toMatchObject({ idleMs: 10_000 })
  })

  it('outlive the memory of the sandbox, and are no others', async () => {
    const user = freshUser()
    await admin(user, 'POST', '/settings', { api_session_idle: '1h' })

    await evict(user)

    expect((await admin(user, 'GET', '/settings')).body).toMatchObject({ api_session_idle: 3600 })
    expect((await admin(freshUser(), 'GET', '/settings')).body).toMatchObject({ api_session_idle: 1800 })
  })

  const wrong = [
    { session_idle: 0 },
    { session_idle: '31d' },
    { content_retention: 'some' },
    { mutant: 'x' },
    { sweep: 1 },
  ]
  it.each(wrong)('cannot be %j', async (body) => {
    expect((await admin(freshUser(), 'POST', '/settings', body)).status).toBe(422)
  })
})
