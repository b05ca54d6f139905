// What a sandbox does costs no more as it comes to hold more: counted in rows, since a clock would be noise.
import { expect, it } from 'vitest'
import { aSession, begun, sandboxOf, sessionOf, tokenOf } from '../support/bytes.ts'
import { connect, request } from '../support/api.ts'
import { upload } from '../support/files.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { within } from '../support/stand-ins.ts'

const MANY = 999
/** A step that looked at every file would read more. The alarm may ring meanwhile, which reads a few rows of its own. */
const FEW_ROWS = 100
const sizeBytes = 5
const received = (at: number) => ({ key: `crowd-${at}`, sizeBytes, digests: {} })

/** The steps of an upload, each as its writer takes it. */
const steps = ['begin', 'progress', 'silence', 'interrupt', 'begin', 'receive'] as const

it.each([
  ['in a session of 1,000 files', MANY, 0],
  ['beside 999 files of items', 0, MANY],
])('each step of an upload reads and writes few rows %s', async (_, files, itemFiles) => {
  const { client, id, files: session } = await aSession()
  await crowd(client, id, files, itemFiles)
  const sandbox = sandboxOf(client)
  const costs: [string, number][] = []
  const counting = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const end = await count(client)
    const result = await work()
    costs.push([name, await end()])
    return result
  }

  const { upload_endpoint } = await counting('add', () => session.push('a.iso'))
  let key = ''
  const take = async (step: (typeof steps)[number]): Promise<boolean> => {
    switch (step) {
      case 'begin': {
        const { result } = await sandbox.beginTransfer({ uploadToken: tokenOf(upload_endpoint?.uri), name: 'a.iso' })
        if (result.ok) key = result.value.key
        return result.ok
      }
      case 'progress':
      case 'silence':
        return (await sandbox.reportProgress(key, sizeBytes)) !== undefined
      case 'interrupt':
        return (await sandbox.endTransfer(key, { type: 'interrupt' })).result.ok
      case 'receive':
        return (await sandbox.endTransfer(key, { type: 'receive', received: { key, sizeBytes, digests: {} } })).result
          .ok
    }
  }
  for (const step of steps) expect(await counting(step, () => take(step))).toBe(true)
  await counting('get', () => session.get('a.iso'))
  await counting('remove', () => session.remove('a.iso'))

  // An add counts the names of the session's files, which stand in an index: there may be 1,000.
  const limitOf = (step: string) => (step === 'add' ? files : 0) + FEW_ROWS
  expect(costs.filter(([step, rows]) => rows > limitOf(step))).toEqual([])
})

