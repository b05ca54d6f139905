// The clock of a sandbox, as it lies in storage.
import type { Clock } from '../rules/clock.ts'

type Row = { offset_ms: number; frozen_at: number | null }

export function loadClock(sql: SqlStorage): Clock {
  const { offset_ms: offsetMs, frozen_at: frozenAt } = sql.exec<Row>('SELECT * FROM clock').one()
  return { offsetMs, ...(frozenAt !== null && { frozenAt }) }
}

export function saveClock(sql: SqlStorage, { offsetMs, frozenAt }: Clock): void {
  sql.exec('UPDATE clock SET offset_ms = ?, frozen_at = ?', offsetMs, frozenAt ?? null)
}
