import { expect, it } from 'vitest'
import { nextAlarm } from '../../src/rules/deadlines.ts'

const NOW = 1000
const running = { offsetMs: 0 }
const ahead = { offsetMs: 500 }
const frozen = { offsetMs: 0, frozenAt: 700 }

it.each([
  ['nothing is due', [], [], running, null, undefined],
  ['all is null', [null], [null], running, null, undefined],
  ['something is due by the clock of the sandbox', [3000], [], running, null, 3000],
  ['that clock is ahead', [3000], [], ahead, null, 2500],
  ['that clock stands before it', [3000], [], frozen, null, undefined],
  ['that clock stands behind it', [600], [], frozen, null, NOW],
  ['that clock stands right there', [700], [], frozen, null, NOW],
  ['something is due in real time', [], [2000], frozen, null, 2000],
  ['something was due in real time', [], [10], running, null, NOW],
  ['something has been due since the beginning', [], [0], running, null, NOW],
  ['several are due, the first by the sandbox', [1500, 4000], [2000, null], running, null, 1500],
  ['several are due, the first in real time', [2500, 4000], [2000, 9000], running, null, 2000],
  ['the alarm is set for then', [], [2000], running, 2000, undefined],
  ['the alarm is set for earlier', [], [2000], running, 1, undefined],
  ['the alarm is set for the beginning of time', [], [2000], running, 0, undefined],
  ['the alarm is set for later', [], [2000], running, 2001, 2000],
])('the next alarm where %s', (_, bySandboxClock, byRealClock, clock, scheduledAt, at) => {
  expect(nextAlarm({ bySandboxClock, byRealClock }, clock, scheduledAt, NOW)).toBe(at)
})
