// When this sandbox must wake: the earliest of everything it owes.
import type { Settings } from '../operations/operation.ts'
import { read, type Clock } from '../rules/clock.ts'
import { earliest } from '../rules/deadlines.ts'
import { PULLS_LIMIT } from './tables/update-files.ts'

const USED_AT = 'used-at'
const SWEEP_AT = 'sweep-at'

/**
 * When the sandbox must do something for others, in real time. What clients wait for goes by its own clock; what the store is
 * owed does not, as neither it nor who writes there knows of any other. A pull is due at once while fewer than the limit
 * run. Otherwise it becomes due when one of them ends.
 */
export function owedAt(sql: SqlStorage, clock: Clock, settings: Settings, real: number): number {
  // One statement: every call asks.
  const row = sql
    .exec<Moments>(
      `SELECT (SELECT MIN(look_at) FROM update_session) AS session,
              (SELECT MIN(settles_at) FROM update_session WHERE settles_at IS NOT NULL) AS settling,
              (SELECT MIN(last_accessed_at) FROM api_session) AS accessed,
              (SELECT MIN(lease_until) FROM content WHERE lease_until IS NOT NULL) AS lease,
              (SELECT MIN(purge_at) FROM content WHERE purge_at IS NOT NULL AND lease_until IS NULL) AS purge,
              (SELECT 0 WHERE EXISTS (SELECT 1 FROM update_file WHERE pull_waits = 1)
               AND (SELECT COUNT(*) FROM update_file WHERE pull_waits = 0) < ${PULLS_LIMIT}) AS pull`,
    )
    .one()
  const { session, settling, accessed, lease, purge, pull } = row
  const deadline = earliest(
    session ?? undefined,
    settling ?? undefined,
    accessed === null ? undefined : accessed + settings.apiSessionIdleMs,
  )
  const waitMs = (deadline ?? Infinity) - read(clock, real)
  const deadlineAt = clock.frozenAt === undefined || waitMs <= 0 ? real + waitMs : Infinity
  const chore = earliest(lease ?? undefined, purge ?? undefined, pull ?? undefined)
  return Math.max(real, Math.min(deadlineAt, chore ?? Infinity))
}

type Moments = Record<'session' | 'settling' | 'accessed' | 'lease' | 'purge' | 'pull', number | null>

/** When somebody last logged in or called: real time, since a clock that was moved is not disuse. */
export const usedAt = (storage: DurableObjectStorage): number => storage.kv.get<number>(USED_AT) ?? 0
export const use = (storage: DurableObjectStorage, now: number): void => storage.kv.put(USED_AT, now)
/** How exactly that is known: to a minute, or to a tenth of a short life. */
export const useMs = ({ sandboxIdleMs }: Settings): number => Math.min(60_000, sandboxIdleMs / 10)

export const sweepAt = (storage: DurableObjectStorage): number | undefined => storage.kv.get<number>(SWEEP_AT)
export const planSweep = (storage: DurableObjectStorage, at: number | undefined): void => {
  if (at === undefined) storage.kv.delete(SWEEP_AT)
  else storage.kv.put(SWEEP_AT, at)
}
