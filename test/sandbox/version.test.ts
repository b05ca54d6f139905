// State of another version, whose tables this one cannot read: it goes, bytes and all, and the sandbox starts empty.
import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Sandbox } from '../../src/sandbox/sandbox.ts'
import { admin } from '../support/admin.ts'
import { aSession, LARGE, sandboxOf, storedBy } from '../support/bytes.ts'
import { ITEM, type Client } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { evict, rowsOf, runAlarm, tracesOf } from '../support/sandbox.ts'

const KEYS = ['schema', 'removed'] as const
/** A sandbox with rows, settings and bytes, as if another version had stored them: under this key, in tables of its own. */
async function ofAnotherVersion(key: (typeof KEYS)[number], isUsedAtOnce = false) {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  onTestFinished(() => warn.mockRestore())
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), LARGE)
  await client.complete(id)
  const [stored] = await storedBy(client)
  await runInDurableObject(env.SANDBOXES.getByName(client.user), async (_, state) => {
    const { kv, sql } = state.storage
    for (const [name] of Array.from(kv.list())) kv.delete(name)
    kv.put(key, 7)
    kv.put('steering', 'of another form')
    sql.exec('DROP TABLE content; ALTER TABLE item RENAME TO thing; CREATE TABLE "of old" (x)')
    // Opens the sandbox as a login does, in the same turn: no alarm rings between.
    if (isUsedAtOnce) await new Sandbox(state, env).steer({ settings: {} })
  })
  await evict(client.user)
  return { client, warn, stored }
}

async function startsEmpty(client: Client): Promise<Client> {
  await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
  const again = await client.login()
  await expect(again.list()).resolves.toEqual([])
  await expect(again.items.get(ITEM)).resolves.toMatchObject({ content_version: '1' })
  return again
}

describe('a sandbox of another version', () => {
  it('says so once in the log, and starts empty', async () => {
    const { client, warn } = await ofAnotherVersion('schema')

    await startsEmpty(client)
    await evict(client.user)
    await client.login()

    expect(warn.mock.calls).toEqual([
      [`Another version stored the sandbox ${client.user}: it is removed, and starts empty`],
    ])
  })

  it('says so in its journal, with the first request that is kept', async () => {
    const { client, warn } = await ofAnotherVersion('schema')

    const again = await client.login()
    await again.list()
    await expect.poll(() => rowsOf(client.user, 'journal')).toHaveLength(2)
    await again.list()
    await expect.poll(() => rowsOf(client.user, 'journal')).toHaveLength(3)

    const { body } = await admin(client.user, 'GET', '/requests')
    expect(body).toMatchObject({ requests: [{}, {}, { notice: warn.mock.calls[0]?.[0] }] })
    const { requests } = await sandboxOf(client).view({ requests: 3 })
    expect(requests.map(({ notice }) => notice !== undefined)).toEqual([false, false, true])
  })

  it.each(KEYS)('deletes its bytes, and all that it stored under %j, though no client logs in', async (key) => {
    const { client } = await ofAnotherVersion(key)
    expect(await storedBy(client)).toHaveLength(1)

    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })

    await expect.poll(async () => [await storedBy(client), await tracesOf(client.user)]).toEqual([[], []])
  })

  it.each(KEYS)(
    'under %j deletes its bytes for a client that logs in at once, and keeps what that one sends',
    async (key) => {
      const { client, stored } = await ofAnotherVersion(key, true)

      const again = await client.login()
      const id = await again.create({ library_item_id: ITEM })
      await upload(await filesOf(again, id).push('b.iso'), 'world')

      await expect.poll(() => storedBy(client)).not.toContain(stored)
      await runAlarm(client.user)
      expect(await storedBy(client)).toHaveLength(1)
      await again.complete(id)
      await expect(again.items.get(ITEM)).resolves.toMatchObject({ content_version: '2' })
    },
  )
})
