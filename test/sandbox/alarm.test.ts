// What a sandbox does by its alarm, in which order, and that the alarm is there when something is due.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { partsOf } from '../../src/content/bucket.ts'
import { listSandboxes } from '../../src/sandbox/markers.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { connect, freshUser } from '../support/api.ts'
import { aSession, begun, LARGE, sandboxOf, storedBy } from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { makePulls, uriOf } from '../support/pulls.ts'
import { advanceClockOnly, alarmOf, evict, freezeClock, rowsOf, runAlarm } from '../support/sandbox.ts'
import { bind, complaintsOfEach, held, hurry, instead, setEnv, within } from '../support/stand-ins.ts'

const LEASE_MS = 30_000
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const RETENTION_MS = 3_600_000

const complaints = complaintsOfEach()

/** Counts what it refuses. */
function refusing() {
  const refuse = vi.fn(() => Promise.reject(new Error('out of order')))
  return { refuse, refused: () => refuse.mock.calls.length }
}

/** Nothing is due any more. */
const atRest = ({ user }: Client) =>
  expect.poll(async () => ((await alarmOf(user)) ?? 0) - Date.now()).toBeGreaterThan(2000)

describe('the alarm', () => {
  it('says so when it does not know the name of its sandbox, and begins no PULL', async () => {
    // By an id that was made of no name.
    const nameless = env.SANDBOXES.get(env.SANDBOXES.newUniqueId())
    await nameless.addTeardown({ name: 'any', made: [] })
    complaints.length = 0

    await runDurableObjectAlarm(nameless)

    expect(complaints).toContain('The alarm of a sandbox does not know its name: it begins no PULL')
  })

  it('is set for a sandbox that was out of memory, and earlier than before where that is due', async () => {
    const client = await connect()
    await atRest(client)
    const before = await alarmOf(client.user)
    await evict(client.user)

    await client.create({ library_item_id: ITEM })

    expect(await alarmOf(client.user)).toBeLessThan(before ?? 0)
  })

  it('is not put off by the first call of a sandbox that was out of memory', async () => {
    const client = await connect()
    await atRest(client)
    const soon = Date.now() + MINUTE_MS
    await within(client, (_, storage) => {
      return storage.setAlarm(soon)
    })
    await evict(client.user)

    await client.create({ library_item_id: ITEM })

    expect(await alarmOf(client.user)).toBe(soon)
  })

  it('rings when the writer of a transfer has been silent for so long, however long its session lives', async () => {
    const { client } = await begun()

    expect(await alarmOf(client.user)).toBeLessThanOrEqual(Date.now() + LEASE_MS)
  })

  it('rings for an API session that begins when no other is alive', async () => {
    const client = await connect()
    await client.logout()
    await runAlarm(client.user)
    const before = await alarmOf(client.user)

    await connect(client.user)

    expect(await alarmOf(client.user)).toBeLessThan(before ?? 0)
  })

  it('rings when a completion is to end', async () => {
    const { client, id } = await aSession()
    await sandboxOf(client).steer({ settings: { completionMs: MINUTE_MS } })
    await atRest(client)

    await client.complete(id)

    expect(await alarmOf(client.user)).toBeLessThanOrEqual(Date.now() + MINUTE_MS)
  })

  it.each([
    ['cancelled', (client: Client, id: string) => client.cancel(id)],
    ['failed', (client: Client, id: string) => client.fail(id, 'out of space')],
  ])('does not ring for a completion that was %s before its end', async (_, end) => {
    const { client, id } = await aSession()
    await sandboxOf(client).steer({ settings: { completionMs: MINUTE_MS } })
    await client.complete(id)
    await end(client, id)

    await sandboxOf(client).steer({ clock: { byMs: MINUTE_MS } })

    await atRest(client)
  })

  it('rings after a second for all bytes that nothing holds any more, and once', async () => {
    // By the clock of the platform no alarm rings then.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS })
    onTestFinished(() => void vi.useRealTimers())
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await upload(await files.push('b.iso'), LARGE)
    await runAlarm(client.user)
    const releasedAt = Date.now()

    await files.remove('a.iso')
    const alarmAt = await alarmOf(client.user)
    await client.cancel(id)

    expect(alarmAt).toBe(releasedAt + 1000)
    expect(await alarmOf(client.user)).toBe(alarmAt)
    expect(await storedBy(client)).toHaveLength(2)
    vi.setSystemTime(alarmAt ?? 0)
    await runAlarm(client.user)
    expect(await storedBy(client)).toEqual([])
    expect(await rowsOf(client.user, 'content')).toEqual([])
  })

  it('rings at once for bytes that were given up while they were written, when their writer has ended', async () => {
    const { client, id, sandbox, key } = await begun()
    await client.cancel(id)
    await atRest(client)
    await env.CONTENT.put(`${key}/0`, 'what it had written')

    await sandbox.endTransfer(key, { type: 'interrupt' })

    await expect.poll(() => storedBy(client)).toEqual([])
  })

  it('rings for the search for orphans, and for the end of the sandbox, where nothing else is due', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.complete(id)
    await client.delete(id)
    await client.logout()
    const due = async () => {
      // It still knows that the session which was deleted expires.
      await evict(client.user)
      await runAlarm(client.user)
      const [orphansAt, usedAt] = await within(client, (_, { kv }) => [
        kv.get<number>('orphans-at'),
        kv.get<number>('used-at'),
      ])
      return { alarmAt: await alarmOf(client.user), orphansAt, removalAt: (usedAt ?? 0) + 7 * DAY_MS }
    }
    const { alarmAt, orphansAt } = await due()
    expect(alarmAt).toBe(orphansAt)
    await within(client, (_, { sql, kv }) => {
      sql.exec('DELETE FROM content')
      kv.put('orphans-at', 1)
    })

    const after = await due()

    expect(after).toMatchObject({ orphansAt: undefined, alarmAt: after.removalAt })
  })

  it('rings in a sandbox that was removed and is used again', async () => {
    const { client } = await aSession()
    await atRest(client)
    await sandboxOf(client).remove()
    expect(await alarmOf(client.user)).toBeNull()

    await client.login()

    await atRest(client)
  })
})

