import { describe, expect, it } from 'vitest'
import { read, turn, type Clock, type ClockChange } from '../../src/rules/clock.ts'

const REAL = 1000
const running: Clock = { offsetMs: 50 }
const frozen: Clock = { offsetMs: 50, frozenAt: 700 }

describe('a clock', () => {
  it.each([
    ['that runs', running, 1050],
    ['that runs behind', { offsetMs: -50 }, 950],
    ['that stands still', frozen, 700],
    ['that stands still at the beginning of time', { offsetMs: 50, frozenAt: 0 }, 0],
  ])('%s shows the time', (_, clock, shown) => {
    expect(read(clock, REAL)).toBe(shown)
  })

  it.each([
    ['runs', running, { type: 'advance', byMs: 5 }, 1055, 1155],
    ['runs', running, { type: 'set', at: 20 }, 20, 120],
    ['runs', running, { type: 'freeze' }, 1050, 1050],
    ['runs', running, { type: 'resume' }, 1050, 1150],
    ['runs', running, { type: 'reset' }, 1000, 1100],
    ['stands still', frozen, { type: 'advance', byMs: 5 }, 705, 705],
    ['stands still', frozen, { type: 'set', at: 20 }, 20, 20],
    ['stands still', frozen, { type: 'freeze' }, 700, 700],
    ['stands still', frozen, { type: 'resume' }, 700, 800],
    ['stands still', frozen, { type: 'reset' }, 1000, 1100],
  ] as [string, Clock, ClockChange, number, number][])(
    'that %s %j, changed by %j, shows %i, and 100 milliseconds later %i',
    (_, clock, change, now, later) => {
      const changed = turn(clock, change, REAL)

      expect([read(changed, REAL), read(changed, REAL + 100)]).toEqual([now, later])
    },
  )

  it('that is frozen keeps how far it was ahead', () => {
    expect(turn(running, { type: 'freeze' }, REAL)).toEqual({ offsetMs: 50, frozenAt: 1050 })
    expect(turn(frozen, { type: 'set', at: 20 }, REAL)).toEqual({ offsetMs: 50, frozenAt: 20 })
  })
})
