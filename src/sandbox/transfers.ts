// Transfers of files: how one begins, is reported and ends, as events of its file and of its session; and where content is found.
import type { Caller } from '../operations/store.ts'
import type { PullOrder } from '../content/pull.ts'
import { SMALL_BYTES } from '../content/store.ts'
import type { Plan } from '../content/watch.ts'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Failure, type Message, type Result } from '../rules/failure.ts'
import type { Effect } from '../rules/fault.ts'
import { bytesTransferred, transfer, type Algorithm, type File, type FileEvent, type Received } from '../rules/file.ts'
import type { Answer } from '../rules/request-record.ts'
import { splitSource } from '../rules/source.ts'
import { isOvf } from '../rules/validation.ts'
import { byRule, NOT_AUTHENTICATED } from './call.ts'
import type { Tables } from './tables/open.ts'
import type { Found } from './tables/update-files.ts'

/** How a transfer ended, for the file it was for. An upload says what it answers where no content has arrived. */
export type Ending =
  /** `bytes` is all of it, where it is not in the store. */
  | { type: 'receive'; received: Received; bytes?: ArrayBuffer }
  | { type: 'interrupt'; reason?: Message; failure?: Failure }
  | { type: 'abandon'; reason: Message }
/** What the end of a transfer is answered, and whether a file holds the content. */
export type EndAnswer = { result: Result<undefined>; isHeld: boolean }
/** All of what a client sends for a file. */
export type Whole = { received: Received; bytes: ArrayBuffer }
/** The file of an item that a client wants. Without a version it is the newest. */
export type Wanted = { caller: Caller; libraryId: string; itemId: string; name: string; version?: string }

/** All of the small content of a sandbox. What comes then goes to the store. */
const SMALL_TOTAL_BYTES = 64 * 1024 * 1024
/** The platform ends an alarm after 15 minutes. */
const SUPERVISE_MS = 600_000

export const UPLOAD_GONE = byRule<never>(fail(failures.uploadGone()), false)

/** `lengthBytes` is how long a client says that it is, if it does; no fault is for one that is spared. */
export type Upload = { uploadToken: string; name: string; lengthBytes?: number | undefined; isSpared?: boolean }

/** A client begins to send a file; what it sent before, or sends meanwhile elsewhere, is replaced. */
export const beginUpload = (tables: Tables, upload: Upload, prefix: string): Answer<Plan> =>
  admitUpload(tables, upload, (found) => begin(tables, found, prefix))

/**
 * A client has sent all of a file; told again, since the answer was lost, its key is the same. A plan means that it must come in
 * parts.
 */
export function takeUpload(tables: Tables, upload: Upload, whole: Whole, prefix: string): Answer<Plan | undefined> {
  const { key, sizeBytes } = whole.received
  const answered = tables.contents.isHeld(key) ? ok(undefined) : tables.endings.find(key)
  if (answered) return byRule(answered)
  return admitUpload<Plan | undefined>(tables, upload, (found, fault, { roomBytes, rowBytes }) => {
    const hasPlace = tables.settings.retention === 'discard' || sizeBytes <= Math.min(rowBytes, roomBytes)
    if (!hasPlace || fault?.after_bytes !== undefined) return begin(tables, found, prefix)
    const taken = takeWhole(tables, found, whole)
    // Of one that was taken, the file that holds it tells.
    if (!taken.ok) tables.endings.insert(key, taken)
    return taken
  })
}

/** Begins and ends the transfer of content that is here as a whole: it lies in a row, or nowhere where it is discarded. */
export function takeWhole(tables: Tables, found: Found, { received, bytes }: Whole): Result<undefined> {
  const { key } = received
  const begun = sendTransfer(tables, found, { type: 'begin', transferId: key })
  if (!begun.ok) return fail(failures.uploadGone())
  const isDiscarded = tables.settings.retention === 'discard'
  const content = isDiscarded ? { received: { ...received, isDiscarded } } : { received, bytes }
  return applyEnding(tables, key, { ...found, file: begun.value }, { type: 'receive', ...content }).result
}

/** What the digests of an upload are to be: the same for as long as its token leads to a file. */
export function algorithmsOf({ updateFiles, updateSessions }: Tables, uploadToken: string): Algorithm[] {
  const found = updateFiles.byUploadToken(uploadToken)
  return found ? algorithmsFor(found.file, updateSessions.head(found.sessionId)?.itemType) : []
}