describe('an alarm that is to be set for a sandbox', () => {
  it.each<[string, (sandbox: Sandbox, client: Client) => Promise<unknown>]>([
    [
      'something becomes due',
      (sandbox, client) => call(sandbox, client, 'create', { create_spec: { library_item_id: ITEM } }),
    ],
    ['its clock is moved', (sandbox) => sandbox.steer({ clock: { byMs: 10 * MINUTE_MS } })],
  ])('is set by what holds then, where %s while it is asked which one is set', async (_, change) => {
    const client = await connect()
    await atRest(client)
    await evict(client.user)

    await within(client, async (sandbox, storage) => {
      await storage.deleteAlarm()
      const { call, asked, release } = held(() => null)
      Object.defineProperty(storage, 'getAlarm', { value: call, configurable: true })
      const scheduling = sandbox.steer({ settings: {} })
      await asked
      Reflect.deleteProperty(storage, 'getAlarm')
      await change(sandbox, client)
      const expected = await storage.getAlarm()
      release()
      await scheduling

      expect(expected).toBeLessThan(Date.now() + 21 * MINUTE_MS)
      expect(Math.abs(((await storage.getAlarm()) ?? 0) - (expected ?? 0))).toBeLessThan(MINUTE_MS)
    })
  })

  it('is set where it rings while it is asked which one is set', async () => {
    const client = await connect()
    await atRest(client)
    await evict(client.user)

    await within(client, async (sandbox, storage) => {
      const getAlarm = held(() => Date.now() + MINUTE_MS)
      const list = held(() => ({ objects: [], truncated: false }))
      Object.defineProperty(storage, 'getAlarm', { value: getAlarm.call, configurable: true })
      const scheduling = sandbox.steer({ settings: {} })
      await getAlarm.asked
      Reflect.deleteProperty(storage, 'getAlarm')
      await storage.deleteAlarm()
      storage.kv.put('orphans-at', 1)
      setEnv(sandbox, { CONTENT: instead(env.CONTENT, { list: list.call }) })
      const ringing = sandbox.alarm()
      await list.asked
      getAlarm.release()
      await scheduling
      list.release()
      await ringing

      expect(await storage.getAlarm()).toBeGreaterThan(Date.now())
    })
    await bind(client)
  })

  it('is set though the first call is refused', async () => {
    const user = freshUser()
    const sandbox = env.SANDBOXES.getByName(user)
    const answer = await sandbox.invoke({
      caller: { token: 'new', user },
      operation: 'com.vmware.cis.session.create',
      input: { ok: true, value: { nonsense: 1 } },
      origin: '',
      request: undefined,
    })
    expect(answer).toMatchObject({ result: { ok: false } })

    await expect.poll(async () => (await listSandboxes(partsOf(env))).map(({ name }) => name)).toContain(user)
  })

  it('is set earlier by a setting that makes something due earlier', async () => {
    const client = await connect()
    await atRest(client)

    await sandboxOf(client).steer({ settings: { apiSessionIdleMs: MINUTE_MS } })

    expect(await alarmOf(client.user)).toBeLessThanOrEqual(Date.now() + MINUTE_MS)
  })
})

