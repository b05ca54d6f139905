// What time does to a sandbox: exact whenever a client asks, removed when the alarm runs.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, connect } from '../support/api.ts'
import { sandboxOf } from '../support/bytes.ts'
import { ITEM, type Client } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { advanceClock, advanceClockOnly, alarmOf, freezeClock, rowsOf, runAlarm } from '../support/sandbox.ts'

const IDLE_MS = 300_000

/** A sandbox whose clock stands still, and moves when it is told to. */
async function begin(connect: () => Promise<Client>) {
  const client = await connect()
  let now = await freezeClock(client.user)
  const passes = async (byMs: number) => {
    await advanceClockOnly(client.user, byMs)
    now += byMs
  }
  return { client, now: () => now, passes }
}

// What expires when is a matter of rules/update-session.test.ts; that every call sees it so, with and without an alarm, of
// bindings/model.test.ts. Bytes are no part of either.
describe.concurrent.each(bindings)('bytes, through $name,', ({ connect }) => {
  it('are not taken by a session that has expired, although no alarm has run', async () => {
    const { client, passes } = await begin(connect)
    const id = await client.create({ library_item_id: ITEM })
    const file = await filesOf(client, id).push('a.iso')
    await passes(IDLE_MS)

    await expect(upload(file, 'late')).rejects.toMatchObject({ status: 404, errorType: 'NOT_FOUND' })
  })
})

describe('the admin API, although no alarm has run,', () => {
  it('seeds a session for an item whose session has expired', async () => {
    const { client, passes } = await begin(connect)
    await client.create({ library_item_id: ITEM })
    await passes(IDLE_MS)

    const seeded = await admin(client.user, 'POST', '/sessions', { library_item_id: ITEM })

    expect(seeded.status).toBe(201)
  })

  it.each(['/sessions', '/view'])('shows a session as DONE whose completion is over: %s', async (path) => {
    const { client, passes } = await begin(connect)
    await sandboxOf(client).steer({ settings: { completionMs: 10_000 } })
    const id = await client.create({ library_item_id: ITEM })
    await client.complete(id)
    await passes(10_000)

    const { body } = await admin(client.user, 'GET', path)

    const sessions = [{ id, state: 'DONE', completing: false }]
    expect(body['shown'] ?? body).toMatchObject({ sessions })
  })

  it('lets no session fail whose completion is over', async () => {
    const { client, passes } = await begin(connect)
    await sandboxOf(client).steer({ settings: { completionMs: 10_000 } })
    const id = await client.create({ library_item_id: ITEM })
    await client.complete(id)
    await passes(10_000)

    const changed = await admin(client.user, 'POST', `/sessions/${id}`, { state: 'ERROR' })

    expect(changed.status).toBe(422)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'DONE' })
  })
})

// No client asks for an alarm: whose session it removes makes no difference.
describe('the alarm', () => {
  it('removes what has expired, and not before: sessions, their files, their Client-Tokens', async () => {
    const { client, passes } = await begin(connect)
    const id = await client.create({ library_item_id: ITEM }, crypto.randomUUID())
    await filesOf(client, id).push('a.iso')
    await passes(IDLE_MS - 1)
    await runAlarm(client.user)
    expect(await rowsOf(client.user, 'update_session')).toMatchObject([{ id }])

    await passes(1)
    await runAlarm(client.user)

    for (const table of ['update_session', 'update_file', 'replay'])
      expect(await rowsOf(client.user, table)).toEqual([])
  })

  it('removes a session that its end has made expire earlier', async () => {
    const { client, passes } = await begin(connect)
    await sandboxOf(client).steer({ settings: { sessionRetentionMs: IDLE_MS / 2 } })
    const id = await client.create({ library_item_id: ITEM })
    await client.cancel(id)
    await passes(IDLE_MS / 2)

    await runAlarm(client.user)

    expect(await rowsOf(client.user, 'update_session')).toEqual([])
  })

  it('that rings before a session kept alive expires is set again', async () => {
    const running = await connect()
    const id = await running.create({ library_item_id: ITEM })
    await advanceClock(running.user, IDLE_MS / 3)
    await running.keepAlive(id)

    // It rings when the session would have expired.
    await advanceClock(running.user, (2 * IDLE_MS) / 3)

    const expiresAt = Date.parse((await running.get(id)).expiration_time)
    expect(await alarmOf(running.user)).toBe(expiresAt - IDLE_MS)
  })
})
