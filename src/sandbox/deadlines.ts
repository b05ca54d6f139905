// The moments at which a sandbox has something to do.
import type { Settings } from '../operations/operation.ts'
import type { Moments } from '../rules/deadlines.ts'
import { markerDueAt } from './markers.ts'
import { PULLS_LIMIT } from './tables/update-files.ts'

const USED_AT = 'used-at'
const ORPHANS_AT = 'orphans-at'
const ALARM_AT = 'alarm-at'

type Row = Record<'expiry' | 'settling' | 'access' | 'lease' | 'purge' | 'pull', number | null>

/** A pull that waits is due while fewer than the limit run. Otherwise it becomes due when one of them ends. */
export function momentsOf(storage: DurableObjectStorage, settings: Settings): Moments {
  // One statement: every transaction that wrote asks.
  const { expiry, settling, access, lease, purge, pull } = storage.sql
    .exec<Row>(
      `SELECT (SELECT MIN(expires_at) FROM update_session) AS expiry,
              (SELECT MIN(settles_at) FROM update_session WHERE settles_at IS NOT NULL) AS settling,
              (SELECT MIN(last_accessed_at) FROM api_session) AS access,
              (SELECT MIN(lease_until) FROM content WHERE lease_until IS NOT NULL) AS lease,
              (SELECT MIN(purge_at) FROM content WHERE purge_at IS NOT NULL) AS purge,
              (SELECT MIN(pull_from) FROM update_file WHERE pull_from > 0
               AND (SELECT COUNT(*) FROM update_file WHERE pull_from = 0) < ${PULLS_LIMIT}) AS pull`,
    )
    .one()
  return {
    bySandboxClock: [expiry, settling, access === null ? null : access + settings.apiSessionIdleMs],
    byRealClock: [
      lease,
      purge,
      pull,
      orphansAt(storage) ?? null,
      markerDueAt(storage) ?? null,
      removalAt(storage, settings),
    ],
  }
}

/** When this sandbox removes itself unless it is used: real time, since a clock that was moved is not disuse. */
export const removalAt = ({ kv }: DurableObjectStorage, { sandboxIdleMs }: Settings): number =>
  (kv.get<number>(USED_AT) ?? 0) + sandboxIdleMs

/** A login or a call is a use. It is noted to a minute, or to a tenth of a short life. */
export function noteUse({ kv }: DurableObjectStorage, { sandboxIdleMs }: Settings, now: number): void {
  if (now - (kv.get<number>(USED_AT) ?? 0) >= Math.min(60_000, sandboxIdleMs / 10)) kv.put(USED_AT, now)
}

/** When to look for content that no row knows. */
export const orphansAt = ({ kv }: DurableObjectStorage): number | undefined => kv.get<number>(ORPHANS_AT)
export function planOrphans({ kv }: DurableObjectStorage, at: number | undefined): void {
  if (at === undefined) kv.delete(ORPHANS_AT)
  else kv.put(ORPHANS_AT, at)
}

/**
 * The moment to which the alarm is set, where that lies ahead. Of any other the platform is asked: an alarm that rings, or
 * that was killed, is its to know. To ask it takes a turn of the event loop, and calls of the same turn share a commit: with
 * it, 16 clients at once get two thirds of the answers a second.
 */
export function aheadAt({ kv }: DurableObjectStorage, now: number): number | undefined {
  const at = kv.get<number>(ALARM_AT) ?? 0
  return at > now ? at : undefined
}
export function noteAlarm({ kv }: DurableObjectStorage, at: number | undefined): void {
  if (at === undefined) kv.delete(ALARM_AT)
  else kv.put(ALARM_AT, at)
}
