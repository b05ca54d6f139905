// The admin API of a mock as methods: how a test steers one of its sandboxes.
import type {
  DurationSpec,
  FaultSpec,
  FaultView,
  PatternSpec,
  RequestView,
  SessionSpec,
  SessionView,
  TransitionsSpec,
} from '../admin/shapes.ts'
import { inRealTime } from './real-time.ts'

/** Asks the mock; `path` begins below its address. */
export type Ask = (
  path: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Answer>
type Answer = { status: number; text: () => Promise<string> }

/** One request the mock has seen. Secrets are left out, long bodies cut. */
export type JournalEntry = Pick<RequestView['request'], 'method' | 'url' | 'headers' | 'body'> &
  Pick<RequestView, 'id' | 'operation' | 'user' | 'durationMs' | 'fault' | 'why'> & {
    at: Date
    status: number
    response: string
  }

export type Sessions = {
  add: (spec?: SessionSpec) => Promise<SessionView>
  list: () => Promise<SessionView[]>
  /** Its time is over, whatever its state. */
  expire: (id: string) => Promise<void>
}

export type Clock = {
  now: () => Promise<Date>
  /** Time passes at once; what falls due on the way is done. */
  advance: (by: DurationSpec) => Promise<void>
  set: (now: Date | string) => Promise<void>
  freeze: () => Promise<void>
  resume: () => Promise<void>
  /** Back to the real time. */
  reset: () => Promise<void>
}
export type Faults = {
  add: (fault: FaultSpec) => Promise<FaultView>
  list: () => Promise<FaultView[]>
  remove: (id: string) => Promise<void>
  clear: () => Promise<void>
}
export type Journal = {
  /** Newest first. */
  list: () => Promise<JournalEntry[]>
  count: (pattern?: PatternSpec) => Promise<number>
  clear: () => Promise<void>
}
/** One mock vCenter of many: whoever logs in with its name as user name is in it. */
export type Sandbox = {
  name: string
  clock: Clock
  faults: Faults
  journal: Journal
  sessions: Sessions
  /** From now on, until the next reset. */
  completeSessions: (when: TransitionsSpec['complete']) => Promise<void>
  /** As it was at first: no logins, no sessions, no faults, no journal, the real clock. */
  reset: () => Promise<void>
}

export function steer(ask: Ask, name: string, token?: string): Sandbox {
  // The mock refuses every other name that is none; this one has no spelling to ask it with.
  if (!name.isWellFormed()) throw new Error('The name of a sandbox has half of a character.')
  const send = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    // Its client waits for timers and ticks, which a test may have replaced.
    const [status, text] = await inRealTime(async () => {
      const answer = await ask(`/__admin${path}`, {
        method,
        headers: {
          'x-mock-sandbox': encodeURIComponent(name),
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      return [answer.status, await answer.text()] as const
    })
    if (status >= 400) throw new Error(`${method} /__admin${path} was refused: ${titles(text)}`)
    return JSON.parse(text) as T // the mock and this file are of one version
  }
  const turn = async (path: string, body?: object) => void (await send('POST', `/clock/${path}`, body))

  return {
    name,
    clock: {
      now: async () => new Date((await send<{ now: string }>('GET', '/clock')).now),
      advance: (by) => turn('advance', { by }),
      set: (now) => turn('set', { now: new Date(now).toISOString() }),
      freeze: () => turn('freeze'),
      resume: () => turn('resume'),
      reset: () => turn('reset'),
    },
    faults: {
      add: (fault) => send('POST', '/faults', fault),
      list: async () => (await send<{ faults: FaultView[] }>('GET', '/faults')).faults,
      remove: async (id) => void (await send('DELETE', `/faults/${encodeURIComponent(id)}`)),
      clear: async () => void (await send('DELETE', '/faults')),
    },
    journal: {
      list: async () => (await send<{ requests: RequestView[] }>('GET', '/requests')).requests.map(entry),
      count: async (pattern = {}) => (await send<{ count: number }>('POST', '/requests/count', pattern)).count,
      clear: async () => void (await send('DELETE', '/requests')),
    },
    sessions: {
      add: (spec = {}) => send('POST', '/sessions', spec),
      list: async () => (await send<{ sessions: SessionView[] }>('GET', '/sessions')).sessions,
      expire: async (id) => void (await send('DELETE', `/sessions/${encodeURIComponent(id)}`)),
    },
    completeSessions: async (complete) => void (await send('PUT', '/transitions', { complete })),
    reset: async () => void (await send('POST', '/reset')),
  }
}

const entry = ({ id, request, response, operation, user, durationMs, fault, why }: RequestView): JournalEntry => ({
  id,
  at: new Date(request.loggedDate),
  method: request.method,
  url: request.url,
  headers: request.headers,
  body: request.body,
  status: response.status,
  response: response.body,
  durationMs,
  ...(operation !== undefined && { operation }),
  ...(user !== undefined && { user }),
  ...(fault !== undefined && { fault }),
  ...(why && { why }),
})

/** What the mock says is wrong; or its words, where they are of another kind. */
function titles(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors: { title: string }[] }
    return errors.map(({ title }) => title).join(' ')
  } catch {
    return text
  }
}
