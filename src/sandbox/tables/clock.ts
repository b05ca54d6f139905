// The clock of a sandbox, as it lies in storage.
import type { Clock } from '../../rules/clock.ts'

/** Milliseconds that it is ahead, and the epoch milliseconds at which it stands still. */
export type ClockRow = { offset_ms: number; frozen_at: number | null }

export const loadClock = (sql: SqlStorage): Clock => toClock(sql.exec<ClockRow>('SELECT * FROM clock').one())

export const toClock = ({ offset_ms: offsetMs, frozen_at: frozenAt }: ClockRow): Clock => ({
  offsetMs,
  ...(frozenAt !== null && { frozenAt }),
})

export function saveClock(sql: SqlStorage, { offsetMs, frozenAt }: Clock): void {
  sql.exec('UPDATE clock SET offset_ms = ?, frozen_at = ?', offsetMs, frozenAt ?? null)
}
