// One mock vCenter: what is called by RPC, and what its alarm does.
import { DurableObject } from 'cloudflare:workers'
import { partsOf } from '../content/bucket.ts'
import { examine } from '../content/store.ts'
import type { Plan } from '../content/watch.ts'
import { changeClock, read, type ClockChange } from '../rules/clock.ts'
import { fail, unauthenticated, type Result } from '../rules/failure.ts'
import type { Effect, Fault } from '../rules/fault.ts'
import type { Answer, KeptRecord, RequestFacts } from '../rules/request-record.ts'
import { byRule, NOT_AUTHENTICATED, type Call, type CallAnswer } from './call.ts'
import { removalAt } from './deadlines.ts'
import { insertFirstContent } from './first-content.ts'
import { collectOrphans, purgeContent, removeSandbox, type Stores } from './housekeeping.ts'
import { deleteMarkersOf, writeMarker } from './markers.ts'
import { answerAsMutant } from './mutants.ts'
import { changeSession, examineSeed, removeSeeded, seedSession } from './seeded-sessions.ts'
import type { Seed, Seeded, SessionChange } from './seeded-sessions.ts'
import { State } from './state.ts'
import { addTeardown, dropSteering, steer, steeringIn, takeTeardown, type Steering, type Teardown } from './steering.ts'
import { empty, exists, isRemoved } from './tables/schema.ts'
import * as transfers from './transfers.ts'
import type { Ending, Upload, Wanted } from './transfers.ts'
import { show, type View, type ViewQuery } from './view.ts'

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
    const answer = await this.#state.transact(NOT_AUTHENTICATED, (tables) => answerAsMutant(call, tables, storage))
    // What was rolled back may be known all the same.
    if (this.#state.settings.mutant !== 'none') this.#state.forget()
    return this.#state.keepRequest(call.request, answer)
  }

  /** A client begins to send a file. The request is kept where it is refused, and else where it ends. */
  async beginTransfer(upload: Upload, request?: RequestFacts): Promise<Answer<Plan>> {
    const begun = await this.#state.transact(transfers.UPLOAD_GONE, (tables) =>
      transfers.beginUpload(tables, upload, this.#stores.prefix),
    )
    return this.#state.keepRequest(begun.result.ok ? undefined : request, begun)
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
    return this.#state.keepRequest(isPlan ? undefined : request, taken)
  }

  /** Hears how far a transfer is, or that it waits for memory; answers how many bytes it may have in all, or nothing where it is not wanted. */
  async reportProgress(key: string, bytesTransferred: number, isWaiting = false): Promise<number | undefined> {
    return this.#state.transact(undefined, (tables) => transfers.report(tables, key, bytesTransferred, isWaiting))
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
    this.#state.keepRequest(upload?.request, { ...byRule(ended.result), fault: upload?.fault })
    return ended
  }

  /** Where the content of an item's file lies, for a caller with an API session; and the bytes of what lies in a row. */
  async locate(wanted: Wanted, request: RequestFacts): Promise<ReturnType<typeof transfers.findContent>> {
    if (wanted.caller.user !== undefined) await this.#state.open()
    const { bytes, ...answer } = await this.#state.transact(NOT_AUTHENTICATED, (tables) =>
      transfers.findContent(tables, wanted),
    )
    return { ...this.#state.keepRequest(request, answer), bytes }
  }

  async isHeld(key: string): Promise<boolean> {
    return this.#state.transact(false, ({ contents }) => contents.isHeld(key))
  }

  /**
   * Keeps a request that no call of this sandbox has told of, or what was known of one only after its answer. A token of
   * this sandbox proves nothing once it is dead; a user was authenticated by a call.
   */
  async record(request: RequestFacts, answer: Omit<Answer, 'isAuthenticated'>, token = ''): Promise<void> {
    const tables = exists(this.ctx.storage) ? this.#state.tables() : undefined
    const proof = answer.user ?? tables?.apiSessions.alive(token) ?? tables?.updateFiles.byUploadToken(token)
    this.#state.keepRequest(request, { ...answer, isAuthenticated: proof !== undefined })
  }

  /**
   * What there is to see here, as far as it is wanted: where nothing has changed since `since`, no more than version, clock
   * and settings. This is no use of the sandbox: it neither creates it nor keeps it from its removal.
   */
  async view({ since, ...wanted }: ViewQuery & { since?: string }): Promise<View> {
    // An alarm that is late changes nothing of what is shown.
    await this.#state.transact(undefined, () => undefined, { isUse: false })
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

  /**
   * What a test sets holds until the next reset, a setting for what begins from now on. What falls due on the way of a clock that
   * moves is done at once.
   */
  async steer({ clock, settings }: { clock?: ClockChange; settings?: Steering['settings'] }): Promise<View> {
    await this.#state.open()
    const { storage } = this.ctx
    const before = steeringIn(storage)
    const realNow = Date.now()
    steer(storage, {
      clock: changeClock(before.clock, clock ?? {}, realNow),
      settings: { ...before.settings, ...settings },
    })
    this.#state.forget()
    if (clock) {
      const leaptFrom = read(before.clock, realNow)
      storage.transactionSync(() => this.#state.tables().updateSessions.keepRunning(leaptFrom, realNow))
      await this.alarm()
    } else await this.#state.schedule()
    return this.view({})
  }

  /** Answers whether there was room for them; otherwise nothing has changed. */
  async changeFaults({ remove, add }: { remove: 'all' | string[]; add: Fault[] }): Promise<boolean> {
    await this.#state.open()
    return this.#state.transact(false, ({ faults }) => faults.change(remove, add))
  }

  /** An update session in any state, with files and their content. One that the rules refuse leaves nothing. */
  async seedSession(seed: Seed): Promise<Result<Seeded>> {
    const item = this.#state.know() && this.#state.tables().items.find(seed.library_item_id ?? '')
    const wholes = await examineSeed(seed, transfers.algorithmsFor({}, item?.type), this.#stores.prefix)
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
    this.#state.forget()
    this.#state.journal.forget()
    if (!exists(storage)) return
    this.#state.transactAtOnce(() => {
      empty(storage.sql, Date.now())
      dropSteering(storage)
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
    if (exists(storage) || isRemoved(storage)) return this.#remove()
    // Of one whose rows are lost the marker may still tell. No call may create the sandbox meanwhile.
    await this.ctx.blockConcurrencyWhile(async () => {
      // Where its file cannot be written, this fails, and the object begins anew.
      await this.#state.setAlarm(Date.now())
      await deleteMarkersOf(this.ctx.id.name ?? '', this.#stores.parts)
    })
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
    this.#markerWrite ??= writeMarker(storage, this.#stores.parts).finally(() => (this.#markerWrite = undefined))
    await this.#markerWrite
    // Removed meanwhile: its tables may be gone.
    if (!exists(storage)) return
    const { contents } = this.#state.tables()
    await purgeContent(this.#stores, contents)
    await collectOrphans(this.#stores, contents, this.#state.settings.orphansMs)
    await this.#state.schedule()
  }

  async #remove(): Promise<void> {
    const alone = (work: () => Promise<void>) => this.ctx.blockConcurrencyWhile(work)
    return removeSandbox(this.#state, this.#stores, () => this.#markerWrite, alone)
  }

  get #stores(): Stores & { isOnDisk: boolean } {
    const isOnDisk = this.env.BYTES !== undefined
    return { storage: this.ctx.storage, parts: partsOf(this.env), prefix: `${this.ctx.id.toString()}/`, isOnDisk }
  }
}
