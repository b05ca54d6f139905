// The list of sandboxes in the bucket: its keys, and that it names the sandboxes there are, whatever happens meanwhile.
import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { USER_BYTES } from '../../src/rules/credentials.ts'
import { partsOf } from '../../src/content/bucket.ts'
import { listSandboxes, markerKey, planMarker, readMarkerKey, type Listed } from '../../src/sandbox/markers.ts'
import { connect, freshUser } from '../support/api.ts'
import { sandboxOf, sessionOf } from '../support/bytes.ts'
import type { Client } from '../support/client.ts'
import { makePulls } from '../support/pulls.ts'
import { alarmOf, runAlarm, tracesOf } from '../support/sandbox.ts'
import { bind, complaintsOfEach, held, instead, refuse, within } from '../support/stand-ins.ts'

const NOON = Date.UTC(2026, 10, 26, 12)
const MINUTE_MS = 60_000

const complaints = complaintsOfEach()

const pass = (keys: string[]) => env.CONTENT.delete(keys)

const markersOf = async (user: string) => (await listSandboxes(partsOf(env))).filter(({ name }) => name === user)
const isListed = (user: string) => expect.poll(() => markersOf(user)).toHaveLength(1)
/** Once, as a newer sandbox. */
const isListedAnew = (user: string, before?: Listed) =>
  expect
    .poll(() => markersOf(user))
    .toEqual([{ name: user, createdAt: expect.toSatisfy((at: number) => at > (before?.createdAt ?? Infinity)) }])
const hasNoEarlierMarkers = (client: Client) =>
  expect.poll(() => within(client, (_, { kv }) => kv.get('marker'))).toMatchObject({ earlierKeys: [] })

describe('the key of a marker', () => {
  it('has the inverted time of creation and the name, in one segment unless the name is long', () => {
    expect(markerKey({ name: 'user', createdAt: NOON })).toBe('sandboxes/8204305599999dXNlcg~')
    const encoded = 'eHh4'.repeat(85)
    expect(markerKey({ name: 'x'.repeat(USER_BYTES), createdAt: NOON })).toBe(
      `sandboxes/8204305599999${encoded.slice(0, 187)}/${encoded.slice(187)}~`,
    )
  })

  it('is read in the form that earlier versions have written, too', () => {
    expect(readMarkerKey('sandboxes/8204305599999/dXNlcg~')).toEqual({ name: 'user', createdAt: NOON })
  })

  it('is read as what it was made of, whatever the name and the time', () => {
    const names = fc
      .string({ unit: 'binary', minLength: 1, maxLength: USER_BYTES })
      .filter((name) => new TextEncoder().encode(name).byteLength <= USER_BYTES)
    const times = fc.nat({ max: Date.UTC(2200, 0) })
    fc.assert(
      fc.property(names, times, (name, createdAt) => {
        const key = markerKey({ name, createdAt })
        expect(readMarkerKey(key)).toEqual({ name, createdAt })
        expect(Math.max(...key.split('/').map(({ length }) => length))).toBeLessThanOrEqual(201)
        expect(key.length).toBeLessThan(1024)
      }),
    )
  })

  it('comes before those of older sandboxes', () => {
    fc.assert(
      fc.property(fc.nat({ max: NOON }), fc.nat({ max: NOON }), fc.string({ minLength: 1 }), (a, b, name) => {
        fc.pre(a !== b)
        const isFirst = markerKey({ name, createdAt: a }) < markerKey({ name: 'x', createdAt: b })
        expect(isFirst).toBe(a > b)
      }),
    )
  })
})

