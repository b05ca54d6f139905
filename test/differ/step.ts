// What is done on both servers at a time: a request that is compared, or a wait for what happens in the background.
import type { SessionView } from '../../src/admin/view-shapes.ts'
import type { Request } from '../support/spelling.ts'

export type Step = Request & {
  /** The slot that a good answer fills: with what the first group finds, or with all that is found. */
  takes?: { slot: string; pattern: RegExp }
  /** It changes nothing: where the answers differ, it is asked again, since the journal is written after an answer. */
  isRead?: true
}
/** Waits until the sessions of this user are so: what is pulled takes its time on each server. */
export type Wait = { user: string; until: (sessions: SessionView[]) => boolean }

export const ID = /"([0-9a-f-]{36}(?::[0-9a-f-]{36})?)"/
export const TOKEN = /[\w-]+\.[0-9a-f]{64}/
export const UPLOAD = /\/cls\/data\/[^"]+/
export const DOWNLOAD = /\/cls\/static\/[^"]+/

export const ADMIN_TOKEN = 'differ'

export function admin(user: string, method: string, path: string, body?: unknown): Step {
  const [plain] = path.split('?')
  return {
    name: `admin ${method} ${plain?.replaceAll(/\{\{.*?\}\}/g, '{id}')}`,
    method,
    path: `/__admin${path}`,
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'x-mock-sandbox': encodeURIComponent(user),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(method === 'GET' && { isRead: true }),
  }
}

/** Where the clock stands: times on it are the same on both servers. */
export const stopClock = (user: string): Step[] => [
  admin(user, 'POST', '/clock/freeze'),
  admin(user, 'POST', '/clock/set', { now: '2031-02-03T04:05:06.789Z' }),
]

export const noPull: Wait['until'] = (sessions) =>
  sessions
    .filter(({ state }) => state === 'ACTIVE')
    .every(({ files }) =>
      files.every(
        ({ source_type, status }) =>
          source_type !== 'PULL' || (status !== 'WAITING_FOR_TRANSFER' && status !== 'TRANSFERRING'),
      ),
    )
