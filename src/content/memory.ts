// The buffers of all transfers of an isolate, which has 128 MB for everything: a transfer that finds none waits.
import { wait, type Watch } from './watch.ts'

const SHARED_BYTES = 64 * 1024 * 1024
const LOOK_MS = 50
const free = { sizeBytes: SHARED_BYTES }

/** Two buffers, or one where there is no more; none for a transfer that is stopped while it waits. */
export async function takeMemory(bufferBytes: number, watch: Watch): Promise<Uint8Array<ArrayBuffer>[]> {
  // Looked at again and again: no request may wait for a promise of another one.
  while (free.sizeBytes < bufferBytes) {
    if (watch.isOver) return []
    await wait(LOOK_MS)
  }
  const count = Math.min(2, Math.floor(free.sizeBytes / bufferBytes))
  free.sizeBytes -= count * bufferBytes
  return Array.from({ length: count }, () => new Uint8Array(bufferBytes))
}

/** So many bytes, where they are free at this moment. */
export function takeAtOnce(sizeBytes: number): boolean {
  if (free.sizeBytes < sizeBytes) return false
  free.sizeBytes -= sizeBytes
  return true
}

export function returnMemory(sizeBytes: number): void {
  free.sizeBytes += sizeBytes
}
