// One mock vCenter: what is called by RPC, the transaction that each call is, and the alarm.
import { DurableObject } from 'cloudflare:workers'
import { partsOf } from '../content/bucket.ts'
import { examine, type ContentFate } from '../content/store.ts'
import type { Plan } from '../content/watch.ts'
import type { Settings } from '../operations/store.ts'
import { changeClock, read, type ClockChange } from '../rules/clock.ts'
import { nextAlarm } from '../rules/deadlines.ts'
import { fail, unauthenticated, type Result } from '../rules/failure.ts'
import { metOf, type Fault } from '../rules/fault.ts'
import type { Received } from '../rules/file.ts'
import type { Answered, KeptRecord, RequestOutcome, RequestFacts } from '../rules/request-record.ts'
import { answerCall, NOT_AUTHENTICATED, type Answer, type Call, type Checked } from './call.ts'
import { allMomentsOf, momentsOf, noteUse, planOrphans, removalAt } from './deadlines.ts'
import { insertFirstContent } from './first-content.ts'
import { collectOrphans, deleteContent, purgeContent, type Stores } from './housekeeping.ts'
import { Journal } from './journal.ts'
import { deleteMarkers, hasMarker, markerDueAt, planMarker, writeMarker } from './markers.ts'
import { runMutant } from './mutants.ts'
import { examineSeed, removeSeeded, seedSession, type Seed, type Seeded } from './seeded-sessions.ts'
import { changeSession, type SessionChange } from './session-changes.ts'
import { override, overridesIn, settingsOf, type Overrides } from './settings.ts'
import { FAULTS_LIMIT } from './tables/faults.ts'
import { readKnown, saveClock, type Known } from './tables/known.ts'
import { openTables, type Tables } from './tables/open.ts'
import { createTables, empty, exists, isRemoved, removeOtherVersion, removeRows } from './tables/schema.ts'
import { addTeardown, dropTeardowns, takeTeardown, type Teardown } from './teardowns.ts'
import {
  abandonDeadTransfers,
  algorithmsOf,
  beginUpload,
  end,
  findContent,
  orderPulls,
  report,
  takeUpload,
  UPLOAD_GONE,
  type Ending,
  type Wanted as WantedFile,
} from './transfers.ts'
import { show, type View, type Wanted } from './view.ts'

/** What one sandbox may hold besides content: nothing more is created then. */
const FULL_BYTES = 256 * 1024 * 1024
/** So many things are created before it is asked again how much there is: each is at most as large as a request's body. */
const UNASKED = 16
/** How long to leave the bucket alone before the removal is tried again. */
const REMOVAL_RETRY_MS = 60_000

