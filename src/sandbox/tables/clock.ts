// The clock of a sandbox, as it lies in storage.
import type { Clock } from '../../rules/clock.ts'

type ClockRow = { offset_ms: number; frozen_at: number | null }

export const loadClock = (sql: SqlStorage): Clock => toClock(sql.exec<ClockRow>('SELECT * FROM clock').one())

const toClock = ({ offset_ms: offsetMs, frozen_at: frozenAt }: ClockRow): Clock => ({
  offsetMs,
  ...(frozenAt !== null && { frozenAt }),
})

export function saveClock(sql: SqlStorage, { offsetMs, frozenAt }: Clock): void {
  sql.exec('UPDATE clock SET offset_ms = ?, frozen_at = ?', offsetMs, frozenAt ?? null)
}
