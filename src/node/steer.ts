// The admin API of a mock as methods: how a test steers one of its sandboxes.
import { inRealTime } from './real-time.ts'

/** Asks the mock; `path` begins below its address. */
export type Ask = (
  path: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Answer>
type Answer = { status: number; text: () => Promise<string> }

/** As `90s`, `5m`, `4h`, `2d`; or a number of seconds. */
export type Duration = number | string

/** What is to go wrong. Without `times` it does so until it is removed. */
export type Fault = {
  id?: string
  /** An operation by the end of its id: `update_session.cancel`, `cancel`, `upload`, `*`. */
  operation?: string
  /** Fields of the operation's input that must be equal. */
  match?: Record<string, unknown>
  /** A vAPI error type, as `SERVICE_UNAVAILABLE`. The operation is not carried out. */
  error?: string
  message?: string
  /** An HTTP status instead of an error, with a body of its own. The operation is not carried out. */
  status?: number
  body?: string
  /** The answer comes so much later. */
  delay?: Duration
  /** The answer's body never comes, or breaks off in the middle. */
  connection?: 'stall' | 'truncate'
  skip?: number
  times?: number
  /** From 0 to 1. */
  probability?: number
}
/** A fault as the mock holds it, and what it has done. */
export type ActiveFault = Fault & { id: string; seen: number; struck: number }

/** One request the mock has seen. Secrets are left out, long bodies cut. */
export type JournalEntry = {
  id: string
  at: Date
  method: string
  url: string
  headers: Record<string, string>
  body: string
  status: number
  response: string
  /** The vAPI operation that was meant; none where nothing fitted. */
  operation?: string
  user?: string
  durationMs: number
  /** The id of the fault that struck. */
  fault?: string
  /** Why it was refused. */
  why?: { by: string; type?: string; messages: { id: string; default_message: string; args: string[] }[] }
}
/** In a `glob`, `*` stands for any text. */
type Text = { equalTo?: string; contains?: string; glob?: string; absent?: boolean }
/** Which requests of the journal are meant: as in WireMock, with globs for its expressions, `operation` and `status`. */
export type Pattern = {
  method?: string
  url?: string
  urlGlob?: string
  urlPath?: string
  urlPathGlob?: string
  /** Of the headers that the journal keeps. */
  headers?: Record<string, Text>
  queryParameters?: Record<string, Text>
  bodyPatterns?: Text[]
  operation?: string
  status?: number
}

/** An update session to make: in any state, under ids of the test's choice. */
export type SessionSpec = {
  id?: string
  /** Made where there is no such item. */
  library_item_id?: string
  state?: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
  client_progress?: number
  error_message?: string
  files?: {
    name: string
    status?: 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'READY'
    size?: number
    bytes_transferred?: number
    content?: string
  }[]
}
/** An update session as the mock sees it. */
export type SeenSession = {
  id: string
  library_item_id: string
  state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
  /** Completed by its client, and not DONE yet. */
  completing: boolean
  client_progress: number
  expiration_time: string
  files: { name: string; source_type: string; status: string; bytes_transferred: number; size?: number }[]
}
/** When a completed session is DONE. */
export type Completion = 'at-once' | { after: Duration }
export type Sessions = {
  add: (spec?: SessionSpec) => Promise<SeenSession>
  list: () => Promise<SeenSession[]>
  /** Its time is over, whatever its state. */
  expire: (id: string) => Promise<void>
}

export type Clock = {
  now: () => Promise<Date>
  /** Time passes at once; what falls due on the way is done. */
  advance: (by: Duration) => Promise<void>
  set: (now: Date | string) => Promise<void>
  freeze: () => Promise<void>
  resume: () => Promise<void>
  /** Back to the real time. */
  reset: () => Promise<void>
}
export type Faults = {
  add: (fault: Fault) => Promise<ActiveFault>
  list: () => Promise<ActiveFault[]>
  remove: (id: string) => Promise<void>
  clear: () => Promise<void>
}
export type Journal = {
  /** Newest first. */
  list: () => Promise<JournalEntry[]>
  count: (pattern?: Pattern) => Promise<number>
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
  completeSessions: (when: Completion) => Promise<void>
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
      list: async () => (await send<{ faults: ActiveFault[] }>('GET', '/faults')).faults,
      remove: async (id) => void (await send('DELETE', `/faults/${encodeURIComponent(id)}`)),
      clear: async () => void (await send('DELETE', '/faults')),
    },
    journal: {
      list: async () => (await send<{ requests: Event[] }>('GET', '/requests')).requests.map(entry),
      count: async (pattern = {}) => (await send<{ count: number }>('POST', '/requests/count', pattern)).count,
      clear: async () => void (await send('DELETE', '/requests')),
    },
    sessions: {
      add: (spec = {}) => send('POST', '/sessions', spec),
      list: async () => (await send<{ sessions: SeenSession[] }>('GET', '/sessions')).sessions,
      expire: async (id) => void (await send('DELETE', `/sessions/${encodeURIComponent(id)}`)),
    },
    completeSessions: async (complete) => void (await send('PUT', '/transitions', { complete })),
    reset: async () => void (await send('POST', '/reset')),
  }
}

type Event = Pick<JournalEntry, 'id' | 'operation' | 'user' | 'durationMs' | 'fault' | 'why'> & {
  request: { loggedDate: number; method: string; url: string; headers: Record<string, string>; body: string }
  response: { status: number; body: string }
}
const entry = ({ id, request, response, operation, user, durationMs, fault, why }: Event): JournalEntry => ({
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
