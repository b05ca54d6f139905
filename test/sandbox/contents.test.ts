// What a sandbox knows of its bytes in the bucket: who writes them, who holds them, and what the orphan search finds.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { partsOf } from '../../src/content/bucket.ts'
import { deleteParts } from '../../src/content/parts.ts'
import { Contents } from '../../src/sandbox/tables/contents.ts'
import { Database } from '../../src/sandbox/tables/database.ts'
import type { Known } from '../../src/sandbox/tables/known.ts'
import { orphansAt, planOrphans } from '../../src/sandbox/deadlines.ts'
import { collectOrphans } from '../../src/sandbox/housekeeping.ts'
import { connect } from '../support/api.ts'
import { begun, sandboxOf, settle, storedBy } from '../support/bytes.ts'
import { rowsOf } from '../support/sandbox.ts'
import { within } from '../support/stand-ins.ts'

const NOW = 1_000_000
const LEASE_MS = 30_000

/** The contents in this storage, as they are at this moment. */
const contentsAt = (sql: SqlStorage, now: number) => {
  const known = { settings: { transferLeaseMs: LEASE_MS }, clock: { offsetMs: 0 } } as Known // what this table asks of it
  return new Contents(new Database(sql, known, now))
}

/** The contents of a new sandbox, as they are at this moment. */
const withContents = async (run: (at: (now: number) => Contents, sql: SqlStorage) => void) => {
  const client = await connect()
  await within(client, (_, { sql }) => run((now) => contentsAt(sql, now), sql))
}

describe('content', () => {
  it.each([
    ['has ended', NOW + 1000, (at: (now: number) => Contents) => at(NOW + 1000).end('key')],
    ['must have died', NOW + LEASE_MS, () => undefined],
  ])('that is released while a transfer writes it is purged at once, and again when that %s', (_, again, end) =>
    withContents((at) => {
      at(NOW).begin('key')
      expect(at(NOW).purgeable()).toEqual([])
      at(NOW).release(['key'])
      expect(at(NOW).purgeable()).toEqual([{ key: 'key', isWritten: 1 }])

      at(NOW).purged(at(NOW).purgeable())

      expect(at(NOW + LEASE_MS - 1).purgeable()).toEqual([])
      end(at)
      expect(at(again).purgeable()).toMatchObject([{ key: 'key' }])
      at(again).end('key')
      at(again).purged(at(again).purgeable())
      expect(at(again).isKnown('key')).toBe(false)
    }),
  )

  it('that is written has its lease renewed once a third of it is over: an index changes with it', () =>
    withContents((at, sql) => {
      const leaseUntil = () => sql.exec('SELECT lease_until FROM content').one()['lease_until']
      at(NOW).begin('key')

      at(NOW + LEASE_MS / 3).renew('key', 1)
      expect(leaseUntil()).toBe(NOW + LEASE_MS)

      at(NOW + LEASE_MS / 3 + 1).renew('key', 2)
      expect(leaseUntil()).toBe(NOW + LEASE_MS / 3 + 1 + LEASE_MS)
    }))

  it('of a transfer that ends while it is purged is purged once more', () =>
    withContents((at) => {
      at(NOW).begin('key')
      at(NOW).release(['key'])
      const purged = at(NOW).purgeable()
      at(NOW).end('key')

      at(NOW).purged(purged)

      expect(at(NOW).purgeable()).toEqual([{ key: 'key', isWritten: 0 }])
    }))

  it('that the bucket would not delete is not purged again before its time', () =>
    withContents((at) => {
      at(NOW).begin('key')
      at(NOW).end('key')
      expect(at(NOW).purgeable()).toEqual([])
      at(NOW).release(['key'])

      at(NOW).postpone([{ key: 'key', isWritten: 0 }])

      expect(at(NOW + 4_999).purgeable()).toEqual([])
      expect(at(NOW + 5_000).purgeable()).toMatchObject([{ key: 'key' }])
    }))

  it.each([
    ['an item', "INSERT INTO item_file VALUES ('item', 'a.iso', 1, 'key', '{}')"],
    ['a session', "INSERT INTO update_file (session_id, name, file, content_key) VALUES ('id', 'a.iso', '{}', 'key')"],
  ])('that a file of %s holds is not purged', (_, hold) =>
    withContents((at, sql) => {
      at(NOW).begin('key')
      at(NOW).end('key')
      sql.exec(hold)

      at(NOW).release(['key'])

      expect(at(NOW).isHeld('key')).toBe(true)
      expect(at(NOW).purgeable()).toEqual([])
    }),
  )
})

