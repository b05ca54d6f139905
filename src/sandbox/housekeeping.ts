// What a sandbox does with its content in the bucket: purges what is released, collects orphans; and how it is removed.
import { contentKeyIn, deleteParts, type Parts } from '../content/parts.ts'
import { orphansAt, planOrphans } from './deadlines.ts'
import { deleteMarkers, markerIn } from './markers.ts'
import type { State } from './state.ts'
import type { Contents } from './tables/contents.ts'
import { exists, isRemoved, removeRows } from './tables/schema.ts'

/** How long to leave the bucket alone before the removal is tried again. */
const REMOVAL_RETRY_MS = 60_000

/** Where a sandbox keeps rows and content; all keys of its content begin with the prefix, which is a folder on a disk. */
export type Stores = { storage: DurableObjectStorage; parts: Parts; prefix: string }

/** Deletes content that is released. */
export async function purgeContent({ storage, parts }: Stores, contents: Contents): Promise<void> {
  const released = contents.purgeable()
  if (released.length === 0) return
  // While the bucket is waited for, the sandbox may be removed.
  const unlessRemoved = (change: () => void) => exists(storage) && storage.transactionSync(change)
  try {
    await Promise.all(released.map(({ key }) => deleteParts(parts, key)))
    unlessRemoved(() => contents.purged(released))
  } catch (error) {
    console.error('R2 would not delete; trying again', error)
    unlessRemoved(() => contents.postpone(released))
  }
}

/** Deletes content that no row knows, when it is time; and plans the next time for as long as there is content. */
export async function collectOrphans(stores: Stores, contents: Contents, everyMs: number): Promise<void> {
  const { storage } = stores
  if (!exists(storage)) return
  const now = Date.now()
  const dueAt = orphansAt(storage)
  if (dueAt === undefined) {
    if (!contents.isEmpty()) planOrphans(storage, now + everyMs)
    return
  }
  if (dueAt > now) return
  // Planned before it begins: one that fails is made up for by the next.
  planOrphans(storage, now + everyMs)
  try {
    const isUnknown = (key: string) => !contents.isKnown(key)
    await deleteContent(stores, () => exists(storage), isUnknown)
  } catch (error) {
    return console.error('R2 would not tell of orphans; the next search makes up for it', error)
  }
  if (exists(storage) && contents.isEmpty()) planOrphans(storage, undefined)
}

/** Deletes content of a sandbox, all that is not wanted, for as long as the sandbox is as it was. */
async function deleteContent(
  { parts, prefix }: Pick<Stores, 'parts' | 'prefix'>,
  isAsBefore: () => boolean,
  isUnwanted: (key: string) => boolean = () => true,
): Promise<void> {
  for await (const page of parts.list(prefix)) {
    if (!isAsBefore()) return
    const keys = [...new Set(page.map(contentKeyIn))].filter(isUnwanted)
    await Promise.all(keys.map((key) => deleteParts(parts, key)))
  }
}

/**
 * Deletes the rows at once, so that clients see all of this sandbox or nothing; then its content. A client that logs in
 * meanwhile gets a new sandbox, which takes over what is known of the content: after each wait it is asked whether that has
 * happened. `markerWrite` is there while a marker is written; while something is done `alone`, no call is.
 */
export async function removeSandbox(
  state: State,
  stores: Stores & { isOnDisk: boolean },
  markerWrite: () => Promise<void> | undefined,
  alone: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { storage, parts, prefix, isOnDisk } = stores
  if (exists(storage)) removeRows(storage, Date.now())
  state.stop()
  state.forget()
  // For when this is killed, or the bucket fails.
  await state.setAlarm(Date.now() + REMOVAL_RETRY_MS)
  try {
    // Else it could reach the bucket after the deletion.
    await markerWrite()
    if (isRemoved(storage)) await deleteMarkers(storage, parts)
    await deleteContent(stores, () => isRemoved(storage))
  } catch (error) {
    return console.error('R2 would not delete what a removed sandbox has left; trying again', error)
  }
  // Where a marker is known again, another removal is under way, of a sandbox that was created meanwhile.
  const isAsBefore = () => isRemoved(storage) && !markerIn(storage)
  if (!isAsBefore()) return
  const writtenUntil = state.tables().contents.writtenUntil()
  if (writtenUntil > Date.now()) return state.setAlarm(writtenUntil)
  // No call may begin a transfer in a folder that is deleted.
  if (isOnDisk) await alone(() => parts.deleteByPrefix(prefix).catch(() => undefined))
  if (!isAsBefore()) return
  state.forgetAlarm()
  await storage.deleteAll()
}
