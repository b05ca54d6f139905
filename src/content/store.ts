// Takes content in: reads a body into buffers, hashes them, and puts each as a part.
//
// The life of content. Its key is `sandbox/transfer`, and its parts lie under it: `key/0`, `key/1`, and so on. It is begun:
// the sandbox writes its key down before the first byte, with a lease that the transfer renews. While one buffer is put, the
// next one fills; so nothing lies in the store that a list does not show. At the end, the sandbox says whether a file holds it
// now ("held"), held it before this was told ("held before"), or never will ("not wanted"): the writer deletes only the last,
// and every step may run twice. Content that no file holds any more is released: the sandbox's alarm purges it, by its prefix.
// A writer that dies leaves whole parts under a key that the sandbox knows, and releases when the lease is over. Parts of a
// key that no row knows are orphans: a search, from time to time, deletes them.
import type { Algorithm, Descriptor, Received } from '../rules/file.ts'
import { isMetadata } from '../rules/validation.ts'
import type { Body } from './body.ts'
import { Checksums } from './checksum.ts'
import { readDescriptor } from './descriptor.ts'
import { deleteParts, PART_BYTES, partKey, type Parts } from './parts.ts'

/** How often a transfer says how far it is, and asks whether to go on. */
const REPORT_MS = 250
/** A part is one call of the platform's services, of which one request has 10,000. Some are left for all else. */
export const CONTENT_LIMIT_BYTES = 9_000 * PART_BYTES
/** A descriptor or manifest beyond this is kept like any file, but not read. */
const METADATA_BYTES = 1024 * 1024

export type Plan = {
  key: string
  name: string
  algorithms: Algorithm[]
  /** `discard` counts and hashes, and stores nothing. */
  retention: 'keep' | 'discard'
}
/** Tells the sandbox how many bytes have arrived; its answer is whether more are wanted. */
export type Report = (bytesTransferred: number) => Promise<boolean>
export type Outcome =
  | { type: 'received'; received: Received }
  | { type: 'stopped' }
  | { type: 'interrupted'; why: string }

/**
 * Takes the body in; `lengthBytes` is how long it says it is, if it does. Of a body that is not wanted any more, the rest is
 * left to its owner.
 */
export async function receive(
  parts: Parts,
  plan: Plan,
  body: Body,
  lengthBytes: number | undefined,
  report: Report,
): Promise<Outcome> {
  const checksums = new Checksums(plan.algorithms)
  let descriptor: Descriptor | undefined
  let sizeBytes = 0
  let isStopped = false
  const watch = ask(() => report(sizeBytes))
  // Whatever the loop waits for then fails. A race at every read would do, too, but each leaves its listeners behind.
  watch.stopped.then(
    () => {
      isStopped = true
      return body.leave('stopped')
    },
    (error: unknown) => body.leave(whyOf(error)),
  )
  let written: Promise<unknown> = Promise.resolve()
  try {
    // One buffer fills while the other is written: all the memory there is, whatever the size of the body. That of a small one
    // has room for its end, which only a read tells.
    let buffer = new Uint8Array(Math.min(PART_BYTES, (lengthBytes ?? PART_BYTES) + 1))
    let other: typeof buffer | undefined
    for (let number = 0, isOver = false; !isOver; number += 1) {
      let filled = 0
      while (filled < buffer.byteLength && !isOver) {
        const step = await body.read(buffer.subarray(filled))
        // The read took the buffer away, also at the end; this is the same memory.
        buffer = new Uint8Array((step.value ?? buffer).buffer)
        isOver = step.done
        filled += step.value?.byteLength ?? 0
        sizeBytes += step.value?.byteLength ?? 0
      }
      await written
      if (filled === 0) break
      const part = buffer.subarray(0, filled)
      if (isOver && sizeBytes <= METADATA_BYTES && isMetadata(plan.name))
        descriptor = readDescriptor(plan.name, new TextDecoder().decode(part))
      const put = plan.retention === 'keep' && parts.put(partKey(plan.key, number), part)
      written = Promise.all([put, checksums.write(part)])
      // Noticed at once, also while the body has nothing to say.
      written.catch((error: unknown) => body.leave(whyOf(error)))
      ;[buffer, other] = [other ?? new Uint8Array(PART_BYTES), buffer]
    }
    await written
    if (isStopped) return { type: 'stopped' }
    const digests = await checksums.close()
    return { type: 'received', received: { key: plan.key, sizeBytes, digests, ...(descriptor && { descriptor }) } }
  } catch (error) {
    // What is being put must not reach the store after its end was told.
    await Promise.allSettled([written])
    return isStopped ? { type: 'stopped' } : { type: 'interrupted', why: whyOf(error) }
  } finally {
    watch.end()
  }
}

const whyOf = (error: unknown) => (error instanceof Error ? error.message : 'the connection broke')

/** What the sandbox says is to become of the content of a transfer that is over. */
export type ContentFate = 'held' | 'held before' | 'not wanted'

/** Deletes what is not wanted: a sandbox that has given up its writer, or is itself removed, may not know of it any more. */
export async function discard(parts: Parts, key: string, fate: ContentFate): Promise<void> {
  if (fate !== 'not wanted') return
  try {
    await deleteParts(parts, key)
  } catch (error) {
    console.error('R2 would not delete; the purge or the search for orphans will', error)
  }
}

/** Asks again and again, until the answer is no or nobody wants to know any more. */
function ask(goOn: () => Promise<boolean>) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isAsking = false
  const timer = setInterval(() => {
    if (isAsking) return
    isAsking = true
    goOn()
      .then((wanted) => (wanted ? undefined : resolve()), reject)
      .finally(() => (isAsking = false))
  }, REPORT_MS)
  return { stopped: promise, end: () => clearInterval(timer) }
}
