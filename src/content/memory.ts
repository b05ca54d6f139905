// The buffers of all transfers of an isolate, which has 128 MB for everything: a transfer that finds none waits.
//
// A transfer returns what it has taken when it ends. One whose object is reset, or whose request the platform ends, takes not
// one step more, and returns nothing: it is known by its silence. Else seven of these would leave an isolate without a buffer.
// One that sends nothing, or does not fill a buffer within a second, returns its buffers while another waits, and takes them again
// with its next byte.
import { PART_BYTES } from './parts.ts'
import type { Watch } from './watch.ts'

const SHARED_BYTES = 64 * 1024 * 1024
/** So many of them are for small transfers alone: large ones, however slow, do not keep them waiting. */
const SMALL_SHARE_BYTES = 2 * 1024 * 1024
/** Two buffers of a small transfer, and more. */
const SMALL_TAKE_BYTES = 512 * 1024
/** And so many for transfers that have not had any yet: slow ones that take theirs again do not keep them waiting. */
const FIRST_SHARE_BYTES = 2 * PART_BYTES
/** What one that has lent its buffers keeps at most: a body that waits. */
const KEPT_BYTES = 1024 * 1024
/** Where those that have memory keep more, no further one gets any: so there is enough for one of them to go on. */
const ALL_KEPT_BYTES = SHARED_BYTES - SMALL_SHARE_BYTES - FIRST_SHARE_BYTES - 2 * PART_BYTES
const LOOK_MS = 10
const free = { sizeBytes: SHARED_BYTES }
/** A transfer, or an upload that has not begun one. */
export type Holder = Pick<Watch, 'isSilent'>
const taken = new Map<Holder, number>()
let wantedAt = 0

/** Whether a transfer waits for memory: it looks again and again. */
export const isMemoryWanted = (): boolean => Date.now() - wantedAt < 10 * LOOK_MS

/** Two buffers; none for a transfer that is stopped: many that wait are stopped at once, and buffers for each take seconds. */
export async function takeMemory(bufferBytes: number, watch: Watch): Promise<Uint8Array<ArrayBuffer>[]> {
  // Looked at again and again: no request may wait for a promise of another one.
  while (!watch.isOver) {
    watch.isWaiting = !takeAtOnce(2 * bufferBytes, watch)
    if (!watch.isWaiting) return [new Uint8Array(bufferBytes), new Uint8Array(bufferBytes)]
    for (const other of taken.keys()) if (other.isSilent()) releaseMemory(other)
    wantedAt = Date.now()
    await scheduler.wait(LOOK_MS)
  }
  return []
}

/** So many bytes in all, where they are free at this moment. */
export function takeAtOnce(sizeBytes: number, holder: Holder): boolean {
  const heldBytes = taken.get(holder) ?? 0
  const keptBytes = sizeBytes > SMALL_TAKE_BYTES ? SMALL_SHARE_BYTES + (heldBytes > 0 ? FIRST_SHARE_BYTES : 0) : 0
  if (free.sizeBytes - keptBytes < sizeBytes - heldBytes) return false
  if (heldBytes === 0 && sizeBytes > SMALL_TAKE_BYTES && keptByAll() > ALL_KEPT_BYTES) return false
  free.sizeBytes -= sizeBytes - heldBytes
  taken.set(holder, sizeBytes)
  return true
}

const keptByAll = () => [...taken.values()].reduce((sum, bytes) => sum + Math.min(bytes, KEPT_BYTES), 0)

/** What this holder has taken is free again; once, however often it is said. */
export function releaseMemory(holder: Holder): void {
  free.sizeBytes += taken.get(holder) ?? 0
  taken.delete(holder)
}

/** Its buffers are free for others, which look for them before it can take them again. It keeps so much: a body that waits. */
export async function lendMemory(holder: Holder, keptBytes: number): Promise<void> {
  releaseMemory(holder)
  takeAtOnce(keptBytes, holder)
  await scheduler.wait(2 * LOOK_MS)
}
