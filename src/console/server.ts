// The mock, as the page asks it: the admin API to look and to steer, the API of vCenter to act as a client would.
import { clientOf, login, Refusal, type Client } from '../client/client.ts'
import type { ClockView, CoverageView, SessionView } from '../admin/shapes.ts'

/** As the admin API shows a fault. */
export type FaultView = {
  id: string
  operation: string
  match?: Record<string, unknown>
  error?: string
  message?: string
  status?: number
  body?: string
  delay?: number
  connection?: 'stall' | 'truncate'
  skip: number
  times?: number
  probability: number
  seen: number
  struck: number
}
/** A request in the journal, as far as the page reads it. */
export type JournalEntry = {
  id: string
  request: {
    url: string
    method: string
    headers: Record<string, string>
    loggedDate: number
    body: string
    bodyTruncated: boolean
  }
  response: { status: number; headers: Record<string, string>; body: string }
  wasMatched: boolean
  binding: string
  operation?: string
  user?: string
  durationMs: number
  fault?: string
  why?: { by: string; type?: string; messages: { id: string; default_message: string; args: string[] }[] }
}
export type View = {
  sessions: SessionView[]
  requests: JournalEntry[]
  /** How many the journal holds. */
  total: number
  faults: FaultView[]
  clock: ClockView
  /** When the clock showed that, on the page's own. */
  readAt: number
  coverage: CoverageView
}

/** The admin API said no. */
export class Closed extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const SHOWN_REQUESTS = 100

export class Server {
  readonly sandbox: string
  readonly #token: string
  readonly #password: string
  #client: Promise<Client> | undefined

  constructor({ sandbox, token, password }: { sandbox: string; token: string; password: string }) {
    this.sandbox = sandbox
    this.#token = token
    this.#password = password
  }

  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.#fetch(path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    return (await response.json()) as T // as `shapes.ts` and the types above say
  }

  async view(): Promise<View> {
    const [sessions, journal, faults, clock, coverage] = await Promise.all([
      this.ask<{ sessions: SessionView[] }>('GET', '/sessions'),
      this.ask<{ requests: JournalEntry[]; meta: { total: number } }>('GET', `/requests?limit=${SHOWN_REQUESTS}`),
      this.ask<{ faults: FaultView[] }>('GET', '/faults'),
      this.ask<ClockView>('GET', '/clock'),
      this.ask<CoverageView>('GET', '/coverage'),
    ])
    return {
      sessions: sessions.sessions.toReversed(),
      requests: journal.requests,
      total: journal.meta.total,
      faults: faults.faults,
      clock,
      readAt: performance.now(),
      coverage,
    }
  }

  /** Calls `onChange` once it listens and for every change, until the stream ends or the signal says stop. */
  async listen(onChange: () => void, signal: AbortSignal): Promise<void> {
    // Not an EventSource: that cannot send the header with the token.
    const response = await this.#fetch('/events', { signal })
    if (!response.body) return
    onChange()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const events = (text + value).split('\n\n')
      text = events.pop() ?? ''
      if (events.some((event) => event.startsWith('event: '))) onChange()
    }
  }

  /** Acts as a client that is logged in; one whose login has ended, by the clock say, logs in anew. */
  async act<T>(run: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await run(await this.#loggedIn())
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error
      this.#client = undefined
      return run(await this.#loggedIn())
    }
  }

  async #loggedIn(): Promise<Client> {
    this.#client ??= login(location.origin, { user: this.sandbox, password: this.#password }).then(({ token }) =>
      clientOf(location.origin, token),
    )
    try {
      return await this.#client
    } catch (error) {
      this.#client = undefined
      throw error
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('x-mock-sandbox', this.sandbox)
    if (this.#token !== '') headers.set('authorization', `Bearer ${this.#token}`)
    const response = await fetch(`/__admin${path}`, { ...init, headers })
    if (response.ok) return response
    const { errors = [] } = (await response.json().catch(() => ({}))) as { errors?: { title: string }[] } // its refusals
    throw new Closed(response.status, errors[0]?.title ?? `The mock answered ${response.status}.`)
  }
}
