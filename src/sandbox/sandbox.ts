// One mock vCenter: knows its callers, runs their operations one transaction at a time, wakes for what it owes.
import { DurableObject } from 'cloudflare:workers'
import { operations } from '../operations/index.ts'
import type { Output, Settings, Store } from '../operations/operation.ts'
import { validate } from '../operations/validate.ts'
import { earliest } from '../rules/deadlines.ts'
import { fail, ok, unauthenticated, type Result } from '../rules/failure.ts'
import { ApiSessions } from './api-sessions.ts'
import { Items, Libraries } from './libraries.ts'
import { Replays } from './replays.ts'
import { exists, migrate } from './schema.ts'
import { seed } from './seed.ts'
import { settingsOf } from './settings.ts'
import { UpdateSessions } from './update-sessions.ts'

/** Who asks: a token to be checked here; or a user whom the Worker has let in, and the token it minted for them. */
export type Caller = { token: string; user?: string }
/** `input` is what the wire held, unchecked; or why it could not be read, told only to callers who are logged in. */
export type Call = { caller: Caller; operation: string; input: Result<object> }

export class Sandbox extends DurableObject<Env> {
  readonly #settings: Settings
  /** Epoch milliseconds of the alarm, as the platform holds it. */
  #alarmAt: number | null | undefined

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#settings = settingsOf(env)
    if (exists(ctx.storage)) migrate(ctx.storage)
  }

  async invoke({ caller, operation: name, input }: Call): Promise<Result<Output>> {
    const { storage } = this.ctx
    if (caller.user !== undefined) this.#open()
    else if (!exists(storage)) return fail(unauthenticated())

    const result = storage.transactionSync((): Result<Output> => {
      const tables = this.#tablesAt(this.#now())
      const session =
        caller.user === undefined
          ? tables.apiSessions.touch(caller.token)
          : ok(tables.apiSessions.begin(caller.token, caller.user))
      if (!session.ok) return session
      if (!input.ok) return input
      tables.updateSessions.expire()
      return run(name, { ...tables, caller: session.value }, input.value)
    })
    await this.#wake()
    return result
  }

  /** Moves this sandbox's clock ahead; what falls due on the way is done at once. */
  async advanceClock(byMs: number): Promise<void> {
    this.#open()
    this.ctx.storage.sql.exec('UPDATE clock SET offset_ms = offset_ms + ?', byMs)
    await this.alarm()
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null
    if (!exists(this.ctx.storage)) return
    const tables = this.#tablesAt(this.#now())
    this.ctx.storage.transactionSync(() => {
      tables.updateSessions.expire()
      tables.apiSessions.expire()
    })
    await this.#wake()
  }

  #open(): void {
    if (exists(this.ctx.storage)) return
    migrate(this.ctx.storage)
    this.ctx.storage.transactionSync(() => seed(this.#tablesAt(this.#now())))
  }

  #now(): number {
    return Date.now() + this.#clockOffsetMs()
  }

  #clockOffsetMs(): number {
    return this.ctx.storage.sql.exec<{ offset_ms: number }>('SELECT offset_ms FROM clock').one().offset_ms
  }

  #tablesAt(now: number) {
    const { sql } = this.ctx.storage
    const items = new Items(sql)
    return {
      now,
      settings: this.#settings,
      newId: () => crypto.randomUUID(),
      apiSessions: new ApiSessions(sql, now, this.#settings.apiSessionIdleMs),
      replays: new Replays(sql),
      items,
      libraries: new Libraries(sql, items),
      updateSessions: new UpdateSessions(sql, now),
    }
  }

  /** Sees to it that the alarm rings no later than the next deadline; one that rings early just looks again. */
  async #wake(): Promise<void> {
    const { storage } = this.ctx
    const tables = this.#tablesAt(0)
    const due = earliest(tables.updateSessions.nextExpiry(), tables.apiSessions.nextExpiry())
    if (due === undefined) return
    const dueAt = due - this.#clockOffsetMs()
    this.#alarmAt ??= await storage.getAlarm()
    if (this.#alarmAt !== null && this.#alarmAt <= dueAt) return
    this.#alarmAt = dueAt
    await storage.setAlarm(dueAt)
  }
}

function run(name: string, store: Store, input: object): Result<Output> {
  const operation = operations.get(name)
  if (!operation) throw new Error(`A binding asked for an operation that is not in the table: ${name}`)
  const valid = validate(operation, input)
  return valid.ok ? operation.run(store, valid.value as never) : valid
}
