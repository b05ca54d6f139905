// What the console shows, in one answer.
import { showClock } from './clock.ts'
import { coverageOf } from './coverage.ts'
import { showFault } from './faults.ts'
import { showRequest } from './requests.ts'
import { route } from './route.ts'
import { SHOWN_SESSIONS } from './sessions.ts'
import { ConsoleSpec } from './shapes.ts'
import type { ConsoleView } from './view-shapes.ts'

const SHOWN_REQUESTS = 100

export const view = [
  // What the console shows; of the version that is named in `since`, only whether it is still the newest.
  route('GET /view', { query: ConsoleSpec }, async (ask): Promise<ConsoleView> => {
    const { since } = ask.query
    const found = await ask.sandbox.view({
      ...(since !== undefined && { since }),
      sessions: SHOWN_SESSIONS,
      requests: SHOWN_REQUESTS,
    })
    const { version } = found
    const head = { version, clock: showClock(found.clock) }
    if (version === since) return head
    return {
      ...head,
      shown: {
        sessions: found.sessions,
        sessionCount: found.sessionCount,
        requests: found.requests.map((record) => showRequest(ask, record)),
        total: found.answers.length,
        faults: found.faults.map(showFault),
        coverage: coverageOf(found.answers),
      },
    }
  }),
]