it('a bucket that would not delete is left alone for a while, and what it did not delete stays known', async () => {
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), LARGE)
  const { refuse, refused } = refusing()
  await bind(client, { CONTENT: instead(env.CONTENT, { delete: refuse }) })

  await client.cancel(id)
  await expect.poll(async () => refused()).toBe(1)
  await atRest(client)

  expect(await storedBy(client)).toEqual((await rowsOf(client.user, 'content')).map(({ key }) => key))
  expect(refused()).toBe(1)
  expect(complaints).toEqual(['R2 would not delete; trying again'])
})

it('a search for orphans that fails is made up for by the next, and not at once', async () => {
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), LARGE)
  await client.complete(id)
  const { refuse, refused } = refusing()
  await bind(client, { CONTENT: instead(env.CONTENT, { list: refuse }) })

  await hurry(client)

  const planned = await within(client, (_, { kv }) => kv.get<number>('orphans-at'))
  expect(planned).toBeGreaterThan(Date.now())
  expect(await alarmOf(client.user)).toBeGreaterThan(Date.now())
  expect(refused()).toBe(1)
  expect(complaints).toEqual(['R2 would not tell of orphans; the next search makes up for it'])
})

it('a pull whose order does not arrive keeps the alarm from nothing else, and is ordered anew after its lease', async () => {
  const { client, files } = await aSession()
  await files.push('a.iso')
  const { refuse, refused } = refusing()
  await within(client, async (sandbox, storage) => {
    makePulls(storage.sql, uriOf('/file'))
    setEnv(sandbox, { PULLS: instead(env.PULLS, { getByName: () => ({ start: refuse }) }) })
    // So that what is set afterwards is not what was set before.
    await storage.deleteAlarm()
    await expect(sandbox.alarm()).resolves.toBeUndefined()
    expect(await storage.getAlarm()).not.toBeNull()
  })
  expect(refused()).toBe(1)
  expect(await files.get('a.iso')).toMatchObject({ status: 'TRANSFERRING' })
  await bind(client)

  await hurry(client)

  await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY' })
})

/** It takes a minute, and so much time has passed since. */
async function completed(passedMs = 10 * MINUTE_MS) {
  const client = await connect()
  await sandboxOf(client).steer({ settings: { completionMs: MINUTE_MS } })
  const now = await freezeClock(client.user)
  const id = await client.create({ library_item_id: ITEM })
  await client.complete(id)
  await advanceClockOnly(client.user, passedMs)
  return { client, id, endsAt: now + MINUTE_MS + RETENTION_MS }
}

