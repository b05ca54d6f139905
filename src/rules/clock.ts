// A sandbox's clock: it runs ahead of or behind the real one, or stands still.

/** Moments are epoch milliseconds, the offset milliseconds. A frozen clock says `frozenAt`, whatever time it is. */
export type Clock = { offsetMs: number; frozenAt?: number }
export type ClockChange =
  | { type: 'advance'; byMs: number }
  | { type: 'set'; at: number }
  | { type: 'freeze' }
  | { type: 'resume' }
  | { type: 'reset' }

/** The time on the clock when the real one says `real`. */
export const read = ({ offsetMs, frozenAt }: Clock, real: number): number => frozenAt ?? real + offsetMs

export function turn(clock: Clock, change: ClockChange, real: number): Clock {
  const now = read(clock, real)
  switch (change.type) {
    case 'advance':
      return showing(clock, now + change.byMs, real)
    case 'set':
      return showing(clock, change.at, real)
    case 'freeze':
      return { ...clock, frozenAt: now }
    case 'resume':
      return { offsetMs: now - real }
    case 'reset':
      return { offsetMs: 0 }
  }
}

const showing = (clock: Clock, at: number, real: number): Clock =>
  clock.frozenAt === undefined ? { offsetMs: at - real } : { ...clock, frozenAt: at }