function admitUpload<T>(
  tables: Tables,
  { uploadToken, name, lengthBytes, isSpared }: Upload,
  start: (found: Found, fault: Effect | undefined, room: Room) => Result<T>,
): Answer<T> {
  const found = tables.updateFiles.byUploadToken(uploadToken)
  if (found?.file.name !== name) return byRule(fail(failures.uploadGone()), found !== undefined)
  const asked = { update_session_id: found.sessionId, file_name: name }
  const { fault, failure } = tables.faults.matching('upload', asked, isSpared)
  if (failure) return { result: fail(failure), refusedBy: 'fault', isAuthenticated: true, fault }
  // What it replaces goes when it begins.
  const isDiscarded = 'received' in found.file && found.file.received.isDiscarded
  const room = roomIn(tables, isDiscarded ? 0 : bytesTransferred(found.file))
  const isFull = !hasRoom(room, found.file, lengthBytes)
  return {
    ...byRule(isFull ? fail(failures.unavailableBecause(failures.storeFull())) : start(found, fault, room)),
    fault,
  }
}

/** Puts the file in transfer, under a content key of its own. */
function begin(tables: Tables, found: Found, prefix: string): Result<Plan> {
  const { sessionId, file } = found
  const key = `${prefix}${tables.newId()}`
  const begun = sendTransfer(tables, found, { type: 'begin', transferId: key })
  if (!begun.ok) return fail(failures.uploadGone())
  tables.contents.begin(key)
  const { retention, transferLeaseMs: leaseMs, sessionIdleMs, sandboxIdleMs } = tables.settings
  const { itemType, idleMs: ofSessionMs = sessionIdleMs } = tables.updateSessions.head(sessionId) ?? {}
  const algorithms = algorithmsFor(file, itemType)
  const announcedBytes = file.sourceType === 'PULL' ? file.sizeBytes : undefined
  const idleMs = Math.min(ofSessionMs, sandboxIdleMs)
  return ok({ key, name: file.name, algorithms, retention, ...roomIn(tables), announcedBytes, leaseMs, idleMs })
}

/** Pulls that may begin now, each put in transfer. */
export function orderPulls(tables: Tables, sandbox: string, prefix: string): PullOrder[] {
  return tables.updateFiles.toPull(Date.now()).flatMap((found) => {
    const { file } = found
    const isRefused = !hasRoom(roomIn(tables), file)
    const plan = begin(tables, found, prefix)
    if (!plan.ok || !file.source) return []
    const { pullStallMs: stallMs } = tables.settings
    if (!isRefused) return [{ sandbox, plan: plan.value, source: file.source, stallMs, superviseMs: SUPERVISE_MS }]
    end(tables, plan.value.key, { type: 'abandon', reason: failures.storeFull() })
    return []
  })
}

/** How many bytes the transfer may have in all; nothing where it is not wanted any more. */
export function report(tables: Tables, key: string, bytesTransferred: number, isWaiting: boolean): number | undefined {
  const found = tables.updateFiles.byContent(key)
  const session = found && tables.updateSessions.head(found.sessionId)
  if (found?.file.status !== 'TRANSFERRING' || !session) return undefined
  // Silence is no activity: a transfer that stalls does not keep its session alive. One that must wait does, and seldom writes.
  const isActive = isWaiting
    ? session.expiresAt - tables.now < session.idleMs / 2
    : found.file.bytesTransferred !== bytesTransferred
  const isWanted = !isActive || sendTransfer(tables, found, { type: 'progress', transferId: key, bytesTransferred }).ok
  if (!isWanted) return undefined
  tables.contents.renew(key, bytesTransferred)
  return roomIn(tables).roomBytes + bytesTransferred
}

/** A writer that was killed may tell it again: the answer is the same. */
export function end(tables: Tables, key: string, told: Ending, uploadToken?: string): EndAnswer {
  const { contents, endings, updateFiles } = tables
  contents.end(key)
  const answered = endings.find(key)
  if (answered) return { result: answered, isHeld: contents.isHeld(key) }
  const found = updateFiles.byContent(key)
  if (!found) {
    const gone = fail(failures.uploadGone())
    // What a session wrote is deleted when it has ended, also while a part is put: that the store fails then says nothing.
    const isGone = uploadToken !== undefined && !updateFiles.byUploadToken(uploadToken)
    return { result: isGone ? gone : answerOf(told, gone), isHeld: contents.isHeld(key) }
  }
  const ended = applyEnding(tables, key, found, told.type === 'receive' ? withinRoom(tables, told, found.file) : told)
  endings.insert(key, ended.result)
  return ended
}

function applyEnding(tables: Tables, key: string, found: Found, ending: Ending): EndAnswer {
  const { contents } = tables
  const ended = sendTransfer(tables, found, { ...ending, ...retryOf(tables, found.file), transferId: key })
  // The tables are asked, not the rules: content that one of them refers to must never be deleted.
  const isHeld = contents.isHeld(key)
  if (isHeld && ended.ok && ending.type === 'receive' && ending.bytes) contents.keep(key, ending.bytes)
  return { result: answerOf(ending, ended), isHeld }
}