it('what means one row of many reads few rows', async () => {
  const client = await connect()
  await crowd(client, '', 0, MANY, ITEM)
  await within(client, (_, { sql }) => {
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
       INSERT INTO item (id, library_id, name, document)
       SELECT 'item-' || i, library_id, 'item-' || i, json_set(document, '$.id', 'item-' || i, '$.name', 'item-' || i)
       FROM n, item WHERE id = '${ITEM}'`,
    )
  })
  const { file_download_endpoint = '' } = await client.itemFiles.get(ITEM, '7')
  const headers = { 'vmware-api-session-id': client.token }
  const rowsOfEach: Record<string, [work: () => Promise<unknown>, limit?: number]> = {
    'create an item': [() => client.items.create({ library_id: LIBRARY, name: 'another' })],
    'rename an item': [() => client.items.update('item-1', { name: 'renamed' })],
    'a file of an item': [() => client.itemFiles.get(ITEM, '7')],
    'its storage': [() => client.storage.get(ITEM, '7')],
    'its bytes': [() => request(file_download_endpoint, { headers })],
    // Each item, but not its files.
    'find an item': [() => client.items.find({ name: 'ITEM-7' }), MANY],
  }
  for (const [what, [work, limit = 0]] of Object.entries(rowsOfEach)) {
    const end = await count(client)
    await work()
    expect(await end(), what).toBeLessThan(limit + FEW_ROWS)
  }
})

it('a call writes what it changes, and no index besides', async () => {
  const { client, id } = await aSession()
  // Else a call notes once a second that its API session was used.
  await sandboxOf(client).steer({ clock: { isFrozen: true } })
  const rows: Record<string, number> = {}
  const counting = async (name: string, work: () => Promise<unknown>) => {
    const end = await count(client, true)
    await work()
    rows[name] = await end()
  }

  await counting('keep-alive', () => client.keepAlive(id))
  await counting('cancel', () => client.cancel(id))
  await counting('delete', () => client.delete(id))
  await counting('create', () => sessionOf(client))

  // The session, and its place in the index of sessions by their item.
  expect(rows).toEqual({ 'keep-alive': 1, cancel: 2, delete: 1, create: 2 })
})

it('a file that a completed session leaves as it was keeps its row', async () => {
  const client = await connect()
  await crowd(client, '', 0, MANY, ITEM)
  const { id, files } = await sessionOf(client)
  await upload(await files.push('a.iso'), 'hello')

  const end = await count(client, true)
  await client.complete(id)

  // The session lets go of each file: its row, and its place in an index.
  expect(await end()).toBeLessThan(2 * MANY + FEW_ROWS)
})

it.each([0, MANY])('a report, one a second, writes at most seven rows beside %d files', async (files) => {
  const { client, id, sandbox, key } = await begun()
  await crowd(client, id, files, 0)

  const end = await count(client, true)
  for (let bytes = 1; bytes <= 10; bytes += 1) await sandbox.reportProgress(key, bytes)

  const rows = (await end()) / 10
  expect(rows).toBeLessThanOrEqual(7)
})

/** So many files more, in the session and in an item. */
const crowd = (client: Client, sessionId: string, files: number, itemFiles: number, itemId = 'crowd') =>
  within(client, (_, { sql }) => {
    for (let at = 0; at < files; at += 1) {
      const file = { name: `${at}.iso`, sourceType: 'NONE', status: 'READY', received: received(at) }
      sql.exec(
        'INSERT INTO update_file (session_id, name, file, content_key) VALUES (?, ?, ?, ?)',
        sessionId,
        file.name,
        JSON.stringify(file),
        file.received.key,
      )
    }
    for (let at = 0; at < itemFiles; at += 1) {
      const { key } = received(at)
      sql.exec('INSERT INTO item_file VALUES (?, ?, 1, ?, ?)', itemId, `${at}`, key, JSON.stringify(received(at)))
    }
  })

/** Counts the rows that the sandbox reads and writes from now on, but for those of the journal, which is written later. */
async function count(client: Client, isWritten = false): Promise<() => Promise<number>> {
  const cursors: { rowsRead: number; rowsWritten: number }[] = []
  await within(client, (_, { sql }) => {
    const exec = sql.exec.bind(sql)
    const counted: typeof sql.exec = (query, ...bindings) => {
      const cursor = exec<never>(query, ...bindings)
      if (!query.includes('journal')) cursors.push(cursor)
      return cursor
    }
    Object.defineProperty(sql, 'exec', { value: counted, configurable: true })
  })
  return () =>
    within(client, (_, { sql }) => {
      Reflect.deleteProperty(sql, 'exec')
      return cursors.reduce((sum, { rowsRead, rowsWritten }) => sum + (isWritten ? 0 : rowsRead) + rowsWritten, 0)
    })
}

it('gives ids in the order of time, so that rows of one time lie together', async () => {
  const { client, id, files } = await aSession()
  const ids = [id]
  for (const name of ['a', 'b', 'c']) {
    await scheduler.wait(2)
    const { upload_endpoint } = await files.push(name)
    const { result } = await sandboxOf(client).beginTransfer({ uploadToken: tokenOf(upload_endpoint?.uri), name })
    if (result.ok) ids.push(result.value.key.split('/')[1] ?? '')
  }
  expect(ids).toHaveLength(4)
  expect(ids).toEqual(ids.toSorted())
})
