// One mock vCenter: what is called by RPC, and what its alarm does.
import { DurableObject } from 'cloudflare:workers'
import { partsOf } from '../content/bucket.ts'
import { examine } from '../content/store.ts'
import type { Plan } from '../content/watch.ts'
import { changeClock, read, type ClockChange } from '../rules/clock.ts'
import { fail, unauthenticated, type Result } from '../rules/failure.ts'
import type { Effect, Fault } from '../rules/fault.ts'
import type { Answer, KeptRecord, RequestFacts, RequestOutcome } from '../rules/request-record.ts'
import { answerCall, byRule, NOT_AUTHENTICATED, type Call, type CallAnswer } from './call.ts'
import { removalAt } from './deadlines.ts'
import { insertFirstContent } from './first-content.ts'
import { collectOrphans, deleteContent, purgeContent, type Stores } from './housekeeping.ts'
import { deleteMarkers, hasMarker, markerDueAt, writeMarker } from './markers.ts'
import { runMutant } from './mutants.ts'
import { examineSeed, removeSeeded, seedSession, type Seed, type Seeded } from './seeded-sessions.ts'
import { changeSession, type SessionChange } from './session-changes.ts'
import { override, overridesIn, type Overrides } from './settings.ts'
import { State } from './state.ts'
import { FAULTS_LIMIT } from './tables/faults.ts'
import { saveClock } from './tables/known.ts'
import { empty, exists, isRemoved, removeRows } from './tables/schema.ts'
import { addTeardown, dropTeardowns, takeTeardown, type Teardown } from './teardowns.ts'
import * as transfers from './transfers.ts'
import type { Ending, Upload, Wanted as WantedFile } from './transfers.ts'
import { show, type View, type Wanted } from './view.ts'

/** How long to leave the bucket alone before the removal is tried again. */
const REMOVAL_RETRY_MS = 60_000