describe('a transfer', () => {
  it.each([
    ['bytes that arrive', 5],
    ['silence', 0],
  ])('lives on with each report of %s', async (_, bytes) => {
    const { client, sandbox, key } = await begun()
    // Not over yet: the alarm, which still has the marker to write, would take the writer for dead.
    const soon = Date.now() + LEASE_MS / 2
    await within(client, (_, { sql }) => sql.exec('UPDATE content SET lease_until = ?', soon))

    expect(await sandbox.reportProgress(key, bytes)).toBeGreaterThan(bytes)

    const [row] = await rowsOf(client.user, 'content')
    expect(row).toMatchObject({ key, bytes })
    expect(row?.['lease_until']).toBeGreaterThan(soon)
  })

  it('of a file that was removed keeps its content known until it has ended', async () => {
    const { client, files, sandbox, key } = await begun()
    await files.remove('a.iso')
    await settle(client)
    expect(await rowsOf(client.user, 'content')).toMatchObject([{ key }])
    await env.CONTENT.put(`${key}/0`, 'what it wrote last')

    await sandbox.endTransfer(key, { type: 'interrupt' })
    await settle(client)

    expect(await rowsOf(client.user, 'content')).toEqual([])
    expect(await storedBy(client)).toEqual([])
  })
})

/** The bucket with pages of two, which refuses to be listed without an end. */
function pagedBucket(): R2Bucket {
  let lists = 0
  const bucket = {
    list: async (options: R2ListOptions) => {
      lists += 1
      if (lists > 20) throw new Error('the bucket is listed again and again')
      return env.CONTENT.list({ ...options, limit: 2 })
    },
    delete: (keys: string[]) => env.CONTENT.delete(keys),
  }
  return bucket as unknown as R2Bucket // all of it that is used
}

/** A sandbox that knows some of the objects that lie in the bucket under its name, when the search for others is due. */
const withObjects = async (
  { known, orphans }: { known: string[]; orphans: string[] },
  run: (storage: DurableObjectStorage, contents: Contents, prefix: string) => Promise<void>,
) => {
  const client = await connect()
  await runInDurableObject(sandboxOf(client), async (_, { storage, id }) => {
    const prefix = `${id.toString()}/`
    for (const name of [...known, ...orphans]) await env.CONTENT.put(`${prefix}${name}/0`, 'x')
    const contents = contentsAt(storage.sql, NOW)
    for (const name of known) contents.begin(`${prefix}${name}`)
    storage.kv.put('orphans-at', 1)
    await run(storage, contents, prefix)
  })
  return (await storedBy(client)).map((key) => key.split('/').at(-1))
}

const EVERY_MS = 1000

describe('the orphan search', () => {
  it('deletes orphans of every page, and comes back for as long as there is content', async () => {
    const known = ['a', 'b', 'e']
    const left = await withObjects({ known, orphans: ['c', 'd', 'f', 'g'] }, async (storage, contents, prefix) => {
      await collectOrphans({ storage, parts: partsOf({ CONTENT: pagedBucket() }), prefix }, contents, EVERY_MS)

      expect(orphansAt(storage)).toBeGreaterThan(1)
    })

    expect(left).toEqual(known)
  })

  it('does not come back where there is no content', async () => {
    const left = await withObjects({ known: [], orphans: ['a'] }, async (storage, contents, prefix) => {
      await collectOrphans({ storage, parts: partsOf({ CONTENT: pagedBucket() }), prefix }, contents, EVERY_MS)

      expect(orphansAt(storage)).toBeUndefined()
    })

    expect(left).toEqual([])
  })

  it('is not made before its time, and not planned where there is no content', async () => {
    const later = Date.now() + 60_000
    const left = await withObjects({ known: [], orphans: ['a'] }, async (storage, contents, prefix) => {
      for (const at of [later, undefined]) {
        planOrphans(storage, at)
        await collectOrphans({ storage, parts: partsOf(env), prefix }, contents, EVERY_MS)
        expect(orphansAt(storage)).toBe(at)
      }
    })

    expect(left).toEqual(['a'])
  })
})

it('content is deleted with all its parts, on whatever page they are, and nothing else', async () => {
  const [key, other] = [`test/${crypto.randomUUID()}`, `test/${crypto.randomUUID()}`]
  for (const each of [0, 1, 2, 3, 4]) await env.CONTENT.put(`${key}/${each}`, 'x')
  await env.CONTENT.put(`${other}/0`, 'x')

  await deleteParts(partsOf({ CONTENT: pagedBucket() }), key)

  expect((await env.CONTENT.list({ prefix: `${key}/` })).objects).toEqual([])
  expect(await env.CONTENT.head(`${other}/0`)).not.toBeNull()
})
