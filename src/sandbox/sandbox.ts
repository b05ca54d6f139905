// One mock vCenter: knows its callers, runs their operations one transaction at a time, wakes for what it owes.
import { DurableObject } from 'cloudflare:workers'
import type { PullOrder } from '../content/pull.ts'
import type { ContentFate, Plan } from '../content/store.ts'
import { operations } from '../operations/index.ts'
import type { ApiSession, Caller, Output, Settings, Store } from '../operations/operation.ts'
import { validate } from '../operations/validate.ts'
import { read, turn, type Clock, type ClockChange } from '../rules/clock.ts'
import {
  fail,
  injected,
  noSuch,
  sandboxFull,
  storeFull,
  ok,
  unauthenticated,
  uploadGone,
  type Failure,
  type Message,
  type Result,
} from '../rules/failure.ts'
import type { Fault } from '../rules/fault.ts'
import type { File, Received } from '../rules/file.ts'
import type { KeptRecord, Outcome, RefusedBy, RequestFacts } from '../rules/request-record.ts'
import type { Session } from '../rules/update-session.ts'
import { loadClock, saveClock } from './tables/clock.ts'
import { owedAt, planSweep, sweepAt, use, usedAt, useMs } from './deadlines.ts'
import { FAULTS_LIMIT } from './tables/faults.ts'
import { Journal } from './journal.ts'
import { deleteMarkers, hasMarker, markerDueAt, planMarker, writeMarker } from './markers.ts'
import { forgetAll, recall, remember, type Memory } from './teardowns.ts'
import { createTables, empty, exists, isRemoved, removeOtherVersion, removeRows, vanish } from './tables/schema.ts'
import { seed } from './first-content.ts'
import { plant, settle, type SessionEnd, type SessionSeed } from './seeded-sessions.ts'
import { override, overridesIn, settingsOf, type Overrides } from './settings.ts'
import { deleteAll, sweep } from './housekeeping.ts'
import { tablesAt, type Tables } from './tables/open.ts'
import { abandonDeadTransfers, algorithmsFor, sendTransfer } from './transfers.ts'
import { NOTHING_SHOWN, show, type View, type Wanted } from './view.ts'

/** `input` is what the request held, unchecked; or why it could not be read, told only to callers who are logged in. */
type Call = {
  caller: Caller
  operation: string
  input: Result<object>
  origin: string
  request: RequestFacts | undefined
}
/** What became of a call, and who refused it. */
export type Answer = { result: Result<Output>; refusedBy?: RefusedBy; user?: string; fault?: Fault }
type Authenticated<T> = T & { isAuthenticated: boolean }
const NOT_AUTHENTICATED = {
  result: fail(unauthenticated()),
  refusedBy: 'authentication',
  isAuthenticated: false,
} as const
/** How a transfer ended, for the file it was for. An upload says what it answers where no bytes have arrived. */
export type Ending =
  | { type: 'receive'; received: Received }
  | { type: 'interrupt'; failure?: Failure }
  | { type: 'abandon'; reason: Message }

/** What an upload is answered, when its transfer has ended so. */
function uploadAnswer(ending: Ending, ended: Result<File>): Result<undefined> {
  if (ending.type === 'interrupt' && ending.failure) return fail(ending.failure)
  if (!ended.ok) return ended
  const file = ended.value
  return file.status === 'ERROR' ? fail({ type: 'INVALID_ARGUMENT', messages: [file.reason] }) : ok(undefined)
}

