// What a test does to update sessions, by the rules that hold for clients: it seeds one, under an id of its choice, or changes a live one.
import { examine } from '../content/store.ts'
import { newItem } from '../operations/item.ts'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Result } from '../rules/failure.ts'
import { markFile, wrongFileName, type Algorithm, type File, type FileEvent } from '../rules/file.ts'
import { anotherToken } from '../rules/token.ts'
import type { SessionEvent } from '../rules/update-session.ts'
import type { Tables } from './tables/open.ts'
import type { Found } from './tables/update-files.ts'
import { hasRoom, roomIn, sendTransfer, takeWhole, type Whole } from './transfers.ts'

/** In the words of the admin API. What is not given is chosen; an item that does not exist is made. */
export type Seed = {
  /** A token of this sandbox: those of the files are made from it. */
  token: string
  id?: string | undefined
  library_item_id?: string | undefined
  files: SeedFile[]
  state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
  client_progress?: number | undefined
  error_message?: string | undefined
}
type SeedFile = {
  name: string
  status: 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'READY'
  size?: number | undefined
  bytes_transferred: number
  content: string
}
/** What was made, for its removal. */
export type Seeded = { sessionId: string; itemId?: string }

/** What its files hold, by their names, with these digests: what is hashed has to be waited for. */
export async function examineSeed(
  { files }: Seed,
  algorithms: Algorithm[],
  prefix: string,
): Promise<Map<string, Whole>> {
  const wholes = new Map<string, Whole>()
  for (const { name, status, content } of files) {
    if (status !== 'READY') continue
    const bytes = await new Blob([content]).arrayBuffer()
    const examined = await examine(name, algorithms, bytes)
    wholes.set(name, { received: { key: `${prefix}${crypto.randomUUID()}`, ...examined }, bytes })
  }
  return wholes
}

/** Makes the session with its files. Where the rules refuse, nothing is left of it. */
export function seedSession(tables: Tables, seed: Seed, wholes: Map<string, Whole>): Result<Seeded> {
  const begun = beginSeed(tables, seed)
  if (!begun.ok) return begun
  const ended = endSeed(tables, begun.value.sessionId, seed, wholes)
  if (ended.ok) return begun
  removeSeeded(tables, begun.value)
  return ended
}

/** As if its time had come, whatever its state; with the item that was made for it. Answers whether it was there. */
export function removeSeeded({ updateSessions, items }: Tables, { sessionId, itemId }: Seeded): boolean {
  const { ok: wasThere } = updateSessions.send(sessionId, { type: 'expire', isForced: true })
  if (itemId !== undefined) items.remove(itemId)
  return wasThere
}

/** Begins the session, ACTIVE, with its files waiting. */
function beginSeed(tables: Tables, { token, id, library_item_id, files }: Seed): Result<Seeded> {
  const { now, newId, libraries, items, updateSessions } = tables
  const unfit = files.flatMap(({ name }) => wrongFileName(name) ?? [])[0]
  if (unfit) return fail(unfit)
  const libraryItemId = library_item_id ?? newId()
  const known = items.find(libraryItemId)
  const [libraryId] = libraries.ids()
  const made = { id: libraryItemId, name: `item-${libraryItemId}`, description: '' }
  const item = known ?? (libraryId && newItem({ ...made, libraryId }, now))
  if (!item) return fail(failures.noSuch('library_item', libraryItemId))
  const sessionId = id ?? `${newId()}:${newId()}`
  if (updateSessions.find(sessionId)) return fail(failures.idTaken(sessionId))
  const begun = updateSessions.begin({
    id: sessionId,
    item,
    warningBehavior: [],
    files: files.map(({ name, size: sizeBytes }): File => {
      const uploadToken = anotherToken(token, newId())
      return { name, sizeBytes, uploadToken, sourceType: 'PUSH', status: 'WAITING_FOR_TRANSFER' }
    }),
  })
  if (!begun.ok) return begun
  if (!known) items.insert(item)
  return ok({ sessionId, ...(!known && { itemId: libraryItemId }) })
}

/** Fills its files, and brings it to where it is to be; the rules may refuse, as they would refuse a client. */
function endSeed(tables: Tables, sessionId: string, seed: Seed, wholes: Map<string, Whole>): Result<undefined> {
  const { files, client_progress: clientProgress = 0 } = seed
  for (const wanted of files) {
    const file = tables.updateFiles.find(sessionId, wanted.name)
    const filled = file && fillFile(tables, { sessionId, file }, wanted, wholes.get(file.name))
    if (filled && !filled.ok) return filled
  }
  for (const event of [{ type: 'keepAlive', clientProgress } as const, ...endOf(seed)]) {
    const sent = tables.updateSessions.send(sessionId, event)
    if (!sent.ok) return sent
  }
  return ok(undefined)
}

/** What a client would do to a session to bring it into this state. */
function endOf({ state, error_message = 'The test asked for a session that failed.' }: Seed): SessionEvent[] {
  if (state === 'ERROR') return [{ type: 'fail', reason: failures.clientError(error_message) }]
  if (state === 'ACTIVE') return []
  return [{ type: state === 'DONE' ? 'complete' : 'cancel' }]
}

/** Brings a file that waits to where it is to be; all of one that is READY is there. */
function fillFile(tables: Tables, found: Found, wanted: SeedFile, whole: Whole | undefined): Result<unknown> {
  if (whole)
    return hasRoom(roomIn(tables), found.file, whole.bytes.byteLength)
      ? takeWhole(tables, found, whole)
      : fail(failures.unavailableBecause(failures.storeFull()))
  if (wanted.status !== 'TRANSFERRING') return ok(undefined)
  const transferId = tables.newId()
  const begun = sendTransfer(tables, found, { type: 'begin', transferId })
  const progress: FileEvent = { type: 'progress', transferId, bytesTransferred: wanted.bytes_transferred }
  return begun.ok ? sendTransfer(tables, { ...found, file: begun.value }, progress) : begun
}

/** In the words of the admin API: it fails, now or when it is completed, or one of its files is in another state. One of these is given. */
export type SessionChange = {
  state?: 'ERROR' | undefined
  completion?: 'ERROR' | undefined
  file?: { name: string; status: 'READY' | 'VALIDATING' | 'ERROR' } | undefined
  error_message?: string | undefined
}

export function changeSession(
  { updateSessions, updateFiles }: Tables,
  id: string,
  { state, file: wanted, error_message = 'The test asked for a failure.' }: SessionChange,
): Result<undefined> {
  const session = updateSessions.head(id)
  if (!session) return fail(failures.noSuch('update_session', id))
  const reason = failures.injectedMessage(error_message)
  if (!wanted) return updateSessions.send(id, { type: 'fail', reason, isPlanned: state === undefined })
  const file = updateFiles.find(id, wanted.name)
  if (!file) return fail(failures.noSuchFile(wanted.name))
  const marked = markFile(file, wanted.status, reason)
  return marked.ok ? updateSessions.change(session, file, { type: 'transfer', file: marked.value }) : marked
}
