// A sandbox's clock: it runs ahead of or behind the real one, or stands still.

/** Moments are epoch milliseconds, the offset milliseconds. A frozen clock says `frozenAt`, whatever time it is. */
export type Clock = { offsetMs: number; frozenAt?: number }
/** What it shows, how much time passes then, and whether it stands still from then on. What is not given stays. */
export type ClockChange = { to?: number | 'real time'; byMs?: number; isFrozen?: boolean }

/** The time on the clock when the real one says `real`. */
export const read = ({ offsetMs, frozenAt }: Clock, real: number): number => frozenAt ?? real + offsetMs

export function changeClock(clock: Clock, { to, byMs = 0, isFrozen }: ClockChange, real: number): Clock {
  if (to === 'real time') return { offsetMs: 0 }
  const at = (to ?? read(clock, real)) + byMs
  return (isFrozen ?? clock.frozenAt !== undefined) ? { ...clock, frozenAt: at } : { offsetMs: at - real }
}
