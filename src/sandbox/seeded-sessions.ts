// Update sessions that a test puts into a sandbox, under ids of its choice, by the same rules as all others.
import { clientError, fail, idTaken, itemHasActiveSession, noSuch, ok, type Result } from '../rules/failure.ts'
import type { File } from '../rules/file.ts'
import { begin, type Session } from '../rules/update-session.ts'
import type { Tables } from './tables/open.ts'
import { sendTransfer } from './transfers.ts'

/** What is not given is chosen. An item that does not exist is made. */
export type SessionSeed = {
  id?: string
  itemId?: string
  files: { name: string; sizeBytes?: number; uploadToken: string }[]
}
/** What becomes of a session once its content has arrived. */
export type SessionEnd = {
  state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
  clientProgress?: number
  reason: string
  /** Files in transfer, and how far they are. */
  transferring: { name: string; bytesTransferred: number }[]
}

/** Begins the session, ACTIVE, with its files waiting; tells of the item if it had to be made. */
export function plant(
  tables: Tables,
  { id, itemId, files }: SessionSeed,
): Result<{ session: Session; newItemId?: string }> {
  const { now, newId, settings, items, updateSessions, libraries } = tables
  const libraryItemId = itemId ?? newId()
  const item = items.find(libraryItemId)
  const [library] = libraries.list()
  if (!item && !library) return fail(noSuch('library_item', libraryItemId))
  const busy = updateSessions.activeOf(libraryItemId)
  if (busy !== undefined) return fail(itemHasActiveSession(libraryItemId, busy))
  const sessionId = id ?? `${newId()}:${newId()}`
  if (updateSessions.find(sessionId)) return fail(idTaken(sessionId))
  if (!item && library)
    items.insert({
      id: libraryItemId,
      libraryId: library.id,
      name: `item-${libraryItemId}`,
      description: '',
      version: 1,
      contentVersion: 1,
      metadataVersion: 1,
      createdAt: now,
      modifiedAt: now,
    })
  const session = begin(
    {
      id: sessionId,
      libraryItemId,
      ...(item?.type !== undefined && { itemType: item.type }),
      contentVersion: `${item?.contentVersion ?? 1}`,
      warningBehavior: [],
      files: files.map((file): File => ({ ...file, sourceType: 'PUSH', status: 'WAITING_FOR_TRANSFER' })),
      idleMs: settings.sessionIdleMs,
      retentionMs: settings.sessionRetentionMs,
    },
    now,
  )
  updateSessions.insert(session)
  return ok({ session, ...(!item && { newItemId: libraryItemId }) })
}

/** Brings it to where it is to be; the rules may refuse, as they would refuse a client. */
export function settle(tables: Tables, id: string, end: SessionEnd): Result<undefined> {
  const { updateSessions } = tables
  for (const { name, bytesTransferred } of end.transferring) {
    const transferId = tables.newId()
    const begun = sendTransfer(tables, id, { type: 'begin', transferId }, name)
    const told = begun.ok ? sendTransfer(tables, id, { type: 'progress', transferId, bytesTransferred }) : begun
    if (!told.ok) return told
  }
  if (end.clientProgress !== undefined && end.clientProgress > 0) {
    const told = updateSessions.send(id, { type: 'keepAlive', clientProgress: end.clientProgress })
    if (!told.ok) return told
  }
  switch (end.state) {
    case 'ACTIVE':
      return ok(undefined)
    case 'DONE':
      return updateSessions.send(id, { type: 'complete' })
    case 'ERROR':
      return updateSessions.send(id, { type: 'fail', reason: clientError(end.reason) })
    case 'CANCELED':
      return updateSessions.send(id, { type: 'cancel' })
  }
}
