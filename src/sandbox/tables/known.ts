// What nearly every call asks and few change: read once, kept in memory, and forgotten as a whole where it may have changed.
import type { ApiSession } from '../../operations/store.ts'
import type { Clock } from '../../rules/clock.ts'

/**
 * Storage is the truth: this may be forgotten at any moment, and is forgotten where a transaction fails. Where every call reads
 * it, a life of create, cancel and delete takes a seventh more processor time.
 */
export type Known = {
  clock: Clock
  hasFaults: boolean
  /** No update session settles or expires before this moment on the sandbox's clock; it may be earlier than the first that does. */
  dueAt: number
  /** When the sandbox was used, in real time. */
  usedAt: number
  /** How many things were created since the size of all was asked. */
  createdUnasked: number
  /** The time in the last id that was made. */
  newestIdAt: number
  /** Of API sessions that were used, what storage holds. */
  apiSessions: Map<string, ApiSession>
}

export const USED_AT = 'used-at'

type Row = { offset_ms: number; frozen_at: number | null; has_faults: 0 | 1 }

export function readKnown({ sql, kv }: DurableObjectStorage): Known {
  const row = sql.exec<Row>('SELECT *, EXISTS (SELECT 1 FROM fault) AS has_faults FROM clock').one()
  return {
    clock: { offsetMs: row.offset_ms, ...(row.frozen_at !== null && { frozenAt: row.frozen_at }) },
    hasFaults: row.has_faults === 1,
    dueAt: dueAt(sql),
    usedAt: kv.get<number>(USED_AT) ?? 0,
    // It is asked with the first.
    createdUnasked: Infinity,
    newestIdAt: 0,
    apiSessions: new Map(),
  }
}

/** When the first update session settles or expires. It looks at all of them, 10,000 in 0.5 ms, so it is asked when one was due. */
export function dueAt(sql: SqlStorage): number {
  const first = 'SELECT MIN(MIN(expires_at, IFNULL(settles_at, expires_at))) AS at FROM update_session'
  return sql.exec<{ at: number | null }>(first).one().at ?? Infinity
}

export function saveClock(sql: SqlStorage, { offsetMs, frozenAt }: Clock): void {
  sql.exec('UPDATE clock SET offset_ms = ?, frozen_at = ?', offsetMs, frozenAt ?? null)
}
