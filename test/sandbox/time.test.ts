// What time does to a sandbox: exact whenever a client asks, removed when the alarm runs.
import { describe, expect, it } from 'vitest'
import { bindings, connect } from '../support/api.ts'
import { sandboxOf } from '../support/bytes.ts'
import { ITEM, sessionIn, type Client, type State } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import {
  advanceClock,
  advanceClockOnly,
  alarmOf,
  freezeClock,
  leaveUnused,
  rowsOf,
  runAlarm,
  tracesOf,
} from '../support/sandbox.ts'

const IDLE_MS = 300_000
const RETENTION_MS = 3_600_000
const LOGIN_MS = 1_800_000
const UNUSED_MS = 604_800_000
const gone = { status: 404, errorType: 'NOT_FOUND' }

/** A sandbox whose clock stands still, and moves when it is told to. */
async function begin(connect: () => Promise<Client>) {
  const client = await connect()
  let now = await freezeClock(client.user)
  const passes = async (byMs: number) => {
    await advanceClockOnly(client.user, byMs)
    now += byMs
  }
  return {
    client,
    now: () => now,
    passes,
    /** Time passes, and a login that is used all the while lives on. */
    passesWithLogins: async (byMs: number) => {
      for (let left = byMs; left > 0; left -= LOGIN_MS / 2) {
        await passes(Math.min(left, LOGIN_MS / 2))
        await client.whoAmI()
      }
    },
    expiryOf: async (id: string) => Date.parse((await client.get(id)).expiration_time),
  }
}

describe.concurrent.each(bindings)('through $name', ({ connect }) => {
  describe('an update session that is not used', () => {
    it('says when it will expire: five minutes after it was created', async () => {
      const { client, now, expiryOf } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })

      expect(await expiryOf(id)).toBe(now() + IDLE_MS)
    })

    it('is ACTIVE until its last millisecond', async () => {
      const { client, passes } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })

      await passes(IDLE_MS - 1)

      await expect(client.get(id)).resolves.toMatchObject({ id, state: 'ACTIVE' })
    })

    it.each([
      ['get', (client: Client, id: string): Promise<unknown> => client.get(id)],
      ['update', (client: Client, id: string) => client.update(id, {})],
      ['keep-alive', (client: Client, id: string) => client.keepAlive(id)],
      ['complete', (client: Client, id: string) => client.complete(id)],
      ['cancel', (client: Client, id: string) => client.cancel(id)],
      ['fail', (client: Client, id: string) => client.fail(id, 'too late')],
      ['delete', (client: Client, id: string) => client.delete(id)],
      ['the list of its files', (client: Client, id: string) => client.files.list(id)],
      ['the add of a file', (client: Client, id: string) => client.files.add(id, { name: 'a', source_type: 'PUSH' })],
    ])('is gone for %s from then on, although no alarm has run', async (_, ask) => {
      const { client, passes } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })
      await passes(IDLE_MS)
      expect(await rowsOf(client.user, 'update_session')).toHaveLength(1)

      await expect(ask(client, id)).rejects.toMatchObject(gone)
    })

    it('is gone from the list, although no alarm has run', async () => {
      const { client, passes } = await begin(connect)
      await client.create({ library_item_id: ITEM })
      await passes(IDLE_MS)

      await expect(client.list()).resolves.toEqual([])
      await expect(client.list(ITEM)).resolves.toEqual([])
    })

    it('leaves its item free, although no alarm has run', async () => {
      const { client, passes } = await begin(connect)
      await client.create({ library_item_id: ITEM })
      await passes(IDLE_MS)

      const next = await client.create({ library_item_id: ITEM })

      await expect(client.list()).resolves.toEqual([next])
    })

    it('leaves its Client-Token free, although no alarm has run', async () => {
      const { client, passes } = await begin(connect)
      const token = crypto.randomUUID()
      const id = await client.create({ library_item_id: ITEM }, token)
      await passes(IDLE_MS)

      await expect(client.create({ library_item_id: ITEM }, token)).resolves.not.toBe(id)
    })

    it('takes no more bytes, although no alarm has run', async () => {
      const { client, passes } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })
      const file = await filesOf(client, id).push('a.iso')
      await passes(IDLE_MS)

      await expect(upload(file, 'late')).rejects.toMatchObject(gone)
    })

    it('changes nothing of its item', async () => {
      const { client } = await begin(connect)
      const before = await client.items.get(ITEM)
      const id = await client.create({ library_item_id: ITEM })
      await upload(await filesOf(client, id).push('a.iso'), 'hello')

      await advanceClock(client.user, IDLE_MS)

      await expect(client.items.get(ITEM)).resolves.toEqual(before)
    })
  })

  describe('five minutes more', () => {
    it.each([
      ['keep-alive', (client: Client, id: string): Promise<unknown> => client.keepAlive(id)],
      ['keep-alive with progress', (client: Client, id: string) => client.keepAlive(id, 1)],
      ['update', (client: Client, id: string) => client.update(id, {})],
      ['the add of a file', (client: Client, id: string) => filesOf(client, id).push('b.iso')],
      ['the removal of a file', (client: Client, id: string) => client.files.remove(id, 'a.iso')],
      ['validate', (client: Client, id: string) => client.files.validate(id)],
    ])('are given by %s', async (_, use) => {
      const { client, now, passes, expiryOf } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })
      await upload(await filesOf(client, id).push('a.iso'), 'hello')
      await passes(200_000)

      await use(client, id)

      expect(await expiryOf(id)).toBe(now() + IDLE_MS)
    })

    it('are given by bytes that arrive', async () => {
      const { client, now, passes, expiryOf } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })
      const file = await filesOf(client, id).push('a.iso')
      await passes(200_000)

      await upload(file, 'hello')

      expect(await expiryOf(id)).toBe(now() + IDLE_MS)
    })

    it.each([
      ['get', (client: Client, id: string): Promise<unknown> => client.get(id)],
      ['list', (client: Client) => client.list()],
      ['the list of its files', (client: Client, id: string) => client.files.list(id)],
      ['a keep-alive that is refused', (client: Client, id: string) => client.keepAlive(id, 101)],
      ['a delete that is refused', (client: Client, id: string) => client.delete(id)],
      ['a create that is refused', (client: Client) => client.create({ library_item_id: ITEM })],
      ['the removal of a file that is not there', (client: Client, id: string) => client.files.remove(id, 'b.iso')],
    ])('are not given by %s', async (_, use) => {
      const { client, passes, expiryOf } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })
      const before = await expiryOf(id)
      await passes(200_000)

      await use(client, id).catch(() => undefined)

      expect(await expiryOf(id)).toBe(before)
    })

    it('can be had again and again', async () => {
      const { client, now, passes, expiryOf } = await begin(connect)
      const id = await client.create({ library_item_id: ITEM })

      for (let turn = 0; turn < 20; turn += 1) {
        await passes(IDLE_MS - 1)
        await client.keepAlive(id)
      }

      await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
      expect(await expiryOf(id)).toBe(now() + IDLE_MS)
    })
  })

  describe.each(['DONE', 'ERROR', 'CANCELED'] as const satisfies State[])('a session that is %s', (state) => {
    it('is kept for an hour', async () => {
      const { client, now, passesWithLogins, expiryOf } = await begin(connect)
      const id = await sessionIn(client, state)
      expect(await expiryOf(id)).toBe(now() + RETENTION_MS)

      await passesWithLogins(RETENTION_MS - 1)

      await expect(client.get(id)).resolves.toMatchObject({ id, state })
      await expect(client.list()).resolves.toEqual([id])
    })

    it('is gone after it', async () => {
      const { client, passesWithLogins } = await begin(connect)
      const id = await sessionIn(client, state)

      await passesWithLogins(RETENTION_MS)

      await expect(client.get(id)).rejects.toMatchObject(gone)
      await expect(client.list()).resolves.toEqual([])
    })
  })
})

