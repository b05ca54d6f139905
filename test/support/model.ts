// The rules once more, as small as they can be said, from the reference and not from the code: what must a sandbox
// answer? It holds everything in memory, and counts time in ticks. Of files `transfer-model.ts` says more.
import type { State } from './client.ts'

export const TICK_MS = 10_000
const IDLE = 30
const RETENTION = 360
const LOGIN = 180

/** What the model answers where the API refuses. */
export class Refused extends Error {}
const refuse = (errorType: string): never => {
  throw new Refused(errorType)
}

type Session = {
  item: string
  state: State
  version: number
  progress: number
  warnings: object[]
  reason?: string
  /** From this tick on it is gone. */
  until: number
}
type Spec = { library_item_id: string; warning_behavior?: object[] }

export class Model {
  now = 0
  /** The id that the sandbox gave to what it created last: the one thing that the model cannot know. */
  given = ''
  #isLoggedIn = true
  #usedAt = 0
  /** With their content versions. */
  readonly #items: Map<string, number>
  readonly #sessions = new Map<string, Session>()
  readonly #tokens = new Map<string, { spec: string; id: string }>()

  constructor(items: string[]) {
    this.#items = new Map(items.map((id) => [id, 1]))
  }

  pass(ticks: number): void {
    this.now += ticks
  }

  login(): void {
    this.#isLoggedIn = true
    this.#usedAt = this.now
  }

  logout(): void {
    this.#enter()
    this.#isLoggedIn = false
  }

  create(spec: Spec, token?: string): string {
    this.#enter()
    const text = JSON.stringify(spec)
    const before = token === undefined ? undefined : this.#tokens.get(token)
    if (before) return before.spec === text ? before.id : refuse('INVALID_ARGUMENT')
    const version = this.contentVersion(spec.library_item_id)
    const isBusy = [...this.#sessions.values()].some(
      (session) => session.item === spec.library_item_id && session.state === 'ACTIVE',
    )
    if (isBusy) refuse('RESOURCE_BUSY')
    if (this.#sessions.has(this.given)) throw new Error(`a session that exists was given anew: ${this.given}`)
    this.#sessions.set(this.given, {
      item: spec.library_item_id,
      state: 'ACTIVE',
      version,
      progress: 0,
      warnings: spec.warning_behavior ?? [],
      until: this.now + IDLE,
    })
    if (token !== undefined) this.#tokens.set(token, { spec: text, id: this.given })
    return this.given
  }

  list(item?: string): string[] {
    this.#enter()
    if (item !== undefined && !this.#items.has(item)) refuse('NOT_FOUND')
    return [...this.#sessions].filter(([, session]) => item === undefined || session.item === item).map(([id]) => id)
  }

  get(id: string) {
    this.#enter()
    const { item, state, version, progress, warnings, reason, until } = this.#find(id)
    return { id, item, state, version, progress, warnings, reason, until }
  }

  update(id: string, { warning_behavior }: { warning_behavior?: object[] }): void {
    const session = this.#active(id)
    session.warnings = warning_behavior ?? session.warnings
    session.until = this.now + IDLE
  }

  keepAlive(id: string, progress?: number): void {
    const session = this.#active(id)
    if (progress !== undefined && (progress > 100 || progress < session.progress)) refuse('INVALID_ARGUMENT')
    session.progress = progress ?? session.progress
    session.until = this.now + IDLE
  }

  complete(id: string): void {
    const session = this.#active(id)
    this.#end(session, 'DONE')
    this.#items.set(session.item, this.contentVersion(session.item) + 1)
  }

  cancel(id: string): void {
    this.#end(this.#active(id), 'CANCELED')
  }

  fail(id: string, reason: string): void {
    this.#end(this.#active(id), 'ERROR', reason)
  }

  delete(id: string): void {
    this.#enter()
    if (this.#find(id).state === 'ACTIVE') refuse('NOT_ALLOWED_IN_CURRENT_STATE')
    this.#remove(id)
  }

  contentVersion(item: string): number {
    this.#enter()
    return this.#items.get(item) ?? refuse('NOT_FOUND')
  }

  /** What every call begins with: who asks, and what time has removed. */
  #enter(): void {
    this.#expire()
    if (!this.#isLoggedIn || this.#usedAt + LOGIN <= this.now) refuse('UNAUTHENTICATED')
    this.#usedAt = this.now
  }

  #expire(): void {
    for (const [id, { until }] of this.#sessions) if (until <= this.now) this.#remove(id)
  }

  #find(id: string): Session {
    return this.#sessions.get(id) ?? refuse('NOT_FOUND')
  }

  #active(id: string): Session {
    this.#enter()
    const session = this.#find(id)
    return session.state === 'ACTIVE' ? session : refuse('NOT_ALLOWED_IN_CURRENT_STATE')
  }

  #end(session: Session, state: State, reason?: string): void {
    session.state = state
    session.until = this.now + RETENTION
    if (reason !== undefined) session.reason = reason
  }

  #remove(id: string): void {
    this.#sessions.delete(id)
    for (const [token, { id: made }] of this.#tokens) if (made === id) this.#tokens.delete(token)
  }
}