describe('a completion that takes a minute, ten minutes later', () => {
  it('is DONE for a client that asks, since its own moment', async () => {
    const { client, id, endsAt } = await completed()

    const { state, expiration_time } = await client.get(id)

    expect([state, Date.parse(expiration_time)]).toEqual(['DONE', endsAt])
  })

  it('is DONE for a client that asks before the session would expire', async () => {
    const { client, id } = await completed(2 * MINUTE_MS)

    expect(await client.get(id)).toMatchObject({ state: 'DONE' })
  })

  it('is DONE after a call that failed', async () => {
    const { client, id } = await completed(2 * MINUTE_MS)
    await within(client, async (sandbox, { sql }) => {
      sql.exec('ALTER TABLE replay RENAME TO away')
      const spec = { client_token: crypto.randomUUID(), create_spec: { library_item_id: ITEM } }
      await expect(call(sandbox, client, 'create', spec)).rejects.toThrow()
      sql.exec('ALTER TABLE away RENAME TO replay')
    })

    expect(await client.get(id)).toMatchObject({ state: 'DONE' })
  })

  it('is DONE when the alarm rings, since its own moment', async () => {
    const { client, endsAt } = await completed()

    await runAlarm(client.user)

    const [session] = await rowsOf(client.user, 'update_session')
    expect(JSON.parse(session?.['document'] as string)).toMatchObject({ state: 'DONE', expiresAt: endsAt })
  })
})

describe('a sandbox that was not used for long', () => {
  it('is one of the real time: a clock that was moved is not disuse', async () => {
    const client = await connect()

    await sandboxOf(client).steer({ clock: { byMs: 8 * DAY_MS } })

    expect(await rowsOf(client.user, 'item')).toHaveLength(1)
  })

  it('is used by each call, whatever its clock shows', async () => {
    const client = await connect()
    await sandboxOf(client).steer({ clock: { to: 0 } })
    const before = Date.now()
    await within(client, (_, { kv }) => kv.put('used-at', before - 2 * MINUTE_MS))
    await evict(client.user)

    await client.whoAmI()

    expect(await within(client, (_, { kv }) => kv.get('used-at'))).toBeGreaterThanOrEqual(before)
  })
})

it('the end of one session sets the alarm for that of the next', async () => {
  const client = await connect()
  const other = await client.items.create({ library_id: LIBRARY, name: 'other' })
  await client.create({ library_item_id: ITEM })
  await sandboxOf(client).steer({ clock: { byMs: 4 * MINUTE_MS } })
  const id = await client.create({ library_item_id: other })

  await sandboxOf(client).steer({ clock: { byMs: 2 * MINUTE_MS } })
  // That of the first was set already.
  await runAlarm(client.user)

  expect(await client.list()).toEqual([id])
  expect(await alarmOf(client.user)).toBeLessThanOrEqual(Date.now() + 3 * MINUTE_MS)
  expect(await alarmOf(client.user)).toBeGreaterThan(Date.now() + 2 * MINUTE_MS)
})

it('a clock that is moved has done all that falls due on the way when the call is answered', async () => {
  const { client } = await aSession()

  await within(client, async (sandbox, { sql }) => {
    await sandbox.steer({ clock: { byMs: 31 * MINUTE_MS } })

    expect(sql.exec('SELECT id FROM update_session').toArray()).toEqual([])
    expect(sql.exec('SELECT token FROM api_session').toArray()).toEqual([])
  })
})

it('a sandbox with a short life is used by each call, to a tenth of that life', async () => {
  const client = await connect()
  await sandboxOf(client).steer({ settings: { sandboxIdleMs: MINUTE_MS } })
  const usedAt = Date.now() - MINUTE_MS / 5
  await within(client, (_, { kv }) => kv.put('used-at', usedAt))
  await evict(client.user)

  await client.whoAmI()

  expect(await within(client, (_, { kv }) => kv.get('used-at'))).toBeGreaterThan(usedAt)
})

it('a change that fails in the middle leaves everything as it was', async () => {
  const { client, id } = await aSession()
  await within(client, async (sandbox, { sql }) => {
    sql.exec('ALTER TABLE item_file RENAME TO away')
    await expect(call(sandbox, client, 'complete', { update_session_id: id })).rejects.toThrow()
    sql.exec('ALTER TABLE away RENAME TO item_file')
  })

  expect(await client.get(id)).toMatchObject({ state: 'ACTIVE' })
})

const call = (sandbox: Sandbox, { token }: Client, name: string, value: object) =>
  sandbox.invoke({
    caller: { token },
    operation: `com.vmware.content.library.item.update_session.${name}`,
    input: { ok: true, value },
    origin: '',
    request: undefined,
  })
