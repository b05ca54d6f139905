// What a sandbox has in storage, as its object works with it: the transaction that a call is, what is known of storage without
// reading it, and the alarm for what is due.
import type { Settings } from '../operations/store.ts'
import { nextAlarm } from '../rules/deadlines.ts'
import type { Answer, RequestFacts } from '../rules/request-record.ts'
import { allMomentsOf, momentsOf, noteUse, planOrphans } from './deadlines.ts'
import { insertFirstContent } from './first-content.ts'
import { Journal } from './journal.ts'
import { planMarker } from './markers.ts'
import { settingsOf, steeringIn } from './steering.ts'
import { readKnown, type Known } from './tables/known.ts'
import { openTables, type Tables } from './tables/open.ts'
import { createTables, exists, removeOtherVersion } from './tables/schema.ts'

export class State {
  readonly journal: Journal
  readonly #storage: DurableObjectStorage
  readonly #env: Env
  readonly #name: string | undefined
  /** Names this state of memory, and how many changes it has seen: the version of a view. */
  readonly #instance = crypto.randomUUID()
  #changes = 0
  /** What storage holds, from when it is read until it may have changed. */
  #known: Known | undefined
  /**
   * The moment to which this object has set the alarm, from then on until it rings. Otherwise the platform is asked: an alarm
   * that rings, or that an earlier object has set, is its to know. To ask takes a turn of the event loop, and calls of the same
   * turn share a commit: with it, 16 clients at once get two thirds of the answers a second.
   */
  #scheduledAt: number | undefined
  /** Transfers that wait for their end, by content key. The platform can lose them: each asks again when it reports. */
  readonly #stops = new Map<string, PromiseWithResolvers<void>>()

  constructor(ctx: DurableObjectState, env: Env) {
    const { storage, id } = ctx
    this.#env = env
    this.#name = id.name
    this.#storage = storage
    this.journal = new Journal(storage, () => this.settings.journalSize)
    if (removeOtherVersion(storage)) {
      const notice = `Another version stored the sandbox ${id.name ?? id.toString()}: it is removed, and starts empty`
      console.warn(notice)
      this.journal.note(notice)
      // For a client who logs in before the alarm has deleted the content.
      planOrphans(storage, Date.now())
      void ctx.blockConcurrencyWhile(() => storage.setAlarm(Date.now()))
    }
  }

  get version(): string {
    return `${this.#instance}.${this.#changes}`
  }

  noteChange(): void {
    this.#changes += 1
  }

  /** Puts a request into the journal, where there is one. */
  keepRequest<A extends Answer>(request: RequestFacts | undefined, answer: A): A {
    if (request) {
      this.journal.add(request, answer)
      this.#changes += 1
    }
    return answer
  }

  get settings(): Settings {
    return this.know()?.settings ?? settingsOf(this.#env, steeringIn(this.#storage))
  }

  untilStopped(key: string): Promise<void> {
    const stop = this.#stops.get(key) ?? Promise.withResolvers<void>()
    this.#stops.set(key, stop)
    return stop.promise
  }

  /** Tells the transfers that wait for their end; all of them, where none is named. */
  stop(keys: Iterable<string> = this.#stops.keys()): void {
    for (const key of keys) {
      this.#stops.get(key)?.resolve()
      this.#stops.delete(key)
    }
  }

  /** One transaction, and the alarm for what is due after it. Where no client has logged in, nothing is written. */
  async transact<T>(absent: NoInfer<T>, run: (tables: Tables) => T, { isUse = true } = {}): Promise<T> {
    const storage = this.#storage
    const known = this.know()
    if (!known) return absent
    // All that is read is read in it: each read outside of one takes locks of its own.
    const { result, moments, released } = this.transactAtOnce(() => {
      if (isUse) noteUse(storage, known, Date.now())
      const tables = this.tables()
      tables.updateSessions.catchUp()
      const result = run(tables)
      const { hasWritten, hasMoved } = tables.database
      // For all others the alarm is set already.
      const moments = hasMoved ? momentsOf(storage.sql, known) : { bySandboxClock: [known.dueAt], byRealClock: [] }
      return { result, moments: hasWritten && moments, released: tables.contents.released }
    })
    this.stop(released)
    if (!moments) return result
    this.#changes += 1
    await (this.#scheduledAt === undefined
      ? this.schedule()
      : this.setAlarm(nextAlarm(moments, known.clock, this.#scheduledAt, Date.now())))
    return result
  }

  /** One that fails leaves nothing in storage, and nothing known. No alarm is set. */
  transactAtOnce<T>(run: () => T): T {
    try {
      return this.#storage.transactionSync(run)
    } catch (error) {
      this.forget()
      throw error
    }
  }

  /** Creates what a new sandbox has, where there is none; again, where it is removed while its alarm is waited for. */
  async open(): Promise<void> {
    while (this.#create()) await this.schedule()
  }

  /** Answers whether there was none. */
  #create(): boolean {
    const storage = this.#storage
    const isNew = !this.know()
    if (isNew) {
      createTables(storage)
      this.transactAtOnce(() => {
        insertFirstContent(this.tables())
        if (this.#name !== undefined) planMarker(storage, this.#name, Date.now())
      })
    }
    noteUse(storage, this.tables().known, Date.now())
    return isNew
  }

  /** Nothing, where no client has logged in. */
  know(): Known | undefined {
    const storage = this.#storage
    if (!this.#known && exists(storage)) this.#known = readKnown(storage, this.#env)
    return this.#known
  }

  /** Storage may have changed, or be as it was before a change. */
  forget(): void {
    this.#known = undefined
    this.#changes += 1
  }

  tables(): Tables {
    const storage = this.#storage
    // Of a sandbox that was removed, the tables are there until its content is deleted.
    return openTables(storage.sql, this.know() ?? readKnown(storage, this.#env))
  }

  /** Sets the alarm to the earliest moment at which something is due, unless it comes early enough. */
  async schedule(): Promise<void> {
    const storage = this.#storage
    // Asked for first: nothing may happen between reading the moments and setting the alarm.
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, known), known.clock, scheduledAt, Date.now())
    // Set again where it comes early enough: it may have rung while it was asked for.
    await this.setAlarm(at ?? scheduledAt ?? undefined)
  }

  async setAlarm(at: number | undefined): Promise<void> {
    if (at === undefined || at === this.#scheduledAt) return
    this.#scheduledAt = at
    await this.#storage.setAlarm(at)
  }

  /** It has rung, or goes with all else. */
  forgetAlarm(): void {
    this.#scheduledAt = undefined
  }
}
