// What no client can do to a sandbox: move its clock, put it out of memory, look into it.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { changeClock } from '../../src/rules/clock.ts'
import type { RequestFacts, SentRequest } from '../../src/rules/request-record.ts'
import { steer, steeringIn } from '../../src/sandbox/steering.ts'

/** A user's sandbox carries the user's name. */
const sandboxOf = (user: string) => env.SANDBOXES.getByName(user)

const inStorage = <T>(user: string, work: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> =>
  runInDurableObject(sandboxOf(user), (_, { storage }) => work(storage))

/** Its clock stands still; the time that it shows from now on. */
export async function freezeClock(user: string): Promise<number> {
  await sandboxOf(user).steer({ clock: { isFrozen: true } })
  return (await sandboxOf(user).view({})).clock.now
}

/**
 * Time passes; what falls due on the way is done at once. In two leaps, since one spares a session whose transfer was active
 * just before.
 */
export async function advanceClock(user: string, byMs: number): Promise<void> {
  const firstMs = Math.min(byMs, 2001)
  await sandboxOf(user).steer({ clock: { byMs: firstMs } })
  if (byMs > firstMs) await sandboxOf(user).steer({ clock: { byMs: byMs - firstMs } })
}

/** Time passes, and no alarm has run yet. */
export async function advanceClockOnly(user: string, byMs: number): Promise<void> {
  await inStorage(user, (storage) => {
    steer(storage, { clock: changeClock(steeringIn(storage).clock, { byMs }, Date.now()) })
  })
  // Its object knows the clock as it was, and for when its alarm is set.
  await evict(user)
}

export const evict = async (user: string): Promise<void> => {
  // Only what runs can be put out.
  await runInDurableObject(sandboxOf(user), () => undefined)
  await evictDurableObject(sandboxOf(user))
}

/** Whether there was an alarm to run. */
export const runAlarm = (user: string): Promise<boolean> => runDurableObjectAlarm(sandboxOf(user))

/** The rows of one of its tables, as they lie in storage. */
export const rowsOf = (user: string, table: string): Promise<Record<string, SqlStorageValue>[]> =>
  inStorage(user, (storage) => storage.sql.exec(`SELECT * FROM ${table}`).toArray())

/** The session has so many files more, that wait: added one by one they would take their time. */
export const fillSession = (user: string, id: string, files: number): Promise<void> =>
  inStorage(user, (storage) => {
    const file = { sourceType: 'PUSH', status: 'WAITING_FOR_TRANSFER' }
    storage.sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO update_file (session_id, name, file) SELECT ?, 'file-' || i, json_set(?, '$.name', 'file-' || i) FROM n`,
      files,
      id,
      JSON.stringify(file),
    )
  })

/** Its teardown records, as text. */
export const memoriesOf = (user: string): Promise<string> =>
  inStorage(user, (storage) => JSON.stringify(steeringIn(storage).teardowns))

/** When its alarm is to ring, in epoch milliseconds. */
export const alarmOf = (user: string): Promise<number | null> => inStorage(user, (storage) => storage.getAlarm())

/** Everything that it has written: the names of its tables and keys, and its alarm. */
export const tracesOf = (user: string): Promise<unknown[]> =>
  inStorage(user, async (storage) => [
    ...storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => name),
    ...Array.from(storage.kv.list(), ([key]) => key),
    ...[await storage.getAlarm()].filter((at) => at !== null),
  ])

/** It is unused for so long. */
export const leaveUnused = (user: string, forMs: number): Promise<void> =>
  inStorage(user, (storage) => storage.kv.put('used-at', Date.now() - forMs))

/** From now on its code meets what it never expected. */
export const breakSandbox = (user: string): Promise<void> =>
  inStorage(user, (storage) => {
    storage.sql.exec('ALTER TABLE update_session RENAME TO update_session_table')
  })

/** What a binding tells of a request. */
export const aRequest = (id: string, sent: Partial<SentRequest> = {}): RequestFacts => ({
  id,
  at: 0,
  binding: 'api',
  facts: {},
  sent: JSON.stringify({ method: 'GET', url: '/', headers: {}, body: '', ...sent }),
})
