// The periodic look at the bucket: whatever lies there under this sandbox's name and is unknown to it is deleted.
import { planSweep, sweepAt } from './deadlines.ts'
import { exists } from './tables/schema.ts'
import type { Tables } from './tables/open.ts'

/** Sweeps when it is time, and plans the next sweep for as long as there is something to sweep. */
export async function sweep(
  storage: DurableObjectStorage,
  bucket: R2Bucket,
  prefix: string,
  { contents }: Pick<Tables, 'contents'>,
  everyMs: number,
): Promise<void> {
  const now = Date.now()
  const due = sweepAt(storage)
  if (due === undefined) {
    if (!contents.isEmpty()) planSweep(storage, now + everyMs)
    return
  }
  if (due > now) return
  // Planned before it begins: one that fails is made up for by the next.
  planSweep(storage, now + everyMs)
  let cursor: string | undefined
  do {
    const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) })
    // Removed meanwhile, with all that lies there.
    if (!exists(storage)) return
    const orphans = page.objects.map(({ key }) => key).filter((key) => !contents.isKnown(key))
    if (orphans.length > 0) await bucket.delete(orphans)
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  if (exists(storage) && contents.isEmpty()) planSweep(storage, undefined)
}

/** Deletes all there is under the prefix, for as long as that is wanted. */
export async function deleteAll(bucket: R2Bucket, prefix: string, isWanted: () => boolean): Promise<void> {
  for (;;) {
    const { objects } = await bucket.list({ prefix })
    if (objects.length === 0 || !isWanted()) return
    await bucket.delete(objects.map(({ key }) => key))
  }
}