/** Authenticates callers, runs each operation in one SQLite transaction, and does due work from its alarm. */
export class Sandbox extends DurableObject<Env> {
  /** The deployment's settings, and over them what a test has set for this sandbox. */
  #settings: Settings
  readonly #journal: Journal
  /** Names this state of memory, and how many changes it has seen: the version of a view. */
  readonly #instance = crypto.randomUUID()
  #changes = 0
  #markerWrite: Promise<void> | undefined
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
    super(ctx, env)
    const { storage, id } = ctx
    this.#journal = new Journal(storage, () => this.#settings.journalSize)
    if (removeOtherVersion(storage)) {
      const notice = `Another version stored the sandbox ${id.name ?? id.toString()}: it is removed, and starts empty`
      console.warn(notice)
      this.#journal.note(notice)
      // For a client who logs in before the alarm has deleted the content.
      planOrphans(storage, Date.now())
      void ctx.blockConcurrencyWhile(() => storage.setAlarm(Date.now()))
    }
    this.#settings = { ...settingsOf(env), ...overridesIn(storage) }
  }

  /** One operation for one caller. With what is known of its request, it is in the journal. */
  async invoke(call: Call): Promise<Answer> {
    if (call.caller.user !== undefined) await this.#open()
    const { storage } = this.ctx
    const { mutant } = this.#settings
    const answer = await this.#transact<Checked<Answer>>(NOT_AUTHENTICATED, (tables) => {
      const isFull = () => this.#isFull(tables)
      const run = () => answerCall(call, tables, isFull)
      return mutant === 'none' || call.isSpared ? run() : runMutant(mutant, call, storage, run)
    })
    // What was rolled back may be known all the same.
    if (mutant !== 'none') this.#known = undefined
    return this.#keep(call.request, call.operation, answer)
  }

  /** A client begins to send a file. The request is kept where it is refused, and else where it ends. Without one it meets no fault. */
  async beginTransfer(
    uploadToken: string,
    name: string,
    lengthBytes?: number,
    request?: RequestFacts,
    isSpared = request === undefined,
  ): Promise<Answer<Plan>> {
    const upload = { uploadToken, name, lengthBytes, isSpared }
    const begun = await this.#transact<Checked<Answer<Plan>>>(UPLOAD_GONE, (tables) =>
      beginUpload(tables, upload, this.#stores.prefix),
    )
    return this.#keep(begun.result.ok ? undefined : request, 'upload', begun)
  }

  /**
   * A client has sent all of a small file, which is begun, received and verified in this one call. Answers with a plan where it
   * is to come as any other. What is told again, under the same id, is answered as the first time.
   */
  async takeUpload(
    { id, bytes }: { id: string; bytes: ArrayBuffer },
    uploadToken: string,
    name: string,
    lengthBytes?: number,
    request?: RequestFacts,
    isSpared = request === undefined,
  ): Promise<Answer<Plan | undefined>> {
    const { prefix } = this.#stores
    const upload = { uploadToken, name, lengthBytes, isSpared }
    const algorithms = this.#know() ? algorithmsOf(this.#tables(), uploadToken) : []
    const received = { key: `${prefix}${id}`, ...(await examine(name, algorithms, bytes)) }
    const taken = await this.#transact<Checked<Answer<Plan | undefined>>>(UPLOAD_GONE, (tables) =>
      takeUpload(tables, upload, { received, bytes }, prefix),
    )
    const isPlan = taken.result.ok && taken.result.value !== undefined
    return this.#keep(isPlan ? undefined : request, 'upload', taken)
  }

  /** Hears how far a transfer is; answers how many bytes it may have in all, or nothing where it is not wanted. */
  async reportProgress(key: string, bytesTransferred: number): Promise<number | undefined> {
    return this.#transact<number | undefined>(undefined, (tables) => report(tables, key, bytesTransferred))
  }

  /** Waits until a transfer is over, or not wanted any more. */
  async stopped(key: string): Promise<void> {
    const stop = this.#stops.get(key) ?? Promise.withResolvers<void>()
    this.#stops.set(key, stop)
    const isUnderWay = await this.#transact(false, ({ updateFiles }) => updateFiles.byContent(key) !== undefined)
    if (!isUnderWay) this.#stop([key])
    return stop.promise
  }

  /** Hears that a transfer is over; answers what an upload is answered, and what is to become of the content. */
  async endTransfer(
    key: string,
    ending: Ending,
    upload?: { request: RequestFacts; fault?: Fault },
  ): Promise<{ result: Result<undefined>; content: ContentFate }> {
    const gone = { result: UPLOAD_GONE.result, content: 'not wanted' } as const
    const ended = await this.#transact<ReturnType<typeof end>>(gone, (tables) => end(tables, key, ending))
    this.#stop([key])
    const { result } = ended
    const refusedBy = result.ok ? {} : ({ refusedBy: 'rule' } as const)
    const fault = upload?.fault ? { fault: upload.fault } : {}
    this.#keep(upload?.request, 'upload', { result, ...refusedBy, ...fault, isAuthenticated: true })
    return ended
  }

  /** Where the content of an item's file lies, for a caller with an API session; and the bytes of what lies in a row. */
  async locate(wanted: WantedFile, request: RequestFacts): Promise<Answer<Received> & { bytes?: ArrayBuffer }> {
    if (wanted.caller.user !== undefined) await this.#open()
    const absent = { answer: NOT_AUTHENTICATED }
    const { answer, bytes } = await this.#transact<ReturnType<typeof findContent>>(absent, (tables) =>
      findContent(tables, wanted),
    )
    return { ...this.#keep(request, 'download', answer), ...(bytes && { bytes }) }
  }

  /**
   * Keeps a request that no call of this sandbox has told of, or what was known of one only after its answer. A token of
   * this sandbox proves nothing once it is dead; a user was authenticated by a call.
   */
  async record(request: RequestFacts, outcome: Omit<RequestOutcome, 'durationMs'>, token?: string): Promise<void> {
    const tables = exists(this.ctx.storage) && token !== undefined ? this.#tables() : undefined
    const proof =
      outcome.user ?? tables?.apiSessions.alive(token ?? '') ?? tables?.updateFiles.byUploadToken(token ?? '')
    this.#journal.add(request, outcome, proof !== undefined)
    this.#changes += 1
  }

  /**
   * What there is to see here, as far as it is wanted: where nothing has changed since `since`, no more than version, clock
   * and settings. This is no use of the sandbox: it neither creates it nor keeps it from its removal.
   */
  async view({ since, ...wanted }: Wanted & { since?: string }): Promise<View> {
    const known = this.#know()
    const clock = known?.clock ?? { offsetMs: 0 }
    const real = Date.now()
    const version = `${this.#instance}.${this.#changes}`
    return {
      version,
      clock: { now: read(clock, real), real, isFrozen: clock.frozenAt !== undefined },
      settings: this.#settings,
      ...(since === version
        ? show(undefined, this.#journal, {})
        : show(known && this.#tables(), this.#journal, wanted)),
    }
  }

  /** What falls due on the way of a clock that moves is done at once. */
  async setClock(change: ClockChange): Promise<void> {
    await this.#open()
    const { storage } = this.ctx
    const realNow = Date.now()
    const before = this.#tables().known.clock
    saveClock(storage.sql, changeClock(before, change, realNow))
    this.#known = undefined
    storage.transactionSync(() => this.#tables().updateSessions.keepRunning(read(before, realNow), realNow))
    await this.alarm()
  }

  /** Answers whether there was room for them; otherwise nothing has changed. */
  async changeFaults({ remove, add }: { remove: 'all' | string[]; add: Fault[] }): Promise<boolean> {
    await this.#open()
    return this.#transact(false, ({ faults }) => {
      const before = remove === 'all' ? 0 : faults.list().length
      if (add.length > 0 && before + add.length > FAULTS_LIMIT) return false
      faults.remove(remove === 'all' ? undefined : remove)
      for (const fault of add) faults.save(fault)
      return true
    })
  }

  /** Holds for what begins from now on, until the next reset. */
  async changeSettings(changes: Overrides): Promise<void> {
    await this.#open()
    const { storage } = this.ctx
    override(storage, { ...overridesIn(storage), ...changes })
    this.#settings = { ...settingsOf(this.env), ...overridesIn(storage) }
    this.#changes += 1
    await this.#schedule()
  }

  /** An update session in any state, with files and their content. One that the rules refuse leaves nothing. */
  async seedSession(seed: Seed): Promise<Result<Seeded>> {
    const wholes = await examineSeed(seed, this.#stores.prefix)
    await this.#open()
    return this.#transact<Result<Seeded>>(fail(unauthenticated()), (tables) => seedSession(tables, seed, wholes))
  }

  /** What a test makes of a live update session; the rules may refuse. */
  async changeSession(id: string, change: SessionChange): Promise<Result<undefined>> {
    return this.#transact<Result<undefined>>(fail(unauthenticated()), (tables) => changeSession(tables, id, change))
  }

  /** Answers whether it was there. */
  async removeSession(seeded: Seeded): Promise<boolean> {
    return this.#transact(false, (tables) => removeSeeded(tables, seeded))
  }

  /** Without ids, all of them. */
  async removeRequests(ids?: string[]): Promise<KeptRecord[]> {
    this.#changes += 1
    return this.#journal.remove(ids)
  }

  async addTeardown(teardown: Teardown): Promise<void> {
    await this.#open()
    addTeardown(this.ctx.storage, teardown)
  }

  async takeTeardown(name: string): Promise<Teardown | undefined> {
    return exists(this.ctx.storage) ? takeTeardown(this.ctx.storage, name) : undefined
  }

  /** Back to what a new sandbox holds: all API sessions end. Content is deleted as always. */
  async reset(): Promise<void> {
    const { storage } = this.ctx
    this.#changes += 1
    this.#journal.forget()
    if (!exists(storage)) return
    this.#known = undefined
    this.#transaction(() => {
      empty(storage.sql, Date.now())
      override(storage, {})
      dropTeardowns(storage)
      this.#settings = settingsOf(this.env)
      insertFirstContent(this.#tables())
    })
    this.#stop(this.#stops.keys())
    await this.alarm()
  }

  /** Deletes all that this sandbox has, as when it was not used for long. */
  async remove(): Promise<void> {
    this.#changes += 1
    this.#journal.forget()
    const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage)) await this.#remove()
  }

  /** Does what is due. It may run more than once: what is due is read off the state. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx
    this.#scheduledAt = undefined
    if (isRemoved(storage)) return this.#remove()
    if (!exists(storage)) return
    if (removalAt(storage, this.#settings) <= Date.now()) return this.#remove()
    this.#changes += 1
    const { name } = this.ctx.id
    // A Pull reports to the sandbox that its order names: without a name it would report to none.
    if (name === undefined) console.error('The alarm of a sandbox does not know its name: it begins no PULL')
    const { orders, released } = this.#transaction(() => {
      const tables = this.#tables()
      tables.updateSessions.catchUp()
      tables.apiSessions.expire()
      abandonDeadTransfers(tables)
      const orders = name === undefined ? [] : orderPulls(tables, name, this.#stores.prefix)
      return { orders, released: tables.contents.released }
    })
    this.#stop(released)
    // A pull whose order does not arrive is abandoned by its lease and ordered anew.
    await Promise.allSettled(orders.map((order) => this.env.PULLS.getByName(order.plan.key).start(order)))
    await this.#writeMarker()
    // Removed meanwhile: its tables may be gone.
    if (!exists(storage)) return
    const { contents } = this.#tables()
    await purgeContent(this.#stores, contents)
    await collectOrphans(this.#stores, contents, this.#settings.orphansMs)
    await this.#schedule()
  }

  /** Tells the transfers that wait for their end. */
  #stop(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#stops.get(key)?.resolve()
      this.#stops.delete(key)
    }
  }

  async #writeMarker(): Promise<void> {
    const { storage } = this.ctx
    if (!exists(storage) || (markerDueAt(storage) ?? Infinity) > Date.now()) return
    this.#markerWrite ??= writeMarker(storage, this.#stores.parts, Date.now()).finally(
      () => (this.#markerWrite = undefined),
    )
    await this.#markerWrite
  }

  /** One transaction, and the alarm for what is due after it. Where no client has logged in, nothing is written. */
  async #transact<T>(absent: T, run: (tables: Tables) => T): Promise<T> {
    const { storage } = this.ctx
    const known = this.#know()
    if (!known) return absent
    // All that is read is read in it: each read outside of one takes locks of its own.
    const { result, moments, released } = this.#transaction(() => {
      noteUse(storage, this.#settings, known, Date.now())
      const tables = this.#tables()
      const result = run(tables)
      const { hasWritten, hasMoved } = tables.database
      // For all others the alarm is set already.
      const moments = hasMoved
        ? momentsOf(storage, this.#settings, known)
        : { bySandboxClock: [known.dueAt], byRealClock: [] }
      return { result, moments: hasWritten && moments, released: tables.contents.released }
    })
    this.#stop(released)
    if (!moments) return result
    this.#changes += 1
    await (this.#scheduledAt === undefined
      ? this.#schedule()
      : this.#setAlarm(nextAlarm(moments, known.clock, this.#scheduledAt, Date.now())))
    return result
  }

  /** The platform takes some time to say how large a database is. */
  #isFull({ contents, known }: Tables): boolean {
    if (known.createdUnasked < UNASKED) {
      known.createdUnasked += 1
      return false
    }
    const isFull = this.ctx.storage.sql.databaseSize - contents.smallBytes() > FULL_BYTES
    if (!isFull) known.createdUnasked = 1
    return isFull
  }

  /** One that fails leaves nothing in storage, and nothing known. */
  #transaction<T>(run: () => T): T {
    try {
      return this.ctx.storage.transactionSync(run)
    } catch (error) {
      this.#known = undefined
      throw error
    }
  }

  /** Sets the alarm to the earliest moment at which something is due, unless it comes early enough. */
  async #schedule(): Promise<void> {
    const { storage } = this.ctx
    // Asked for first: nothing may happen between reading the moments and setting the alarm.
    const scheduledAt = this.#scheduledAt ?? (await storage.getAlarm())
    const known = this.#know()
    if (!known) return
    const at = nextAlarm(allMomentsOf(storage, this.#settings, known), known.clock, scheduledAt, Date.now())
    // Set again where it comes early enough: it may have rung while it was asked for.
    await this.#setAlarm(at ?? scheduledAt ?? undefined)
  }

  async #setAlarm(at: number | undefined): Promise<void> {
    if (at === undefined || at === this.#scheduledAt) return
    this.#scheduledAt = at
    await this.ctx.storage.setAlarm(at)
  }

  /** Nothing, where no client has logged in. */
  #know(): Known | undefined {
    if (!this.#known && exists(this.ctx.storage)) this.#known = readKnown(this.ctx.storage)
    return this.#known
  }

  /**
   * Deletes the rows at once, so that clients see all of this sandbox or nothing; then its content. A client that logs in
   * meanwhile gets a new sandbox, which takes over what is known of the content: after each wait it is asked whether that has
   * happened.
   */
  async #remove(): Promise<void> {
    const { storage } = this.ctx
    if (exists(storage)) removeRows(storage, Date.now())
    this.#stop(this.#stops.keys())
    this.#known = undefined
    this.#changes += 1
    this.#settings = settingsOf(this.env)
    // For when this is killed, or the bucket fails.
    await this.#setAlarm(Date.now() + REMOVAL_RETRY_MS)
    try {
      // Else it could reach the bucket after the deletion.
      await this.#markerWrite
      if (isRemoved(storage)) await deleteMarkers(storage, this.#stores.parts)
      await deleteContent(this.#stores, () => isRemoved(storage))
    } catch (error) {
      return console.error('R2 would not delete what a removed sandbox has left; trying again', error)
    }
    // Where a marker is known again, another removal is under way, of a sandbox that was created meanwhile.
    if (!isRemoved(storage) || hasMarker(storage)) return
    const writtenUntil = this.#tables().contents.writtenUntil()
    if (writtenUntil > Date.now()) return this.#setAlarm(writtenUntil)
    this.#scheduledAt = undefined
    await storage.deleteAll()
  }

  /** Creates what a new sandbox has, where there is none; again, where it is removed while its alarm is waited for. */
  async #open(): Promise<void> {
    while (this.#create()) await this.#schedule()
  }

  /** Answers whether there was none. */
  #create(): boolean {
    const { storage, id } = this.ctx
    const isNew = !this.#know()
    if (isNew) {
      createTables(storage)
      this.#transaction(() => {
        insertFirstContent(this.#tables())
        if (id.name !== undefined) planMarker(storage, id.name, Date.now())
      })
    }
    noteUse(storage, this.#settings, this.#tables().known, Date.now())
    return isNew
  }

  /**
   * Puts a request into the journal, where there is one: of a fault its name, and with which status it replaces the answer.
   * Answers what the caller is told.
   */
  #keep<T extends Answered>(
    request: RequestFacts | undefined,
    operation: string,
    { isAuthenticated, ...told }: Checked<Answer<T>>,
  ): Answer<T> {
    if (!request) return told
    const { fault, loggedInAt: _, ...answer } = told
    this.#journal.add(request, { operation, ...answer, ...(fault && { fault: metOf(fault) }) }, isAuthenticated)
    this.#changes += 1
    return told
  }

  #tables(): Tables {
    // Of a sandbox that was removed, the tables are there until its content is deleted.
    return openTables(this.ctx.storage.sql, this.#settings, this.#know() ?? readKnown(this.ctx.storage))
  }

  get #stores(): Stores {
    return { storage: this.ctx.storage, parts: partsOf(this.env), prefix: `${this.ctx.id.toString()}/` }
  }
}
