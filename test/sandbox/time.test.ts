// What time does to a sandbox: exact whenever somebody looks, cleared away when the alarm rings.
import { beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../support/api.ts'
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

let client: Client
let now: number
beforeEach(async () => {
  client = await connect()
  now = await freezeClock(client.user)
})
const passes = async (byMs: number) => {
  await advanceClockOnly(client.user, byMs)
  now += byMs
}
/** Time passes, and a login that is used all the while lives on. */
const passesWithLogins = async (byMs: number) => {
  for (let left = byMs; left > 0; left -= LOGIN_MS / 2) {
    await passes(Math.min(left, LOGIN_MS / 2))
    await client.whoAmI()
  }
}
const expiryOf = async (id: string) => Date.parse((await client.get(id)).expiration_time)

describe('an update session that nobody uses', () => {
  it('says when it will expire: five minutes after it was created', async () => {
    const id = await client.create({ library_item_id: ITEM })

    expect(await expiryOf(id)).toBe(now + IDLE_MS)
  })

  it('is ACTIVE until its last millisecond', async () => {
    const id = await client.create({ library_item_id: ITEM })

    await passes(IDLE_MS - 1)

    await expect(client.get(id)).resolves.toMatchObject({ id, state: 'ACTIVE' })
  })

  it.each([
    ['get', (id: string): Promise<unknown> => client.get(id)],
    ['update', (id: string) => client.update(id, {})],
    ['keep-alive', (id: string) => client.keepAlive(id)],
    ['complete', (id: string) => client.complete(id)],
    ['cancel', (id: string) => client.cancel(id)],
    ['fail', (id: string) => client.fail(id, 'too late')],
    ['delete', (id: string) => client.delete(id)],
    ['the list of its files', (id: string) => client.files.list(id)],
    ['the add of a file', (id: string) => client.files.add(id, { name: 'a', source_type: 'PUSH' })],
  ])('is gone for %s from then on, although no alarm has run', async (_, ask) => {
    const id = await client.create({ library_item_id: ITEM })
    await passes(IDLE_MS)
    expect(await rowsOf(client.user, 'update_session')).toHaveLength(1)

    await expect(ask(id)).rejects.toMatchObject(gone)
  })

  it('is gone from the list, although no alarm has run', async () => {
    await client.create({ library_item_id: ITEM })
    await passes(IDLE_MS)

    await expect(client.list()).resolves.toEqual([])
    await expect(client.list(ITEM)).resolves.toEqual([])
  })

  it('leaves its item free, although no alarm has run', async () => {
    await client.create({ library_item_id: ITEM })
    await passes(IDLE_MS)

    const next = await client.create({ library_item_id: ITEM })

    await expect(client.list()).resolves.toEqual([next])
  })

  it('leaves its Client-Token free, although no alarm has run', async () => {
    const token = crypto.randomUUID()
    const id = await client.create({ library_item_id: ITEM }, token)
    await passes(IDLE_MS)

    await expect(client.create({ library_item_id: ITEM }, token)).resolves.not.toBe(id)
  })

  it('takes no more bytes, although no alarm has run', async () => {
    const id = await client.create({ library_item_id: ITEM })
    const file = await filesOf(client, id).push('a.iso')
    await passes(IDLE_MS)

    await expect(upload(file, 'late')).rejects.toMatchObject(gone)
  })

  it('changes nothing of its item', async () => {
    const before = await client.items.get(ITEM)
    const id = await client.create({ library_item_id: ITEM })
    await upload(await filesOf(client, id).push('a.iso'), 'hello')

    await advanceClock(client.user, IDLE_MS)

    await expect(client.items.get(ITEM)).resolves.toEqual(before)
  })
})

describe('five minutes more', () => {
  it.each([
    ['keep-alive', (id: string): Promise<unknown> => client.keepAlive(id)],
    ['keep-alive with progress', (id: string) => client.keepAlive(id, 1)],
    ['update', (id: string) => client.update(id, {})],
    ['the add of a file', (id: string) => filesOf(client, id).push('b.iso')],
    ['the removal of a file', (id: string) => client.files.remove(id, 'a.iso')],
    ['validate', (id: string) => client.files.validate(id)],
  ])('are given by %s', async (_, use) => {
    const id = await client.create({ library_item_id: ITEM })
    await upload(await filesOf(client, id).push('a.iso'), 'hello')
    await passes(200_000)

    await use(id)

    expect(await expiryOf(id)).toBe(now + IDLE_MS)
  })

  it('are given by bytes that arrive', async () => {
    const id = await client.create({ library_item_id: ITEM })
    const file = await filesOf(client, id).push('a.iso')
    await passes(200_000)

    await upload(file, 'hello')

    expect(await expiryOf(id)).toBe(now + IDLE_MS)
  })

  it.each([
    ['get', (id: string): Promise<unknown> => client.get(id)],
    ['list', () => client.list()],
    ['the list of its files', (id: string) => client.files.list(id)],
    ['a keep-alive that is refused', (id: string) => client.keepAlive(id, 101)],
    ['a delete that is refused', (id: string) => client.delete(id)],
    ['a create that is refused', () => client.create({ library_item_id: ITEM })],
    ['the removal of a file that is not there', (id: string) => client.files.remove(id, 'b.iso')],
  ])('are not given by %s', async (_, use) => {
    const id = await client.create({ library_item_id: ITEM })
    const before = await expiryOf(id)
    await passes(200_000)

    await use(id).catch(() => undefined)

    expect(await expiryOf(id)).toBe(before)
  })

  it('can be had again and again', async () => {
    const id = await client.create({ library_item_id: ITEM })

    for (let turn = 0; turn < 20; turn += 1) {
      await passes(IDLE_MS - 1)
      await client.keepAlive(id)
    }

    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    expect(await expiryOf(id)).toBe(now + IDLE_MS)
  })
})

describe('the progress that a client reports', () => {
  it.each([[1], [50], [100]])('may be %d', async (progress) => {
    const id = await client.create({ library_item_id: ITEM })

    await client.keepAlive(id, progress)

    await expect(client.get(id)).resolves.toMatchObject({ client_progress: progress })
  })

  it.each([
    ['below zero', -1],
    ['above 100', 101],
    ['what it was', 40],
    ['less than it was', 39],
    ['not a whole number', 40.5],
  ])('is refused when it is %s, and stays what it was', async (_, progress) => {
    const id = await client.create({ library_item_id: ITEM })
    await client.keepAlive(id, 40)

    await expect(client.keepAlive(id, progress)).rejects.toMatchObject({ status: 400, errorType: 'INVALID_ARGUMENT' })

    await expect(client.get(id)).resolves.toMatchObject({ client_progress: 40 })
  })

  it('stays what it was when a keep-alive reports none', async () => {
    const id = await client.create({ library_item_id: ITEM })
    await client.keepAlive(id, 40)

    await client.keepAlive(id)

    await expect(client.get(id)).resolves.toMatchObject({ client_progress: 40 })
  })
})

describe.each(['DONE', 'ERROR', 'CANCELED'] as const satisfies State[])('a session that is %s', (state) => {
  it('is kept for an hour', async () => {
    const id = await sessionIn(client, state)
    expect(await expiryOf(id)).toBe(now + RETENTION_MS)

    await passesWithLogins(RETENTION_MS - 1)

    await expect(client.get(id)).resolves.toMatchObject({ id, state })
    await expect(client.list()).resolves.toEqual([id])
  })

  it('is gone after it', async () => {
    const id = await sessionIn(client, state)

    await passesWithLogins(RETENTION_MS)

    await expect(client.get(id)).rejects.toMatchObject(gone)
    await expect(client.list()).resolves.toEqual([])
  })
})

describe('the alarm', () => {
  it('removes what has expired: sessions, their files, their Client-Tokens', async () => {
    const id = await client.create({ library_item_id: ITEM }, crypto.randomUUID())
    await filesOf(client, id).push('a.iso')
    await passes(IDLE_MS)

    await runAlarm(client.user)

    for (const table of ['update_session', 'update_file', 'replay'])
      expect(await rowsOf(client.user, table)).toEqual([])
  })

  it('removes logins that have ended', async () => {
    await passes(LOGIN_MS)

    await runAlarm(client.user)

    expect(await rowsOf(client.user, 'api_session')).toEqual([])
  })

  it('leaves what has not expired', async () => {
    const id = await client.create({ library_item_id: ITEM })
    await passes(IDLE_MS - 1)

    await runAlarm(client.user)

    expect(await rowsOf(client.user, 'update_session')).toMatchObject([{ id }])
    expect(await rowsOf(client.user, 'api_session')).toHaveLength(1)
  })

  it('is set to the moment at which the first session expires', async () => {
    const running = await connect()
    const id = await running.create({ library_item_id: ITEM })

    expect(await alarmOf(running.user)).toBe(Date.parse((await running.get(id)).expiration_time))
  })

  it('that rings before a session kept alive expires is set again', async () => {
    const running = await connect()
    const id = await running.create({ library_item_id: ITEM })
    await advanceClock(running.user, 100_000)
    await running.keepAlive(id)

    expect(await runAlarm(running.user)).toBe(true)

    const expiresAt = Date.parse((await running.get(id)).expiration_time)
    expect(await alarmOf(running.user)).toBe(expiresAt - 100_000)
  })

  it('removes all there is of a sandbox that nobody has used for a week', async () => {
    await client.create({ library_item_id: ITEM })
    await leaveUnused(client.user, UNUSED_MS)

    await runAlarm(client.user)

    expect(await tracesOf(client.user)).toEqual([])
    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
  })

  it('leaves a sandbox that somebody used within the week', async () => {
    const id = await client.create({ library_item_id: ITEM })
    await leaveUnused(client.user, UNUSED_MS - 60_000)

    await runAlarm(client.user)

    await expect(client.get(id)).resolves.toMatchObject({ id })
  })
})
