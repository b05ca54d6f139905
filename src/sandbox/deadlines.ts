// The moments at which a sandbox has something to do.
import type { Settings } from '../operations/store.ts'
import type { Moments } from '../rules/deadlines.ts'
import { markerIn } from './markers.ts'
import { USED_AT, type Known } from './tables/known.ts'
import { PULLS_LIMIT } from './tables/update-files.ts'

/** For so long released content is gathered, for one alarm and one purge: each takes the disk some waits. */
const GATHER_MS = 1000
const ORPHANS_AT = 'orphans-at'

/** A pull that waits is due while fewer than the limit run. Otherwise it becomes due when one of them ends. */
export function momentsOf(sql: SqlStorage, { dueAt, settings }: Known): Moments {
  // One statement: every transaction that wrote asks.
  const { access, lease, purge, pull } = sql
    .exec<Record<'access' | 'lease' | 'purge' | 'pull', number | null>>(
      `SELECT (SELECT MIN(last_accessed_at) FROM api_session) AS access,
              (SELECT MIN(lease_until) FROM content WHERE lease_until IS NOT NULL) AS lease,
              (SELECT MIN(purge_at) + ${GATHER_MS} FROM content WHERE purge_at IS NOT NULL) AS purge,
              (SELECT MIN(pull_from) FROM update_file WHERE pull_from > 0
               AND (SELECT COUNT(*) FROM update_file WHERE pull_from = 0) < ${PULLS_LIMIT}) AS pull`,
    )
    .one()
  return {
    bySandboxClock: [dueAt, access === null ? null : access + settings.apiSessionIdleMs],
    byRealClock: [lease, purge, pull],
  }
}

/**
 * With what is planned when a sandbox is created, when its alarm rings, and by its settings. From then on that is only put off,
 * so that no transaction makes it due before the alarm that is set.
 */
export function allMomentsOf(storage: DurableObjectStorage, known: Known): Moments {
  const { bySandboxClock, byRealClock } = momentsOf(storage.sql, known)
  const planned = [orphansAt(storage) ?? null, markerIn(storage)?.dueAt ?? null, removalAt(storage, known.settings)]
  return { bySandboxClock, byRealClock: [...byRealClock, ...planned] }
}

/** When this sandbox removes itself unless it is used: real time, since a clock that was moved is not disuse. */
export const removalAt = ({ kv }: DurableObjectStorage, { sandboxIdleMs }: Settings): number =>
  (kv.get<number>(USED_AT) ?? 0) + sandboxIdleMs

/** A login or a call is a use. It is noted to a minute, or to a tenth of a short life. */
export function noteUse({ kv }: DurableObjectStorage, known: Known, now: number): void {
  if (now - known.usedAt < Math.min(60_000, known.settings.sandboxIdleMs / 10)) return
  kv.put(USED_AT, now)
  known.usedAt = now
}

/** When to look for content that no row knows. */
export const orphansAt = ({ kv }: DurableObjectStorage): number | undefined => kv.get<number>(ORPHANS_AT)
export function planOrphans({ kv }: DurableObjectStorage, at: number | undefined): void {
  if (at === undefined) kv.delete(ORPHANS_AT)
  else kv.put(ORPHANS_AT, at)
}