/** Others that came at the same time may have taken its room since it was last told of it. */
function withinRoom(tables: Tables, told: Extract<Ending, { type: 'receive' }>, { sourceType }: File): Ending {
  const { key, sizeBytes, isDiscarded } = told.received
  tables.contents.fill(key, isDiscarded ? 0 : sizeBytes)
  if (roomIn(tables).roomBytes >= 0) return told
  const reason = failures.storeFull()
  if (sourceType === 'PULL') return { type: 'abandon', reason }
  return { type: 'interrupt', reason, failure: failures.unavailableBecause(reason) }
}

function answerOf(ending: Ending, ended: Result<File>): Result<undefined> {
  if (ending.type === 'interrupt' && ending.failure) return fail(ending.failure)
  if (!ended.ok) return ended
  const file = ended.value
  return file.status === 'ERROR' ? fail({ type: 'INVALID_ARGUMENT', messages: [file.reason] }) : ok(undefined)
}

/** Where the content of an item's file lies, for a caller with an API session; and the bytes of what lies in a row. */
export function findContent(tables: Tables, wanted: Wanted): Answer<Received> & { bytes?: ArrayBuffer | undefined } {
  const { caller, itemId, name } = wanted
  const { fault, failure } = tables.faults.matching('download', { library_item_id: itemId, file_name: name })
  const session = failure ? tables.apiSessions.alive(caller.token) : tables.apiSessions.touch(caller.token)
  const user = caller.user ?? session?.user
  const known = { user, isAuthenticated: user !== undefined, fault }
  if (failure) return { result: fail(failure), refusedBy: 'fault', ...known }
  if (user === undefined) return { ...NOT_AUTHENTICATED, fault }
  const result = findReceived(tables, wanted)
  return { ...byRule(result), ...known, bytes: result.ok ? tables.contents.bytesOf(result.value.key) : undefined }
}

function findReceived(tables: Tables, { libraryId, itemId, name, version }: Wanted): Result<Received> {
  if (tables.items.find(itemId)?.libraryId !== libraryId) return fail(failures.noSuch('library_item', itemId))
  const [file] = tables.itemFiles.of(itemId, name)
  if (!file || file.received.isDiscarded) return fail(failures.noSuch('file', name))
  const isOther = version !== undefined && version !== `${file.version}`
  return isOther ? fail(failures.noSuchVersion(name, version, file.version)) : ok(file.received)
}

/** Lets the file's rules decide, then the session's. */
export function sendTransfer(tables: Tables, { sessionId, file }: Found, event: FileEvent): Result<File> {
  const { updateSessions } = tables
  const session = updateSessions.head(sessionId)
  if (!session) return fail(failures.uploadGone())
  const next = transfer(file, event)
  if (!next.ok) return next
  const sent = updateSessions.change(session, file, { type: 'transfer', file: next.value })
  return sent.ok ? ok(next.value) : sent
}

/** A transfer that has not been heard of for as long as its lease waits for another try; what it wrote is deleted. */
export function abandonDeadTransfers(tables: Tables): void {
  for (const key of tables.contents.abandoned()) {
    tables.contents.end(key)
    const found = tables.updateFiles.byContent(key)
    if (!found) continue
    const { name, source } = found.file
    const reason = source && {
      reason: failures.pullFailed(name, splitSource(source.uri).uri, 'the transfer was not heard of any more'),
    }
    sendTransfer(tables, found, { type: 'interrupt', transferId: key, ...reason })
  }
}

/** After each transfer of a PULL that has failed, the next one waits twice as long. */
const retryOf = ({ settings }: Tables, { sourceType, failures = 0 }: File): { retryAt?: number } =>
  sourceType === 'PULL' ? { retryAt: Date.now() + settings.pullRetryMs * 2 ** failures } : {}

/** How many bytes more this sandbox may store; and up to how many of one content lie in a row, for as long as there is room. */
type Room = { roomBytes: number; rowBytes: number }

export function roomIn({ contents, settings }: Tables, replacedBytes = 0): Room {
  const { bytes, small_bytes: smallBytes } = contents.held()
  return {
    roomBytes: settings.retention === 'keep' ? settings.storeBytes - bytes + replacedBytes : Infinity,
    rowBytes: Math.min(SMALL_BYTES, SMALL_TOTAL_BYTES - smallBytes),
  }
}

/** Whether there is room for as many bytes as a transfer says that it brings; without a word, for one. */
export const hasRoom = ({ roomBytes }: Room, { sizeBytes = 1 }: File, lengthBytes = sizeBytes): boolean =>
  roomBytes >= Math.max(1, lengthBytes)

/** A manifest, which may arrive last, can use any of these: files of an OVF are hashed for all. */
export const algorithmsFor = ({ checksum }: Pick<File, 'checksum'>, itemType: string | undefined): Algorithm[] => {
  const wanted: Algorithm[] = isOvf(itemType) ? ['SHA1', 'SHA256', 'SHA512'] : []
  const declared = checksum?.algorithm ?? 'SHA1'
  return wanted.includes(declared) ? wanted : [...wanted, declared]
}
