// Released content: transfers stop, and the bucket deletes it.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { bindings } from '../support/api.ts'
import {
  aSession,
  begun,
  bind,
  complaintsOfEach,
  eventually,
  hurry,
  instead,
  LARGE,
  refuse,
  sandboxOf,
  sessionOf,
  settle,
  storedBy,
  underWay,
} from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { advanceClock, rowsOf } from '../support/sandbox.ts'

const gone = { status: 404, errorType: 'NOT_FOUND' }
const IDLE_MS = 300_000

const endings = {
  cancel: (client: Client, id: string) => client.cancel(id),
  fail: (client: Client, id: string) => client.fail(id, 'the disk is full'),
  'its expiry': (client: Client) => advanceClock(client.user, IDLE_MS),
  'the removal of the file': (client: Client, id: string) => filesOf(client, id).remove('a.iso'),
  'another add of the file': (client: Client, id: string) =>
    filesOf(client, id)
      .push('a.iso')
      .then(() => undefined),
  'the deletion of the item': (client: Client) => client.items.delete(ITEM),
  'the deletion of the library': (client: Client) => client.libraries.delete(LIBRARY),
}
const all = Object.entries(endings)

describe.concurrent.each(bindings)('bytes of an update session, through $name,', ({ connect }) => {
  it.each(all)('that have arrived are deleted after %s', async (_, end) => {
    const { client, id, files } = await aSession(connect)
    await upload(await files.push('a.iso'), LARGE)
    expect(await storedBy(client)).toHaveLength(1)

    await end(client, id)
    await settle(client)

    expect(await storedBy(client)).toEqual([])
  })

  it.each(all)('that are under way stop at %s, and nothing is left of them', async (_, end) => {
    const { client, id, files } = await aSession(connect)
    const { answer } = await underWay(files, await files.push('a.iso'))

    await end(client, id)

    expect(await answer).toMatchObject(gone)
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })
})

// What lies in the bucket, and when it goes, is below the bindings: from here on the sessions are /api's.
describe('bytes of an update session', () => {
  it('that were sent again are kept once', async () => {
    const { client, files } = await aSession()
    const file = await files.push('a.iso')
    await upload(file, 'hello')
    const before = await storedBy(client)

    await upload(file, 'bye')
    await settle(client)

    const after = await storedBy(client)
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
  })

  it('that are not what was expected are deleted', async () => {
    const { client, files } = await aSession()
    await upload(await files.push('b.iso'), 'good')

    await expect(upload(await files.push('a.iso', { size: 3 }), 'hello')).rejects.toMatchObject({ status: 400 })
    await settle(client)

    expect(await storedBy(client)).toEqual([])
  })

  it('that replaced those of the item leave only themselves behind', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await upload(await files.push('b.iso'), 'two')
    await client.complete(id)
    const before = await storedBy(client)

    const next = await sessionOf(client)
    await upload(await next.files.push('a.iso'), 'three')
    await next.files.remove('b.iso')
    await settle(client)
    expect(await storedBy(client)).toEqual(expect.arrayContaining(before)) // still the item's, until it is completed
    await client.complete(next.id)
    await settle(client)

    const after = await storedBy(client)
    expect(after).toHaveLength(1)
    expect(before).not.toContain(after[0])
  })

  it('are deleted after a reset of the sandbox, those of its items too', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.complete(id)

    await sandboxOf(client).reset()

    await eventually(async () => expect(await storedBy(client)).toEqual([]))
  })

  it('that are the item’s own survive a session that is cancelled', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.complete(id)
    const before = await storedBy(client)

    const next = await sessionOf(client)
    await next.files.remove('a.iso')
    await client.cancel(next.id)
    await client.delete(next.id)
    await settle(client)

    expect(await storedBy(client)).toEqual(before)
  })
})

describe('the purge', () => {
  it('is done after the sandbox was evicted', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.cancel(id)

    await evictDurableObject(sandboxOf(client))

    await eventually(async () => expect(await storedBy(client)).toEqual([]))
  })

  it('does not wait for a writer that has crashed', async () => {
    const { client, files, key } = await begun()
    await env.CONTENT.put(`${key}/0`, 'half')
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'TRANSFERRING' })

    await hurry(client)

    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
    expect([await storedBy(client), await rowsOf(client.user, 'content')]).toEqual([[], []])
  })

  it('reaches what a writer has written after it was given up', async () => {
    const { client, files } = await aSession()
    const { answer, end } = await underWay(files, await files.push('a.iso'))
    await hurry(client)

    await end()

    expect(await answer).toMatchObject(gone)
    expect(await storedBy(client)).toEqual([])
  })
})

describe('a clock that is moved', () => {
  const complaints = complaintsOfEach()

  it('ahead does not give up a writer', async () => {
    const { client, files } = await aSession()
    const { answer, end } = await underWay(files, await files.push('a.iso'))

    await sandboxOf(client).setClock({ byMs: 60_000 })
    await end()

    expect(await answer).toBe(200)
  })

  it('back, or stopped, does not keep released content', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await bind(client, { CONTENT: instead(env.CONTENT, { delete: refuse }) })
    await client.cancel(id)
    await settle(client)
    await sandboxOf(client).setClock({ isFrozen: true })
    await sandboxOf(client).setClock({ to: 0 })
    await bind(client)

    await hurry(client)

    expect(await storedBy(client)).toEqual([])
    expect(complaints).toContain('R2 would not delete; trying again')
  })
})

describe('the orphan search', () => {
  it('deletes what lies in the bucket and belongs to nothing, and only that', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.complete(id)
    const kept = await storedBy(client)
    await env.CONTENT.put(`${sandboxOf(client).id.toString()}/orphan/0`, 'lost')
    await settle(client)
    expect(await storedBy(client)).toHaveLength(2)

    await hurry(client)

    expect(await storedBy(client)).toEqual(kept)
  })
})

describe('an unused sandbox', () => {
  it('leaves nothing of an upload that was under way', async () => {
    const { client, files } = await aSession()
    const { answer, end } = await underWay(files, await files.push('a.iso'))

    await abandon(client)
    await end()

    expect(await answer).toMatchObject(gone)
    expect(await storedBy(client)).toEqual([])
  })
})

/** The sandbox is unused since 1970, and its alarm runs. */
const abandon = (client: Client) =>
  runInDurableObject(sandboxOf(client), async (instance, { storage }) => {
    storage.kv.put('used-at', 0)
    await instance.alarm()
  })