export class Sandbox extends DurableObject<Env> {
  /** The deployment's settings, and over them what a test has set for this sandbox. */
  #settings: Settings
  readonly #journal: Journal
  /** Epoch milliseconds of the alarm, as the platform holds it: null where none is set, undefined until it was asked. */
  #alarmAt: number | null | undefined
  /** Names this instance of the object, whose count of changes begins anew. */
  readonly #instance = crypto.randomUUID()
  /** Raised by everything that changes what `view` shows. */
  #changes = 0
  /** The write of the marker that is under way: one at a time, so that a removal can wait for it. */
  #markerWrite: Promise<void> | undefined
  /** What each request would else read from storage again. Whoever changes it there forgets it here. */
  #known: Known = {}

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    if (removeOtherVersion(ctx.storage)) {
      console.warn(
        `Another version stored the sandbox ${ctx.id.name ?? ctx.id.toString()}: it is removed, and starts empty`,
      )
      // For a client who logs in before the alarm has deleted the bytes.
      planSweep(ctx.storage, Date.now())
      void ctx.blockConcurrencyWhile(() => ctx.storage.setAlarm(Date.now()))
    }
    this.#settings = { ...settingsOf(env), ...overridesIn(ctx.storage) }
    this.#journal = new Journal(ctx.storage)
  }

  /** One operation for one caller. With what is known of its request, it is in the journal. */
  async invoke(call: Call): Promise<Answer> {
    if (call.caller.user !== undefined) await this.#open()
    const { isAuthenticated, ...answer } = await this.#change<Authenticated<Answer>>(NOT_AUTHENTICATED, (tables) =>
      this.#outcome(call, tables),
    )
    if (call.request) this.#record(call.request, { operation: call.operation, ...recorded(answer) }, isAuthenticated)
    return answer
  }

  /** A fault that refuses comes before everything else, as a server that is down does. */
  #outcome(call: Call, tables: Tables): Authenticated<Answer> {
    const fault = this.#strike(tables, call.operation, call.input.ok ? call.input.value : {})
    const refused = fault && refusal(fault)
    if (!refused) return { ...this.#run(call, tables), ...(fault && { fault }) }
    const { user, token } = call.caller
    const isAuthenticated = user !== undefined || tables.apiSessions.alive(token) !== undefined
    return { result: fail(refused), refusedBy: 'fault', isAuthenticated, fault }
  }

  #run({ caller, operation: name, input, origin }: Call, tables: Tables): Authenticated<Answer> {
    const session =
      caller.user === undefined
        ? tables.apiSessions.touch(caller.token)
        : ok(tables.apiSessions.begin(caller.token, caller.user))
    if (!session.ok) return NOT_AUTHENTICATED
    const { user } = session.value
    const known = { isAuthenticated: true, user }
    if (!input.ok) return { result: input, refusedBy: 'reading', ...known }
    const operation = operations.get(name)
    if (!operation) throw new Error(`A binding asked for an operation that is not in the table: ${name}`)
    const valid = validate(operation, input.value)
    if (!valid.ok) return { result: valid, refusedBy: 'validation', ...known }
    // Nothing is due before the alarm.
    if ((this.#alarmAt ?? 0) <= Date.now()) {
      tables.updateSessions.settle()
      tables.updateSessions.expire()
    }
    const newUploadToken = () => caller.token.slice(0, -RANDOM_DIGITS) + randomDigits()
    if (operation.method === 'POST' && !operation.action && !operation.login && this.#isFull())
      return { result: fail(sandboxFull()), refusedBy: 'rule', ...known }
    const store: Store = { ...tables, caller: session.value, origin, newUploadToken }
    const result = operation.run(store, valid.value as never)
    return { result, ...known, ...(!result.ok && { refusedBy: 'rule' }) }
  }

  /**
   * A client begins to send a file's bytes; what it sent before, or sends meanwhile elsewhere, is replaced. The request is
   * told of here where it is refused, and else where it ends.
   */
  async beginTransfer(
    uploadToken: string,
    name: string,
    request?: RequestFacts,
  ): Promise<{ result: Result<Plan>; refusedBy?: RefusedBy; fault?: Fault }> {
    const { isAuthenticated, ...begun } = await this.#change<Authenticated<Begun>>(UPLOAD_GONE, (tables) => {
      const found = tables.updateFiles.byUploadToken(uploadToken)
      if (found?.file.name !== name) return { ...UPLOAD_GONE, isAuthenticated: found !== undefined }
      const fault = this.#strike(tables, 'upload', { update_session_id: found.sessionId, file_name: name })
      const refused = fault && refusal(fault)
      const no = refused ?? (this.#isStoreFull(tables) ? storeFull() : undefined)
      const result = no ? fail(no) : this.#begin(tables, found.sessionId, found.file)
      return {
        result,
        ...(!result.ok && { refusedBy: refused ? 'fault' : 'rule' }),
        isAuthenticated: true,
        ...(fault && { fault }),
      }
    })
    if (request && !begun.result.ok) this.#record(request, { operation: 'upload', ...recorded(begun) }, isAuthenticated)
    return begun
  }

  /** Hears how far a transfer is; answers whether to go on. */
  async reportProgress(key: string, bytesTransferred: number): Promise<boolean> {
    const result = await this.#change<Result<File>>(fail(uploadGone()), (tables) => {
      const found = tables.updateFiles.byContent(key)
      if (!found || found.file.status !== 'TRANSFERRING') return fail(uploadGone())
      const { sessionId, file } = found
      const told = (): Result<File> => {
        // Silence is no activity: a transfer that stalls does not keep its session alive.
        if (file.bytesTransferred === bytesTransferred)
          return tables.updateSessions.head(sessionId) ? ok(file) : fail(uploadGone())
        return sendTransfer(tables, sessionId, { type: 'progress', transferId: key, bytesTransferred })
      }
      const result = told()
      if (result.ok) tables.contents.renew(key, bytesTransferred)
      return result
    })
    return result.ok
  }

  /**
   * Hears that a transfer is over; answers what became of its file, and of its bytes. It may be told more than once, since
   * its writer may be killed before it has noted the answer. An upload tells of its request, and of the fault that it met.
   */
  async endTransfer(
    key: string,
    ending: Ending,
    upload?: { request: RequestFacts; fault?: Fault },
  ): Promise<{ result: Result<undefined>; content: ContentFate }> {
    const gone = fail(uploadGone())
    const { result, content } = await this.#change<{ result: Result<File>; content: ContentFate }>(
      { result: gone, content: 'not wanted' },
      (tables) => {
        tables.contents.end(key)
        const found = tables.updateFiles.byContent(key)
        const result = found ? sendTransfer(tables, found.sessionId, { ...ending, transferId: key }) : gone
        if (result.ok && ending.type === 'receive') tables.contents.fill(key, ending.received.sizeBytes)
        // The tables are asked, not the rules: what one of them refers to must never be deleted.
        if (!tables.contents.isHeld(key)) return { result, content: 'not wanted' }
        return { result, content: result.ok ? 'held' : 'held before' }
      },
    )
    const answer = uploadAnswer(ending, result)
    if (upload)
      this.#record(
        upload.request,
        {
          operation: 'upload',
          ...recorded({ result: answer, ...(upload.fault && { fault: upload.fault }) }),
          ...(!answer.ok && { refusedBy: 'rule' }),
        },
        true,
      )
    return { result: answer, content }
  }

  /** Where the bytes of an item's file lie, for a caller with an API session; without a version the newest. */
  async locate(
    { token, itemId, name, version }: { token: string; itemId: string; name: string; version?: string },
    request: RequestFacts,
  ): Promise<{ result: Result<Received>; refusedBy?: RefusedBy; user?: string; fault?: Fault }> {
    const { isAuthenticated, ...located } = await this.#change<Authenticated<Located>>(NOT_AUTHENTICATED, (tables) => {
      const fault = this.#strike(tables, 'download', { library_item_id: itemId, file_name: name })
      const refused = fault && refusal(fault)
      const session = refused ? undefined : tables.apiSessions.touch(token)
      if (session?.ok === false) return { ...NOT_AUTHENTICATED, ...(fault && { fault }) }
      const user = session?.value.user ?? tables.apiSessions.alive(token)?.user
      const known = {
        isAuthenticated: user !== undefined,
        ...(user !== undefined && { user }),
        ...(fault && { fault }),
      }
      if (refused) return { result: fail(refused), refusedBy: 'fault', ...known }
      const file = tables.itemFiles.of(itemId).find((each) => each.name === name)
      const isThere = file && (version === undefined || version === `${file.version}`)
      return isThere
        ? { result: ok(file.received), ...known }
        : { result: fail(noSuch('file', name)), refusedBy: 'rule', ...known }
    })
    this.#record(request, { operation: 'download', ...recorded(located) }, isAuthenticated)
    return located
  }

  /** Moves this sandbox's clock ahead; what falls due on the way is done at once. */
  async advanceClock(byMs: number): Promise<void> {
    await this.turnClock({ type: 'advance', byMs })
  }

  async turnClock(change: ClockChange): Promise<void> {
    await this.#open()
    const { sql } = this.ctx.storage
    saveClock(sql, turn(this.#clock(), change, Date.now()))
    this.#known = {}
    this.#changes += 1
    await this.alarm()
  }

  /**
   * What there is to see here, as far as it is wanted: where nothing has changed since `since`, no more than version, clock
   * and settings. This is no use of the sandbox: it neither creates it nor keeps it from its removal.
   */
  async view({ since, ...wanted }: Wanted & { since?: string }): Promise<View> {
    const isThere = exists(this.ctx.storage)
    const clock: Clock = isThere ? this.#clock() : { offsetMs: 0 }
    const real = Date.now()
    const version = `${this.#instance}.${this.#changes}`
    return {
      version,
      clock: { now: read(clock, real), real, isFrozen: clock.frozenAt !== undefined },
      settings: this.#settings,
      ...(since === version ? NOTHING_SHOWN : show(isThere ? this.#tables() : undefined, this.#journal, wanted)),
    }
  }

  /** Without ids, all of them. */
  async removeRequests(ids?: string[]): Promise<KeptRecord[]> {
    this.#changes += 1
    return this.#journal.remove(ids)
  }

  /** Answers whether there was room for them; otherwise nothing has changed. */
  async changeFaults({ remove, add }: { remove: 'all' | string[]; add: Fault[] }): Promise<boolean> {
    await this.#open()
    const { storage } = this.ctx
    const { faults } = this.#tables()
    const before = remove === 'all' ? 0 : faults.list().length
    if (add.length > 0 && before + add.length > FAULTS_LIMIT) return false
    storage.transactionSync(() => {
      faults.remove(remove === 'all' ? undefined : remove)
      for (const fault of add) faults.save(fault)
    })
    this.#known = {}
    this.#changes += 1
    await this.#wake()
    return true
  }

  /** Holds for what begins from now on, until the next reset. */
  async changeSettings(changes: Overrides): Promise<void> {
    await this.#open()
    override(this.ctx.storage, { ...overridesIn(this.ctx.storage), ...changes })
    this.#settings = { ...settingsOf(this.env), ...overridesIn(this.ctx.storage) }
    this.#changes += 1
    await this.#wake()
  }

  /** `newItemId` names the item that had to be made for it. */
  async plantSession(given: SessionSeed): Promise<Result<{ session: Session; newItemId?: string }>> {
    await this.#open()
    return this.#change<Result<{ session: Session; newItemId?: string }>>(fail(unauthenticated()), (tables) =>
      plant(tables, given),
    )
  }

  async settleSession(id: string, end: SessionEnd): Promise<Result<undefined>> {
    return this.#change<Result<undefined>>(fail(unauthenticated()), (tables) => settle(tables, id, end))
  }

  /** As if its time had come, whatever its state; answers whether it was there. */
  async expireSession(id: string): Promise<boolean> {
    const gone = await this.#change(false, ({ updateSessions }) => updateSessions.send(id, { type: 'expire' }).ok)
    if (gone) await this.alarm()
    return gone
  }

  /** A session that was planted goes, and the item that was made for it. */
  async uproot({ sessionId, itemId }: { sessionId: string; itemId?: string }): Promise<void> {
    await this.#change(undefined, ({ updateSessions, items }) => {
      updateSessions.send(sessionId, { type: 'expire' })
      if (itemId !== undefined) items.remove(itemId)
      return undefined
    })
    await this.alarm()
  }

  /** Remembers what was made under this name, so that it can be removed; forgotten when too much else was made. */
  async remember(made: Memory): Promise<void> {
    await this.#open()
    remember(this.ctx.storage, made)
  }

  /** The newest that was made under this name, which is forgotten now. */
  async recall(name: string): Promise<Memory | undefined> {
    return exists(this.ctx.storage) ? recall(this.ctx.storage, name) : undefined
  }

  /** Everything goes, bytes and all, as when nobody has used it for long. */
  async remove(): Promise<void> {
    this.#changes += 1
    this.#journal.forget()
    const { storage } = this.ctx
    if (exists(storage) || isRemoved(storage)) await this.#leave()
  }

  /**
   * Keeps a request that no call of this sandbox has told of, or what was known of one only after its answer. A token of
   * this sandbox proves nothing once it is dead; a user was authenticated by a call.
   */
  async record(request: RequestFacts, outcome: Omit<Outcome, 'durationMs'>, token?: string): Promise<void> {
    const tables = exists(this.ctx.storage) && token !== undefined ? this.#tables() : undefined
    const proof =
      outcome.user ?? tables?.apiSessions.alive(token ?? '') ?? tables?.updateFiles.byUploadToken(token ?? '')
    this.#record(request, outcome, proof !== undefined)
  }

  #record(request: RequestFacts, outcome: Omit<Outcome, 'durationMs'>, isAuthenticated: boolean): void {
    this.#journal.add(request, outcome, isAuthenticated)
    this.#changes += 1
  }

  /** Back to what a new sandbox holds: whoever was logged in is not any more. The bytes are deleted as always. */
  async reset(): Promise<void> {
    const { storage } = this.ctx
    this.#changes += 1
    this.#journal.forget()
    if (!exists(storage)) return
    this.#known = {}
    storage.transactionSync(() => {
      empty(storage.sql, Date.now())
      override(storage, {})
      forgetAll(storage)
      this.#settings = settingsOf(this.env)
      seed(this.#tables())
    })
    await this.alarm()
  }

  /** Everything that is owed and due. It may run more than once: what is owed is read off the state. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null
    const { storage } = this.ctx
    if (isRemoved(storage)) return this.#leave()
    if (!exists(storage)) return
    if (this.#leavesAt() <= Date.now()) return this.#leave()

    this.#changes += 1
    const orders = storage.transactionSync(() => {
      const tables = this.#tables()
      tables.updateSessions.settle()
      tables.updateSessions.expire()
      tables.apiSessions.expire()
      abandonDeadTransfers(tables)
      return tables.updateFiles.toPull().flatMap(({ sessionId, file }) => this.#orderPull(tables, sessionId, file))
    })
    // A pull whose order does not arrive is abandoned by its lease and ordered anew.
    await Promise.allSettled(orders.map((order) => this.env.PULLS.getByName(order.plan.key).start(order)))
    await this.#list()
    await this.#purge()
    await this.#sweep()
    await this.#wake()
  }

  async #list(): Promise<void> {
    const { storage } = this.ctx
    if (!exists(storage) || markerDueAt(storage) > Date.now()) return
    this.#markerWrite ??= writeMarker(storage, this.env.CONTENT, Date.now()).finally(
      () => (this.#markerWrite = undefined),
    )
    await this.#markerWrite
  }

  /** One transaction, and the alarm for what it leaves owed. Where nobody ever logged in, nothing is touched. */
  async #change<T>(nobody: T, change: (tables: Tables) => T): Promise<T> {
    const { storage } = this.ctx
    if (!exists(storage)) return nobody
    this.#use()
    let owed = Infinity
    const owe = (at: number) => (owed = Math.min(owed, at))
    const result = storage.transactionSync(() => change(this.#tables(owe)))
    this.#changes += 1
    // An alarm that rings before anything of this is due need not be looked at; one that may not be set must be.
    if (this.#alarmAt === undefined || owed < (this.#alarmAt ?? Infinity)) await this.#wake()
    return result
  }

  #begin(tables: Tables, sessionId: string, file: File): Result<Plan> {
    const key = `${this.#prefix}${crypto.randomUUID()}`
    const begun = sendTransfer(tables, sessionId, { type: 'begin', transferId: key }, file.name)
    if (!begun.ok) return fail(uploadGone())
    tables.contents.begin(key)
    const itemType = tables.updateSessions.head(sessionId)?.itemType
    return ok({ key, name: file.name, algorithms: algorithmsFor(file, itemType), retention: this.#settings.retention })
  }

  #orderPull(tables: Tables, sessionId: string, file: File): PullOrder[] {
    const [reason] = this.#isStoreFull(tables) ? storeFull().messages : []
    const plan = this.#begin(tables, sessionId, file)
    if (plan.ok && reason) {
      tables.contents.end(plan.value.key)
      sendTransfer(tables, sessionId, { type: 'abandon', transferId: plan.value.key, reason })
      return []
    }
    const { name } = this.ctx.id
    const { pullRetryMs: retryMs, pullStallMs: stallMs } = this.#settings
    const { source, sizeBytes: announcedBytes } = file
    return plan.ok && source && name !== undefined
      ? [{ sandbox: name, plan: plan.value, source, retryMs, stallMs, announcedBytes }]
      : []
  }

  async #purge(): Promise<void> {
    const { contents } = this.#tables()
    const keys = contents.purgeable()
    if (keys.length === 0) return
    try {
      await this.env.CONTENT.delete(keys)
      this.#unlessGone(() => contents.purged(keys))
    } catch (error) {
      console.error('R2 would not delete; trying again', error)
      this.#unlessGone(() => contents.postpone(keys))
    }
  }

  /** While the bucket was waited for, the sandbox may have been removed. */
  #unlessGone(change: () => void): void {
    const { storage } = this.ctx
    if (exists(storage)) storage.transactionSync(change)
  }

  async #sweep(): Promise<void> {
    if (!exists(this.ctx.storage)) return
    try {
      await sweep(this.ctx.storage, this.env.CONTENT, this.#prefix, this.#tables(), this.#settings.sweepMs)
    } catch (error) {
      console.error('R2 would not be swept; the next sweep makes up for it', error)
    }
  }

  /**
   * This sandbox deletes itself. At once its rows are gone, so that clients see all of it or nothing; then its bytes. Who
   * logs in meanwhile gets a new sandbox, which takes over what is known of the bytes: each wait ends with a look whether
   * that has happened.
   */
  async #leave(): Promise<void> {
    const { storage } = this.ctx
    if (exists(storage)) removeRows(storage, Date.now())
    this.#known = {}
    this.#changes += 1
    this.#settings = settingsOf(this.env)
    // For when this is killed, or the bucket fails.
    this.#alarmAt = Date.now() + LEAVE_RETRY_MS
    await storage.setAlarm(this.#alarmAt)
    try {
      // Else it could reach the bucket after the deletion.
      await this.#markerWrite
      if (isRemoved(storage)) await deleteMarkers(storage, this.env.CONTENT)
      await deleteAll(this.env.CONTENT, this.#prefix, () => isRemoved(storage))
    } catch (error) {
      return console.error('R2 would not delete what a sandbox leaves; trying again', error)
    }
    // Where a marker is known again, another removal is under way, of a sandbox that was created meanwhile.
    if (!isRemoved(storage) || hasMarker(storage)) return
    const writtenUntil = this.#tables().contents.writtenUntil()
    if (writtenUntil > Date.now()) return storage.setAlarm(writtenUntil)
    await vanish(storage)
  }

  async #open(): Promise<void> {
    const { storage, id } = this.ctx
    const isNew = !exists(storage)
    if (isNew) {
      this.#alarmAt = undefined
      createTables(storage)
      storage.transactionSync(() => {
        seed(this.#tables())
        if (id.name !== undefined) planMarker(storage, id.name, Date.now())
      })
    }
    this.#use()
    if (isNew) await this.#wake()
  }

  /** Looked at when a transfer begins: the one that passes the limit is the last. */
  #isStoreFull({ contents }: Tables): boolean {
    return this.#settings.retention === 'keep' && contents.heldBytes() >= this.#settings.storeBytes
  }

  #isFull(): boolean {
    return this.ctx.storage.sql.databaseSize > FULL_BYTES
  }

  /** When this sandbox deletes itself unless somebody uses it. */
  #leavesAt(): number {
    return usedAt(this.ctx.storage) + this.#settings.sandboxIdleMs
  }

  /** What all keys of this sandbox in the bucket begin with. */
  get #prefix(): string {
    return `${this.ctx.id.toString()}/`
  }

  #tables(owe?: (at: number) => void): Tables {
    this.#known.apiSessions ??= new Map()
    return tablesAt(this.ctx.storage, this.#now(), this.#settings, this.#known.apiSessions, owe)
  }

  #now(): number {
    return read(this.#clock(), Date.now())
  }

  #clock(): Clock {
    return (this.#known.clock ??= loadClock(this.ctx.storage.sql))
  }

  #use(): void {
    const now = Date.now()
    this.#known.usedAt ??= usedAt(this.ctx.storage)
    if (now - this.#known.usedAt < useMs(this.#settings)) return
    use(this.ctx.storage, now)
    this.#known.usedAt = now
  }

  /** The fault that this request is to meet, if any. */
  #strike({ faults }: Tables, operation: string, input: object): Fault | undefined {
    this.#known.isFaultless ??= faults.list().length === 0
    return this.#known.isFaultless ? undefined : faults.strike(operation, input)
  }

  /** Sees to it that the alarm rings no later than the next deadline; one that rings early just looks again. */
  async #wake(): Promise<void> {
    const { storage } = this.ctx
    // Asked for first: nothing may happen between looking for the deadline and setting the alarm. What the platform holds may
    // be earlier than all that is owed: an alarm that was killed has not yet planned the search for orphans.
    const known = this.#alarmAt ?? (await storage.getAlarm())
    this.#alarmAt ??= known
    if (!exists(storage)) return
    const owed = Math.min(owedAt(storage.sql, this.#clock(), this.#settings, Date.now()), markerDueAt(storage))
    // Sweep and end are planned where the alarm rings, and from then on only put off: no alarm is later than they are.
    if (this.#alarmAt !== null && this.#alarmAt <= owed) return
    const dueAt = Math.min(owed, sweepAt(storage) ?? Infinity, this.#leavesAt())
    this.#alarmAt = dueAt
    try {
      await storage.setAlarm(dueAt)
    } catch (error) {
      this.#alarmAt = undefined
      throw error
    }
  }
}

type Begun = { result: Result<Plan>; refusedBy?: RefusedBy; fault?: Fault }
const UPLOAD_GONE = { result: fail(uploadGone()), refusedBy: 'rule', isAuthenticated: false } as const
type Located = { result: Result<Received>; refusedBy?: RefusedBy; user?: string; fault?: Fault }

/** What the journal keeps of an answer: of a fault its name, and with which status it replaces the answer. */
const recorded = <T extends { fault?: Fault }>({ fault, ...answer }: T) => ({
  ...answer,
  ...(fault && { fault: { id: fault.id, ...(fault.status && { status: fault.status }) } }),
})

type Known = { clock?: Clock; usedAt?: number; isFaultless?: boolean; apiSessions?: Map<string, ApiSession> }

/** Requests that are no operations, as faults and the journal call them. */
export const TRANSFERS = ['upload', 'download']
/** What one sandbox may hold besides the bytes of files: nothing more is created then. */
const FULL_BYTES = 256 * 1024 * 1024
/** How long to leave the bucket alone before another try to go. */
const LEAVE_RETRY_MS = 60_000
const RANDOM_DIGITS = 32
const randomDigits = () => crypto.randomUUID().replaceAll('-', '')

/** What a fault refuses with, in a form that every binding has; of a bare status only the Worker knows how to send it. */
const refusal = ({ error, status }: Fault): Failure | undefined => {
  if (error) return injected(error.type, error.text)
  return status && injected('SERVICE_UNAVAILABLE', `A fault answers with the status ${status.code}.`)
}
