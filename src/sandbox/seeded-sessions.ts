// Seeded sessions: update sessions that a test puts into a sandbox, under ids of its choice, by the rules that hold for clients.
import { newItem } from '../operations/item.ts'
import { clientError, fail, idTaken, noSuch, ok, type Result } from '../rules/failure.ts'
import { wrongFileName, type File } from '../rules/file.ts'
import { anotherToken } from '../rules/token.ts'
import type { Tables } from './tables/open.ts'
import { sendTransfer } from './transfers.ts'

/** What is not given is chosen. An item that does not exist is made. */
export type Seed = {
  /** A token of this sandbox: those of the files are made from it. */
  token: string
  id?: string | undefined
  itemId?: string | undefined
  files: SeedFile[]
  state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
  clientProgress?: number | undefined
  /** What an ERROR says. */
  reason: string
}
export type SeedFile = {
  name: string
  status: 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'READY'
  sizeBytes?: number | undefined
  bytesTransferred: number
  /** What a file that is READY holds. */
  content: string
}
/** What was made, for its removal. */
export type Seeded = { sessionId: string; itemId?: string }
/** The upload tokens are in the order of the files. */
export type Begun = Seeded & { uploadTokens: string[] }

/** Begins the session, ACTIVE, with its files waiting. */
export function beginSeed(tables: Tables, { token, id, itemId, files }: Seed): Result<Begun> {
  const { newId, items, updateSessions } = tables
  for (const { name } of files) {
    const unfit = wrongFileName(name)
    if (unfit) return fail(unfit)
  }
  const libraryItemId = itemId ?? newId()
  const item = items.find(libraryItemId) ?? makeItem(tables, libraryItemId)
  if (!item) return fail(noSuch('library_item', libraryItemId))
  const sessionId = id ?? `${newId()}:${newId()}`
  if (updateSessions.find(sessionId)) return fail(idTaken(sessionId))
  const uploadTokens = files.map(() => anotherToken(token, newId()))
  const begun = updateSessions.begin({
    id: sessionId,
    item,
    warningBehavior: [],
    files: files.map(({ name, sizeBytes }, at): File => {
      const uploadToken = uploadTokens[at]
      return { name, sizeBytes, uploadToken, sourceType: 'PUSH', status: 'WAITING_FOR_TRANSFER' }
    }),
  })
  if (!begun.ok) return begun
  const isNew = !items.find(libraryItemId)
  if (isNew) items.insert(item)
  return ok({ sessionId, uploadTokens, ...(isNew && { itemId: libraryItemId }) })
}

/** An item of the first library, which is not inserted yet. */
function makeItem({ now, libraries }: Tables, id: string) {
  const [library] = libraries.list()
  return library && newItem({ id, libraryId: library.id, name: `item-${id}`, description: '' }, now)
}

/** Once its content has arrived, brings it to where it is to be; the rules may refuse, as they would refuse a client. */
export function endSeed(tables: Tables, sessionId: string, { files, state, clientProgress = 0, reason }: Seed) {
  const { updateSessions } = tables
  for (const { name, status, bytesTransferred } of files) {
    if (status !== 'TRANSFERRING') continue
    const transferId = tables.newId()
    const begun = sendTransfer(tables, sessionId, { type: 'begin', transferId }, name)
    const told = begun.ok ? sendTransfer(tables, sessionId, { type: 'progress', transferId, bytesTransferred }) : begun
    if (!told.ok) return told
  }
  if (clientProgress > 0) {
    const told = updateSessions.send(sessionId, { type: 'keepAlive', clientProgress })
    if (!told.ok) return told
  }
  switch (state) {
    case 'ACTIVE':
      return ok(undefined)
    case 'DONE':
      return updateSessions.send(sessionId, { type: 'complete' })
    case 'ERROR':
      return updateSessions.send(sessionId, { type: 'fail', reason: clientError(reason) })
    case 'CANCELED':
      return updateSessions.send(sessionId, { type: 'cancel' })
  }
}