/** Authenticates callers, runs each operation in one SQLite transaction, and does due work from its alarm. */
export class Sandbox extends DurableObject<Env> {
  readonly #state: State
  #markerWrite: Promise<void> | undefined

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#state = new State(ctx, env)
  }

  /** One operation for one caller. With what is known of its request, it is in the journal. */
  async invoke(call: Call): Promise<CallAnswer> {
    if (call.caller.user !== undefined) await this.#state.open()
    const { storage } = this.ctx
    const { mutant } = this.#state.settings
    const answer = await this.#state.transact(NOT_AUTHENTICATED, (tables) => {
      const run = () => answerCall(call, tables)
      return mutant === 'none' || call.isSpared ? run() : runMutant(mutant, call, storage, run)
    })
    // What was rolled back may be known all the same.
    if (mutant !== 'none') this.#state.forget()
    return this.#keep(call.request, call.operation, answer)
  }

  /** A client begins to send a file. The request is kept where it is refused, and else where it ends. */
  async beginTransfer(upload: Upload, request?: RequestFacts): Promise<Answer<Plan>> {
    const begun = await this.#state.transact(transfers.UPLOAD_GONE, (tables) =>
      transfers.beginUpload(tables, upload, this.#stores.prefix),
    )
    return this.#keep(begun.result.ok ? undefined : request, 'upload', begun)
  }

  /**
   * A client has sent all of a small file, which is begun, received and verified in this one call. Answers with a plan where it
   * is to come as any other. What is told again, under the same id, is answered as the first time.
   */
  async takeUpload(
    { id, bytes }: { id: string; bytes: ArrayBuffer },
    upload: Upload,
    request?: RequestFacts,
  ): Promise<Answer<Plan | undefined>> {
    const { prefix } = this.#stores
    const algorithms = this.#state.know() ? transfers.algorithmsOf(this.#state.tables(), upload.uploadToken) : []
    const received = { key: `${prefix}${id}`, ...(await examine(upload.name, algorithms, bytes)) }
    const taken = await this.#state.transact(transfers.UPLOAD_GONE, (tables) =>
      transfers.takeUpload(tables, upload, { received, bytes }, prefix),
    )
    const isPlan = taken.result.ok && taken.result.value !== undefined
    return this.#keep(isPlan ? undefined : request, 'upload', taken)
  }

  /** Hears how far a transfer is; answers how many bytes it may have in all, or nothing where it is not wanted. */
  async reportProgress(key: string, bytesTransferred: number): Promise<number | undefined> {
    return this.#state.transact(undefined, (tables) => transfers.report(tables, key, bytesTransferred))
  }

  /** Waits until a transfer is over, or not wanted any more. */
  async stopped(key: string): Promise<void> {
    const stopped = this.#state.untilStopped(key)
    const isUnderWay = await this.#state.transact(false, ({ updateFiles }) => updateFiles.byContent(key) !== undefined)
    if (!isUnderWay) this.#state.stop([key])
    return stopped
  }

  /** Hears that a transfer is over; answers what an upload is answered, and whether a file holds the content. */
  async endTransfer(
    key: string,
    ending: Ending,
    upload?: { request: RequestFacts; uploadToken?: string; fault?: Effect },
  ): Promise<transfers.EndAnswer> {
    const gone = { result: transfers.UPLOAD_GONE.result, isHeld: false }
    const ended = await this.#state.transact(gone, (tables) => transfers.end(tables, key, ending, upload?.uploadToken))
    this.#state.stop([key])
    this.#keep(upload?.request, 'upload', { ...byRule(ended.result), fault: upload?.fault })
    return ended
  }

  /** Where the content of an item's file lies, for a caller with an API session; and the bytes of what lies in a row. */
  async locate(wanted: WantedFile, request: RequestFacts): Promise<ReturnType<typeof transfers.findContent>> {
    if (wanted.caller.user !== undefined) await this.#state.open()
    const { bytes, ...answer } = await this.#state.transact(NOT_AUTHENTICATED, (tables) =>
      transfers.findContent(tables, wanted),
    )
    return { ...this.#keep(request, 'download', answer), bytes }
  }

  /** Whether a file has this content, or is getting it. */
  async isHeld(key: string): Promise<boolean> {
    return this.#state.transact(false, ({ contents }) => contents.isHeld(key))
  }

  /**
   * Keeps a request that no call of this sandbox has told of, or what was known of one only after its answer. A token of
   * this sandbox proves nothing once it is dead; a user was authenticated by a call.
   */
  async record(request: RequestFacts, outcome: Omit<RequestOutcome, 'isAuthenticated'>, token?: string): Promise<void> {
    const tables = exists(this.ctx.storage) && token !== undefined ? this.#state.tables() : undefined
    const proof =
      outcome.user ?? tables?.apiSessions.alive(token ?? '') ?? tables?.updateFiles.byUploadToken(token ?? '')
    this.#state.keepRequest(request, { ...outcome, isAuthenticated: proof !== undefined })
  }

  /**
   * What there is to see here, as far as it is wanted: where nothing has changed since `since`, no more than version, clock
   * and settings. This is no use of the sandbox: it neither creates it nor keeps it from its removal.
   */
  async view({ since, ...wanted }: Wanted & { since?: string }): Promise<View> {
    const known = this.#state.know()
    const clock = known?.clock ?? { offsetMs: 0 }
    const real = Date.now()
    const { version, settings, journal } = this.#state
    return {
      version,
      clock: { now: read(clock, real), real, isFrozen: clock.frozenAt !== undefined },
      settings,
      ...(since === version ? show(undefined, journal, {}) : show(known && this.#state.tables(), journal, wanted)),
    }
  }

  /** What falls due on the way of a clock that moves is done at once. */
  async setClock(change: ClockChange): Promise<void> {
    await this.#state.open()
    const { storage } = this.ctx
    const realNow = Date.now()
    const before = this.#state.tables().known.clock
    saveClock(storage.sql, changeClock(before, change, realNow))
    this.#state.forget()
    storage.transactionSync(() => this.#state.tables().updateSessions.keepRunning(read(before, realNow), realNow))
    await this.alarm()
  }

  /** Answers whether there was room for them; otherwise nothing has changed. */
  async changeFaults({ remove, add }: { remove: 'all' | string[]; add: Fault[] }): Promise<boolean> {
    await this.#state.open()
    return this.#state.transact(false, ({ faults }) => {
      const before = remove === 'all' ? [] : faults.list()
      if (new Set([...before, ...add].map(({ id }) => id)).size > FAULTS_LIMIT) return false
      faults.remove(remove === 'all' ? undefined : remove)
      for (const fault of add) faults.save(fault)
      return true
    })
  }

  /** Holds for what begins from now on, until the next reset. */
  async changeSettings(changes: Overrides): Promise<void> {
    await this.#state.open()
    const { storage } = this.ctx
    override(storage, { ...overridesIn(storage), ...changes })
    this.#state.renewSettings()
    await this.#state.schedule()
  }

  /** An update session in any state, with files and their content. One that the rules refuse leaves nothing. */
  async seedSession(seed: Seed): Promise<Result<Seeded>> {
    const wholes = await examineSeed(seed, this.#stores.prefix)
    await this.#state.open()
    return this.#state.transact(fail(unauthenticated()), (tables) => seedSession(tables, seed, wholes))
  }

  /** What a test makes of a live update session; the rules may refuse. */
  async changeSession(id: string, change: SessionChange): Promise<Result<undefined>> {
    return this.#state.transact(fail(unauthenticated()), (tables) => changeSession(tables, id, change))
  }

  /** Answers whether it was there. */
  async removeSession(seeded: Seeded): Promise<boolean> {
    return this.#state.transact(false, (tables) => removeSeeded(tables, seeded))
  }

  /** Without ids, all of them. */
  async removeRequests(ids?: string[]): Promise<KeptRecord[]> {
    this.#state.noteChange()
    return this.#state.journal.remove(ids)
  }

  async addTeardown(teardown: Teardown): Promise<void> {
    await this.#state.open()
    addTeardown(this.ctx.storage, teardown)
  }

  async takeTeardown(name: string): Promise<Teardown | undefined> {
    return exists(this.ctx.storage) ? takeTeardown(this.ctx.storage, name) : undefined
  }

  /** Back to what a new sandbox holds: all API sessions end. Content is deleted as always. */
  async reset(): Promise<void> {
    const { storage } = this.ctx
    this.#state.noteChange()
    this.#state.journal.forget()
    if (!exists(storage)) return
    this.#state.forget()
    this.#state.transactAtOnce(() => {
      empty(storage.sql, Date.now())
      override(storage, {})
      dropTeardowns(storage)
      this.#state.renewSettings()
      insertFirstContent(this.#state.tables())
    })
    this.#state.stop()
    await this.alarm()
  }

  /** Deletes all that this sandbox has, as when it was not used for long. */
  async remove(): Promise<void> {
    this.#state.noteChange()
    this.#state.journal.forget()
    const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage)) await this.#remove()
  }

  /** Does what is due. It may run more than once: what is due is read off the state. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx
    this.#state.forgetAlarm()
    if (isRemoved(storage)) return this.#remove()
    if (!exists(storage)) return
    if (removalAt(storage, this.#state.settings) <= Date.now()) return this.#remove()
    this.#state.noteChange()
    const { name } = this.ctx.id
    // A Pull reports to the sandbox that its order names: without a name it would report to none.
    if (name === undefined) console.error('The alarm of a sandbox does not know its name: it begins no PULL')
    const { orders, released } = this.#state.transactAtOnce(() => {
      const tables = this.#state.tables()
      tables.updateSessions.catchUp()
      tables.apiSessions.expire()
      transfers.abandonDeadTransfers(tables)
      const orders = name === undefined ? [] : transfers.orderPulls(tables, name, this.#stores.prefix)
      return { orders, released: tables.contents.released }
    })
    this.#state.stop(released)
    // A pull whose order does not arrive is abandoned by its lease and ordered anew.
    await Promise.allSettled(orders.map((order) => this.env.PULLS.getByName(order.plan.key).start(order)))
    await this.#writeMarker()
    // Removed meanwhile: its tables may be gone.
    if (!exists(storage)) return
    const { contents } = this.#state.tables()
    await purgeContent(this.#stores, contents)
    await collectOrphans(this.#stores, contents, this.#state.settings.orphansMs)
    await this.#state.schedule()
  }

  async #writeMarker(): Promise<void> {
    const { storage } = this.ctx
    if (!exists(storage) || (markerDueAt(storage) ?? Infinity) > Date.now()) return
    this.#markerWrite ??= writeMarker(storage, this.#stores.parts, Date.now()).finally(
      () => (this.#markerWrite = undefined),
    )
    await this.#markerWrite
  }

  /**
   * Deletes the rows at once, so that clients see all of this sandbox or nothing; then its content. A client that logs in
   * meanwhile gets a new sandbox, which takes over what is known of the content: after each wait it is asked whether that has
   * happened.
   */
  async #remove(): Promise<void> {
    const { storage } = this.ctx
    if (exists(storage)) removeRows(storage, Date.now())
    this.#state.stop()
    this.#state.forget()
    this.#state.renewSettings()
    // For when this is killed, or the bucket fails.
    await this.#state.setAlarm(Date.now() + REMOVAL_RETRY_MS)
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
    const writtenUntil = this.#state.tables().contents.writtenUntil()
    if (writtenUntil > Date.now()) return this.#state.setAlarm(writtenUntil)
    this.#state.forgetAlarm()
    // With the folder that a disk has for it: no call may begin a transfer meanwhile.
    const { parts, prefix } = this.#stores
    await this.ctx.blockConcurrencyWhile(async () => {
      await parts.deleteByPrefix(prefix).catch(() => undefined)
      await storage.deleteAll()
    })
  }

  /** Puts a request into the journal, where there is one. */
  #keep<A extends Answer>(request: RequestFacts | undefined, operation: string, answer: A): A {
    if (request) this.#state.keepRequest(request, { ...answer, operation })
    return answer
  }

  get #stores(): Stores {
    return { storage: this.ctx.storage, parts: partsOf(this.env), prefix: `${this.ctx.id.toString()}/` }
  }
}
