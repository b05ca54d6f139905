import { describe, expect, it } from 'vitest'
import { changeClock, read, type Clock, type ClockChange } from '../../src/rules/clock.ts'

const REAL = 1000
const running: Clock = { offsetMs: 50 }
const frozen: Clock = { offsetMs: 50, frozenAt: 700 }

describe('a clock', () => {
  it.each([
    ['runs', running, { byMs: 5 }, 1055, 1155],
    ['runs', running, { to: 20 }, 20, 120],
    ['runs', running, { isFrozen: true }, 1050, 1050],
    ['runs', running, { isFrozen: false }, 1050, 1150],
    ['runs', running, { to: 'real time' }, 1000, 1100],
    ['stands still', frozen, { byMs: 5 }, 705, 705],
    ['stands still', frozen, { to: 20 }, 20, 20],
    ['stands still', frozen, { isFrozen: true }, 700, 700],
    ['stands still', { offsetMs: 50, frozenAt: 0 }, { isFrozen: true }, 0, 0],
    ['stands still', frozen, { isFrozen: false }, 700, 800],
    ['stands still', frozen, { to: 'real time' }, 1000, 1100],
  ] as [string, Clock, ClockChange, number, number][])(
    'that %s %j, changed by %j, shows %i, and 100 milliseconds later %i',
    (_, clock, change, now, later) => {
      const changed = changeClock(clock, change, REAL)

      expect([read(changed, REAL), read(changed, REAL + 100)]).toEqual([now, later])
    },
  )

  it('shows a time and lets time pass from there in one change', () => {
    expect(changeClock(running, { to: 20, byMs: 5, isFrozen: true }, REAL)).toEqual({ offsetMs: 50, frozenAt: 25 })
  })
})
