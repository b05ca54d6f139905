// The clock of a sandbox: everything that expires does so by it.
import type { ClockChange } from '../rules/clock.ts'
import type { View } from '../sandbox/view.ts'
import { AdminFailure, route, type SandboxStub } from './route.ts'
import { ClockAdvanceSpec, ClockSetSpec } from './shapes.ts'
import type { ClockView } from './view-shapes.ts'

/** A date beyond these has no spelling that every client reads. */
const FIRST_AT = 0
const END_AT = Date.UTC(9999, 0)

const iso = (moment: number) => new Date(moment).toISOString()

export const showClock = ({ now, real, isFrozen }: View['clock']): ClockView => ({
  now: iso(now),
  real: iso(real),
  offset_seconds: (now - real) / 1000,
  frozen: isFrozen,
})

const changeAndShow = async (sandbox: SandboxStub, asked: ClockChange): Promise<ClockView> =>
  showClock((await sandbox.steer({ clock: asked })).clock)

export const clock = [
  route('GET /clock', {}, async ({ sandbox }) => showClock((await sandbox.view({})).clock)),
  // Time passes at once; what falls due on the way is done.
  route('POST /clock/advance', { body: ClockAdvanceSpec }, async ({ sandbox, body: { by: byMs } }) => {
    const { clock } = await sandbox.view({})
    checkYear(clock.now + byMs)
    return changeAndShow(sandbox, { byMs })
  }),
  // The clock shows this time, and goes on from it unless it is frozen.
  route('POST /clock/set', { body: ClockSetSpec }, ({ sandbox, body: { now } }) =>
    changeAndShow(sandbox, { to: checkYear(Date.parse(now)) }),
  ),
  route('POST /clock/freeze', {}, ({ sandbox }) => changeAndShow(sandbox, { isFrozen: true })),
  // The clock goes on from where it stands.
  route('POST /clock/resume', {}, ({ sandbox }) => changeAndShow(sandbox, { isFrozen: false })),
  // The clock shows the real time again.
  route('POST /clock/reset', {}, ({ sandbox }) => changeAndShow(sandbox, { to: 'real time' })),
]

function checkYear(at: number): number {
  if (at >= FIRST_AT && at < END_AT) return at
  throw new AdminFailure(422, 'The clock can show the years 1970 to 9998.')
}
