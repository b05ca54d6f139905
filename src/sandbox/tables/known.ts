// What nearly every call asks and few change: read once, kept in memory, and forgotten as a whole where it may have changed.
import type { ApiSession, Settings } from '../../operations/store.ts'
import type { Clock } from '../../rules/clock.ts'
import type { Fault } from '../../rules/fault.ts'
import { settingsOf, steeringIn } from '../steering.ts'

/**
 * Storage is the truth: this may be forgotten at any moment, and is forgotten where a transaction fails. Where every call reads
 * it, a life of create, cancel and delete takes a seventh more processor time.
 */
export type Known = {
  settings: Settings
  clock: Clock
  faults: Fault[]
  /** No update session settles or expires before this moment on the sandbox's clock; it may be earlier than the first that does. */
  dueAt: number
  /** When the sandbox was used, in real time. */
  usedAt: number
  /** The time in the last id that was made. */
  newestIdAt: number
  /** Of API sessions that were used, what storage holds. */
  apiSessions: Map<string, ApiSession>
}

export const USED_AT = 'used-at'

export function readKnown(storage: DurableObjectStorage, env: Env): Known {
  const { sql, kv } = storage
  const steering = steeringIn(storage)
  const faults = sql.exec<{ fault: string }>('SELECT fault FROM fault ORDER BY seq').toArray()
  return {
    settings: settingsOf(env, steering),
    clock: steering.clock,
    faults: faults.map(({ fault }) => JSON.parse(fault) as Fault), // written by save, from a Fault
    dueAt: dueAt(sql),
    usedAt: kv.get<number>(USED_AT) ?? 0,
    newestIdAt: 0,
    apiSessions: new Map(),
  }
}

/** When the first update session settles or expires. It looks at all of them, 10,000 in 0.5 ms, so it is asked when one was due. */
export function dueAt(sql: SqlStorage): number {
  const first = 'SELECT MIN(MIN(expires_at, IFNULL(settles_at, expires_at))) AS at FROM update_session'
  return sql.exec<{ at: number | null }>(first).one().at ?? Infinity
}