describe('the list of sandboxes', () => {
  it('is read from the newest on, in as many pages as it has, up to its limit', async () => {
    const keys = Array.from({ length: 5 }, (_, at) => markerKey({ name: `u-${at}`, createdAt: NOON + at }))
    const bucket = instead(env.CONTENT, {
      list: async ({ cursor = '0' }: { cursor?: string }) => ({
        objects: keys
          .toSorted()
          .slice(Number(cursor), Number(cursor) + 2)
          .map((key) => ({ key })),
        truncated: Number(cursor) + 2 < keys.length,
        cursor: `${Number(cursor) + 2}`,
      }),
    })

    const listed = await listSandboxes(partsOf({ CONTENT: bucket }))
    expect(listed.map(({ name }) => name)).toEqual(['u-4', 'u-3', 'u-2', 'u-1', 'u-0'])
    expect(await listSandboxes(partsOf({ CONTENT: bucket }), 3)).toEqual(listed.slice(0, 3))
  })

  it('has a sandbox of the longest name, in any script', async () => {
    const name = `\u{feff}${freshUser()}`
    const user = name + '名'.repeat(Math.floor((USER_BYTES - new TextEncoder().encode(name).byteLength) / 3))

    await env.SANDBOXES.getByName(user).steer({ clock: { isFrozen: true } })

    await isListed(user)
  })

  it('is waited for by no login: a bucket that takes no marker is asked again later', async () => {
    const user = freshUser()
    const put = vi.fn(refuse)
    await bind({ user }, { CONTENT: instead(env.CONTENT, { put }) })

    const client = await connect(user)
    await expect(client.whoAmI()).resolves.toMatchObject({ user })
    await expect.poll(async () => put).toHaveBeenCalledOnce()
    await expect.poll(() => alarmOf(user)).toBeGreaterThan(Date.now())
    expect(await alarmOf(user)).toBeLessThanOrEqual(Date.now() + MINUTE_MS)
    await bind(client)
    await within(client, (_, { kv }) => kv.put('marker', { ...kv.get<object>('marker'), dueAt: 1 }))
    await runAlarm(user)

    expect(await markersOf(user)).toHaveLength(1)
    expect(complaints).toEqual(['R2 would not take the marker of a sandbox; trying again'])
  })

  it('is written to by one alarm at a time', async () => {
    const user = freshUser()
    const put = held((key: string) => env.CONTENT.put(key, ''))
    const puts = vi.fn(put.call)
    await bind({ user }, { CONTENT: instead(env.CONTENT, { put: puts }) })
    const client = await connect(user)
    await put.asked

    const turned = sandboxOf(client).steer({ clock: { isFrozen: true } })
    await sandboxOf(client).view({})
    put.release()
    await turned

    expect(puts).toHaveBeenCalledOnce()
    await isListed(user)
  })

  it('takes up a sandbox again whose marker was written before a kill, and not noted', async () => {
    const client = await connect()
    await isListed(client.user)
    const [before] = await markersOf(client.user)
    await within(client, (_, { kv }) => kv.put('marker', { ...kv.get<object>('marker'), dueAt: 1 }))

    await runAlarm(client.user)

    expect(await markersOf(client.user)).toEqual([before])
    expect(await within(client, (_, { kv }) => kv.get('marker'))).not.toHaveProperty('dueAt')
  })
})

it('two markers of one name have two keys, and the later one is that of the newer sandbox', async () => {
  const { user } = await connect()
  await within({ user }, (_, storage) => {
    const keys = [1, 2].map(() => {
      planMarker(storage, user, 0)
      return storage.kv.get<{ key: string }>('marker')?.key ?? ''
    })
    expect(keys).toEqual([...new Set(keys)].toSorted().toReversed())
  })
})

it('a sandbox that was created again and again while no marker could be deleted can delete all that it knows in one call', async () => {
  const { user } = await connect()
  await within({ user }, (_, storage) => {
    for (let at = 0; at < 1200; at++) planMarker(storage, user, at)

    expect(storage.kv.get<{ earlierKeys: string[] }>('marker')?.earlierKeys).toHaveLength(999)
  })
})

