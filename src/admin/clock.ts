// The clock of a sandbox: everything that expires does so by it.
import * as z from 'zod'
import type { ClockChange } from '../rules/clock.ts'
import { Duration } from './duration.ts'
import { Refused, route, type SandboxStub } from './route.ts'
import type { ClockView } from './shapes.ts'

/** A date beyond these has no spelling that every client reads. */
const FIRST = 0
const LAST = Date.UTC(9999, 0)

const iso = (moment: number) => new Date(moment).toISOString()

async function show(sandbox: SandboxStub): Promise<ClockView> {
  const { now, real, isFrozen } = await sandbox.clock()
  return { now: iso(now), real: iso(real), offset_seconds: (now - real) / 1000, frozen: isFrozen }
}

async function turn(sandbox: SandboxStub, change: ClockChange) {
  await sandbox.turnClock(change)
  return show(sandbox)
}

const simple = (type: 'freeze' | 'resume' | 'reset', summary: string) =>
  route({ method: 'POST', path: `/clock/${type}`, summary, run: ({ sandbox }) => turn(sandbox, { type }) })

export const clock = [
  route({ method: 'GET', path: '/clock', summary: 'The time in the sandbox.', run: ({ sandbox }) => show(sandbox) }),
  route({
    method: 'POST',
    path: '/clock/advance',
    summary: 'Time passes at once; what falls due on the way is done.',
    body: z.strictObject({ by: Duration }),
    run: async ({ sandbox, body: { by: byMs } }) => {
      const { now } = await sandbox.clock()
      within(now + byMs)
      return turn(sandbox, { type: 'advance', byMs })
    },
  }),
  route({
    method: 'POST',
    path: '/clock/set',
    summary: 'The clock shows this time, and goes on from it unless it is frozen.',
    body: z.strictObject({ now: z.iso.datetime({ offset: true }).max(64) }),
    run: ({ sandbox, body: { now } }) => turn(sandbox, { type: 'set', at: within(Date.parse(now)) }),
  }),
  simple('freeze', 'The clock stands still.'),
  simple('resume', 'The clock goes on from where it stands.'),
  simple('reset', 'The clock shows the real time again.'),
]

function within(at: number): number {
  if (at >= FIRST && at < LAST) return at
  throw new Refused(422, 'The clock can show the years 1970 to 9998.')
}
