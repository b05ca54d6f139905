// When a sandbox must wake: the earliest moment at which its alarm has something to do.
import { read, type Clock } from './clock.ts'

/** Moments at which something is due, in epoch milliseconds; null where nothing is. */
export type Moments = {
  /** What clients wait for, on the sandbox's clock: a clock that stands still reaches none that lies ahead. */
  bySandboxClock: (number | null)[]
  /** What the store is due, in real time: neither it nor who writes there knows of any other. */
  byRealClock: (number | null)[]
}

/** When to set the alarm, in real time; nothing where it rings early enough. An early alarm finds nothing due. */
export function nextAlarm(
  { bySandboxClock, byRealClock }: Moments,
  clock: Clock,
  scheduledAt: number | null,
  now: number,
): number | undefined {
  const waitMs = earliest(bySandboxClock) - read(clock, now)
  const reachedAt = clock.frozenAt === undefined || waitMs <= 0 ? now + waitMs : Infinity
  const at = Math.max(now, Math.min(reachedAt, earliest(byRealClock)))
  return at === Infinity || (scheduledAt !== null && scheduledAt <= at) ? undefined : at
}

const earliest = (moments: (number | null)[]): number => Math.min(Infinity, ...moments.filter((at) => at !== null))