// No client asks for an alarm: whose session it removes makes no difference.
describe('the alarm', () => {
  it('removes what has expired: sessions, their files, their Client-Tokens', async () => {
    const { client, passes } = await begin(connect)
    const id = await client.create({ library_item_id: ITEM }, crypto.randomUUID())
    await filesOf(client, id).push('a.iso')
    await passes(IDLE_MS)

    await runAlarm(client.user)

    for (const table of ['update_session', 'update_file', 'replay'])
      expect(await rowsOf(client.user, table)).toEqual([])
  })

  it('removes logins that have ended', async () => {
    const { client, passes } = await begin(connect)
    await passes(LOGIN_MS)

    await runAlarm(client.user)

    expect(await rowsOf(client.user, 'api_session')).toEqual([])
  })

  it('removes a session that its end has made expire earlier', async () => {
    const { client, passes } = await begin(connect)
    await sandboxOf(client).changeSettings({ sessionRetentionMs: IDLE_MS / 2 })
    const id = await client.create({ library_item_id: ITEM })
    await client.cancel(id)
    await passes(IDLE_MS / 2)

    await runAlarm(client.user)

    expect(await rowsOf(client.user, 'update_session')).toEqual([])
  })

  it('leaves what has not expired', async () => {
    const { client, passes } = await begin(connect)
    const id = await client.create({ library_item_id: ITEM })
    await passes(IDLE_MS - 1)

    await runAlarm(client.user)

    expect(await rowsOf(client.user, 'update_session')).toMatchObject([{ id }])
    expect(await rowsOf(client.user, 'api_session')).toHaveLength(1)
  })

  it('is set to the moment at which the first session expires', async () => {
    const running = await connect()
    const id = await running.create({ library_item_id: ITEM })
    const { expiration_time } = await running.get(id)

    // The first is due at once, for the marker of the sandbox.
    await expect.poll(() => alarmOf(running.user)).toBe(Date.parse(expiration_time))
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

  it('removes all there is of a sandbox that was not used for a week', async () => {
    const { client } = await begin(connect)
    await client.create({ library_item_id: ITEM })
    await leaveUnused(client.user, UNUSED_MS)

    await runAlarm(client.user)

    expect(await tracesOf(client.user)).toEqual([])
    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
  })

  it('keeps a sandbox that was used within the week', async () => {
    const { client } = await begin(connect)
    const id = await client.create({ library_item_id: ITEM })
    await leaveUnused(client.user, UNUSED_MS - 60_000)

    await runAlarm(client.user)

    await expect(client.get(id)).resolves.toMatchObject({ id })
  })
})
