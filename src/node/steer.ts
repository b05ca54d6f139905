// The admin API of a mock as methods: how a test steers one of its sandboxes.
import type * as shapes from '../admin/shapes.ts'
import type { FaultView, RequestView, SessionView } from '../admin/view-shapes.ts'
import { adminRequest, wrongIn } from '../client/admin.ts'
import type { TextAnswer, Asked } from './ask.ts'

/** Asks the mock; `path` begins below its address. */
export type AskMock = (path: string, asked: Asked) => Promise<TextAnswer>

/** One request the mock has seen. Secrets are left out, long bodies cut. */
export type JournalEntry = Pick<RequestView['request'], 'method' | 'url' | 'headers' | 'body'> &
  Omit<RequestView, 'request' | 'response' | 'responseDefinition' | 'timing' | 'wasMatched'> & {
    at: Date
    status: number
    response: string
  }

/** One mock vCenter of many, for clients that log in with its name as their user name. */
export type Sandbox = ReturnType<typeof steer>

export function steer(ask: AskMock, name: string, token: string) {
  if (typeof name !== 'string') throw new Error('sandbox() takes the name of a user.')
  // The mock refuses every other name that is none; this one has no spelling to ask it with.
  if (!name.isWellFormed()) throw new Error('The name of a sandbox has half of a character.')
  const send = async <T = unknown>(method: string, path: string, body?: object): Promise<T> => {
    const { status, text } = await ask(`/__admin${path}`, adminRequest(name, token, method, body))
    if (status >= 400) throw new Error(`${method} /__admin${path} was refused: ${wrongIn(text).join(' ') || text}`)
    return JSON.parse(text) as T // the mock and this file are of one version
  }
  /** For what answers nothing that a test needs. */
  const change = async (method: string, path: string, body?: object): Promise<void> => {
    await send(method, path, body)
  }

  return {
    name,
    clock: {
      now: async () => new Date((await send<{ now: string }>('GET', '/clock')).now),
      /** Time passes at once; what falls due on the way is done. */
      advance: (by: shapes.DurationSpec) => change('POST', '/clock/advance', { by }),
      set: async (now: Date | string) => change('POST', '/clock/set', { now: momentOf(now) }),
      freeze: () => change('POST', '/clock/freeze'),
      resume: () => change('POST', '/clock/resume'),
      /** Back to the real time. */
      reset: () => change('POST', '/clock/reset'),
    },
    faults: {
      add: (fault: shapes.FaultSpec): Promise<FaultView> => send('POST', '/faults', fault),
      list: async (): Promise<FaultView[]> => (await send<{ faults: FaultView[] }>('GET', '/faults')).faults,
      remove: (id: string) => change('DELETE', `/faults/${encodeURIComponent(id)}`),
      clear: () => change('DELETE', '/faults'),
    },
    journal: {
      /** Newest first. */
      list: async (): Promise<JournalEntry[]> =>
        (await send<{ requests: RequestView[] }>('GET', '/requests')).requests.map(entryOf),
      /** Throws where the journal has dropped requests: it would count too few. */
      count: async (pattern: shapes.PatternSpec = {}) => {
        const found = await send<{ count: number; droppedRequests?: number }>('POST', '/requests/count', pattern)
        if (found.droppedRequests === undefined) return found.count
        throw new Error(
          `The journal has dropped ${found.droppedRequests} requests, so it cannot say how many there were: it counts ${found.count}. Clear it before, or make it larger: JOURNAL_SIZE.`,
        )
      },
      clear: () => change('DELETE', '/requests'),
    },
    sessions: {
      add: (spec: shapes.SessionSpec = {}): Promise<SessionView> => send('POST', '/sessions', spec),
      list: async (): Promise<SessionView[]> => (await send<{ sessions: SessionView[] }>('GET', '/sessions')).sessions,
      /** Makes a live one fail, now or when it is completed; or puts one of its files into another state. */
      change: (id: string, how: shapes.SessionChangeSpec): Promise<SessionView> =>
        send('POST', `/sessions/${encodeURIComponent(id)}`, how),
      /** Its time is over, whatever its state. */
      expire: (id: string) => change('DELETE', `/sessions/${encodeURIComponent(id)}`),
    },
    /** From now on, until the next reset. */
    completeSessions: (when: shapes.TransitionsSpec['complete']) => change('PUT', '/transitions', { complete: when }),
    /** As it was at first: no logins, no sessions, no faults, no journal, the real clock. */
    reset: () => change('POST', '/reset'),
  }
}

function momentOf(time: Date | string): string {
  const moment = new Date(time)
  if (!Number.isNaN(moment.getTime())) return moment.toISOString()
  throw new Error(`clock.set() takes a Date, or a text as "2030-01-01T00:00:00Z", not ${JSON.stringify(time)}.`)
}

/** Without what WireMock's clients alone want to know. */
function entryOf(seen: RequestView): JournalEntry {
  const { request, response, responseDefinition: _, timing: __, wasMatched: ___, ...entry } = seen
  const { method, url, headers, body, loggedDate } = request
  const { status } = response
  return { ...entry, at: new Date(loggedDate), method, url, headers, body, status, response: response.body }
}
