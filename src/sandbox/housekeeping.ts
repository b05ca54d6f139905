// What a sandbox does with its content in the bucket: purges what is released, collects orphans, deletes all when it is removed.
import { orphansAt, planOrphans } from './deadlines.ts'
import type { Contents } from './tables/contents.ts'
import { exists } from './tables/schema.ts'

/** Where a sandbox keeps rows and content; all keys of its content begin with the prefix. */
export type Stores = { storage: DurableObjectStorage; bucket: R2Bucket; prefix: string }

/** Deletes content that is released. */
export async function purgeContent({ storage, bucket }: Stores, contents: Contents): Promise<void> {
  const keys = contents.purgeable()
  if (keys.length === 0) return
  // While the bucket is waited for, the sandbox may be removed.
  const unlessRemoved = (change: () => void) => exists(storage) && storage.transactionSync(change)
  try {
    await bucket.delete(keys)
    unlessRemoved(() => contents.purged(keys))
  } catch (error) {
    console.error('R2 would not delete; trying again', error)
    unlessRemoved(() => contents.postpone(keys))
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
    await deleteOrphans(stores, contents)
  } catch (error) {
    return console.error('R2 would not tell of orphans; the next search makes up for it', error)
  }
  if (exists(storage) && contents.isEmpty()) planOrphans(storage, undefined)
}

async function deleteOrphans({ storage, bucket, prefix }: Stores, contents: Contents): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) })
    // Removed meanwhile, with all that lies there.
    if (!exists(storage)) return
    const orphans = page.objects.map(({ key }) => key).filter((key) => !contents.isKnown(key))
    if (orphans.length > 0) await bucket.delete(orphans)
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
}

/** Deletes all content of a sandbox, for as long as that is wanted. */
export async function deleteContent({ bucket, prefix }: Stores, isWanted: () => boolean): Promise<void> {
  for (;;) {
    const { objects } = await bucket.list({ prefix })
    if (objects.length === 0 || !isWanted()) return
    await bucket.delete(objects.map(({ key }) => key))
  }
}