describe('a sandbox that is removed', () => {
  it('while its marker is being written, is not in the list any more', async () => {
    const user = freshUser()
    const put = held((key: string) => env.CONTENT.put(key, ''))
    await bind({ user }, { CONTENT: instead(env.CONTENT, { put: put.call }) })
    const client = await connect(user)
    await put.asked

    const removed = sandboxOf(client).remove()
    await Promise.race([removed, new Promise((resolve) => setTimeout(resolve, 200))])
    put.release()
    await Promise.all([removed, put.done])

    expect([await markersOf(user), await tracesOf(user)]).toEqual([[], []])
  })

  it('while its alarm still has a pull to order, gets no marker any more', async () => {
    const client = await connect()
    await isListed(client.user)
    const { files } = await sessionOf(client)
    await files.push('a.iso')
    const [start, deletion] = [held(() => undefined), held(() => undefined)]
    await bind(client, {
      CONTENT: instead(env.CONTENT, { delete: (keys: string[]) => pass(keys).then(() => deletion.call()) }),
      PULLS: instead(env.PULLS, { getByName: () => ({ start: start.call }) }),
    })

    await within(client, async (sandbox, { sql, kv }) => {
      kv.put('marker', { ...kv.get<object>('marker'), dueAt: 1 })
      makePulls(sql)
      const ringing = sandbox.alarm()
      await start.asked
      sql.exec('UPDATE content SET lease_until = NULL')
      const removed = sandbox.remove()
      await deletion.asked
      start.release()
      await ringing
      deletion.release()
      await removed
    })

    expect([await markersOf(client.user), await tracesOf(client.user)]).toEqual([[], []])
  })

  it('and created again while its marker is being written, is in the list once, as the new one', async () => {
    const user = freshUser()
    const put = held((key: string) => env.CONTENT.put(key, ''))
    await bind({ user }, { CONTENT: instead(env.CONTENT, { put: put.call }) })
    const client = await connect(user)
    await put.asked

    const removed = sandboxOf(client).remove()
    await client.login()
    const after = await within(client, (_, { kv }) => kv.get<{ key: string }>('marker'))
    put.release()
    await removed

    await expect.poll(() => markersOf(user)).toEqual([readMarkerKey(after?.key ?? '')])
  })

  it('while the bucket would not delete, and created again, is in the list once, as the new one', async () => {
    const client = await connect()
    await isListed(client.user)
    await bind(client, { CONTENT: instead(env.CONTENT, { delete: refuse }) })
    await sandboxOf(client).remove()
    const [before] = await markersOf(client.user)

    await bind(client)
    await client.login()

    await isListedAnew(client.user, before)
    expect(complaints).toEqual(['R2 would not delete what a removed sandbox has left; trying again'])
  })

  it('and created again meanwhile, is in the list once, as the new one', async () => {
    const client = await connect()
    await isListed(client.user)
    const [before] = await markersOf(client.user)
    const deletion = held(pass)
    await bind(client, { CONTENT: instead(env.CONTENT, { delete: deletion.call }) })

    const removed = sandboxOf(client).remove()
    await deletion.asked
    const again = await connect(client.user)
    deletion.release()
    await removed

    await isListedAnew(client.user, before)
    await expect(again.whoAmI()).resolves.toMatchObject({ user: client.user })
    await hasNoEarlierMarkers(client)
  })

  it('created and removed again meanwhile, is not forgotten before its own marker is deleted', async () => {
    const client = await connect()
    await isListed(client.user)
    const [first, second] = [held(() => undefined), held(pass)]
    // In between the new sandbox deletes the marker of the earlier one.
    const ways = [first.call, pass, second.call]
    const next = (keys: string[]) => (ways.shift() ?? pass)(keys)
    await bind(client, { CONTENT: instead(env.CONTENT, { delete: next }) })

    const firstRemoval = sandboxOf(client).remove()
    await first.asked
    await connect(client.user)
    await isListed(client.user)
    await hasNoEarlierMarkers(client)
    const secondRemoval = sandboxOf(client).remove()
    await second.asked
    first.release()
    await firstRemoval
    expect(await tracesOf(client.user)).toContain('marker')
    second.release()
    await secondRemoval

    expect([await markersOf(client.user), await tracesOf(client.user)]).toEqual([[], []])
  })
})
