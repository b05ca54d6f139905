// When this sandbox must wake: the earliest of everything it owes.
import type { Settings } from '../operations/operation.ts'
import { earliest } from '../rules/deadlines.ts'

const USED_AT = 'used-at'
const SWEEP_AT = 'sweep-at'

/** What clients wait for: epoch milliseconds on the sandbox's clock. */
export function nextDeadline({ sql }: DurableObjectStorage, settings: Settings): number | undefined {
  const { session, accessed } = sql
    .exec<Moments<'session' | 'accessed'>>(
      `SELECT (SELECT MIN(expires_at) FROM update_session) AS session,
              (SELECT MIN(last_accessed_at) FROM api_session) AS accessed`,
    )
    .one()
  return earliest(session ?? undefined, accessed === null ? undefined : accessed + settings.apiSessionIdleMs)
}

/** What the store is owed: real time, as neither it nor who writes there knows of any other. A pull is due at once. */
export function nextChore({ sql, kv }: DurableObjectStorage): number | undefined {
  const { lease, purge, pull } = sql
    .exec<Moments<'lease' | 'purge' | 'pull'>>(
      `SELECT (SELECT MIN(lease_until) FROM content WHERE lease_until IS NOT NULL) AS lease,
              (SELECT MIN(purge_at) FROM content WHERE purge_at IS NOT NULL AND lease_until IS NULL) AS purge,
              (SELECT 0 FROM update_file WHERE pull_waits = 1 LIMIT 1) AS pull`,
    )
    .one()
  return earliest(lease ?? undefined, purge ?? undefined, pull ?? undefined, kv.get<number>(SWEEP_AT))
}

type Moments<Name extends string> = Record<Name, number | null>

/** When somebody last logged in or called: real time, since a clock that was moved is not disuse. */
export const usedAt = (storage: DurableObjectStorage): number => storage.kv.get<number>(USED_AT) ?? 0
export const use = (storage: DurableObjectStorage, now: number, { sandboxIdleMs }: Settings): void => {
  if (now - usedAt(storage) >= Math.min(60_000, sandboxIdleMs / 10)) storage.kv.put(USED_AT, now)
}

export const sweepAt = (storage: DurableObjectStorage): number | undefined => storage.kv.get<number>(SWEEP_AT)
export const planSweep = (storage: DurableObjectStorage, at: number | undefined): void => {
  if (at === undefined) storage.kv.delete(SWEEP_AT)
  else storage.kv.put(SWEEP_AT, at)
}
