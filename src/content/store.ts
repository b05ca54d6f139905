// Takes content in: reads a body into buffers, hashes them, and puts each as a part.
//
// The life of content. Its key is `sandbox/transfer`, and its parts lie under it: `key/0`, `key/1`, and so on. It is begun:
// the sandbox writes its key down before the first byte, with a lease that the transfer renews. While one buffer is put, the
// next one fills; so nothing lies in the store that a list does not show. A transfer that lends its buffers leaves what has come
// of a part as `key/rest`, until its end. At the end, the sandbox says whether a file holds
// it: the writer deletes what no file does, and every step may run twice. Content that no file holds any more is released: the
// sandbox's alarm purges it, by its prefix.
// A writer that dies leaves whole parts under a key that the sandbox knows, and releases when the lease is over. Parts of a
// key that no row knows are orphans: a search, from time to time, deletes them.
//
// Small content, of at most SMALL_BYTES, has no parts: its writer gives it to the sandbox with its end, and it is a row there,
// which goes in the transaction that releases it. Where all of a body comes at once, one call takes it, without a begin
// (`bindings/bytes/upload.ts`). One that takes longer is begun first, so that its session tells of it and a cancel ends it. The plan of
// a transfer says what may still be a row.
import type { Algorithm, Descriptor, Digests, Received } from '../rules/file.ts'
import { hexOf } from '../rules/hex.ts'
import { PIECE_BYTES, within, type Body } from './body.ts'
import { Checksums, digestName } from './checksum.ts'
import { readDescriptor } from './descriptor.ts'
import { isMemoryWanted, lendMemory, releaseMemory, takeMemory } from './memory.ts'
import { deleteParts, PART_BYTES, partKey, type Parts } from './parts.ts'
import type { Plan, Stopped, Watch } from './watch.ts'

/** Content of up to so many bytes is small: a row of its sandbox, if there is room. */
export const SMALL_BYTES = 128 * 1024
/** A descriptor or manifest beyond this is kept like any file, but not read. */
const METADATA_BYTES = 1024 * 1024
/** A transfer that does not fill a part within so long lends its buffers to others that wait. */
const TURN_MS = 1000
/** So does one that sends nothing from one look to the next but one, and twice as long after each turn. */
const LOOK_MS = 25
/** A request has a limited number of calls (`parts.ts`), and each turn takes two. */
const TURNS_LIMIT = 1000

type Bytes = Uint8Array<ArrayBuffer>

export type Outcome =
  /** `bytes` is all of it, where it is not in the store. */
  | { type: 'received'; received: Received; bytes?: ArrayBuffer }
  | Stopped
  /** The body broke off. */
  | { type: 'interrupted'; why: string }
  /** The store did not take it. */
  | { type: 'refused'; why: string }

/** Takes the body in, which says that it has `lengthBytes`. Where it is not wanted, the rest is left to its owner. */
export async function receive(
  parts: Parts,
  plan: Plan,
  body: Pick<Body, 'comes' | 'take' | 'pieceBytes'>,
  lengthBytes: number | undefined,
  watch: Watch,
): Promise<Outcome> {
  const checksums = new Checksums(plan.algorithms)
  // That of a small body has room for its end, which only a read tells.
  const bufferBytes = Math.min(PART_BYTES, (lengthBytes ?? PART_BYTES) + 1)
  let descriptor: Descriptor | undefined
  let bytes: ArrayBuffer | undefined
  let stopped: Stopped | undefined
  let failed: Outcome | undefined
  let waiting: PromiseWithResolvers<boolean | undefined> | undefined
  // Whatever the loop waits for then fails. A race at every wait would do, too, but each leaves its listeners behind.
  void watch.stopped.then((outcome) => {
    stopped = outcome
    return waiting?.reject(new Error(outcome.why))
  })
  const fail = (type: 'refused' | 'interrupted') => (error: unknown) => {
    failed ??= { type, why: whyOf(error) }
    waiting?.reject(error)
  }
  /** Whether more comes; nothing where others are to have the memory. */
  const next = () => {
    waiting = Promise.withResolvers()
    looks = 0
    if (stopped ?? failed) waiting.reject(new Error('the transfer is over'))
    body.comes(isMemoryWanted()).then(waiting.resolve, fail('interrupted'))
    return waiting.promise
  }
  let written: Promise<unknown> = Promise.resolve()
  const put = (key: string, part: Bytes) => answered(plan.leaseMs, parts.put(key, part))
  const restKey = `${plan.key}/rest`
  let [turns, turnAt, looks] = [0, Date.now(), 0]
  const startLook = () =>
    setInterval(() => {
      looks += 1
      const isSlow = looks > 2 ** turns || Date.now() - turnAt > TURN_MS
      if (isSlow && bufferBytes > PIECE_BYTES && turns < TURNS_LIMIT && isMemoryWanted()) waiting?.resolve(undefined)
    }, LOOK_MS)
  let look = startLook()
  /** Others have the buffers until more comes. What has come of the part, which is in the first, waits in the store. */
  const lend = async (buffers: Bytes[], filled: number) => {
    clearInterval(look)
    turns += 1
    await written
    if (filled > 0 && buffers[0]) await put(restKey, buffers[0].subarray(0, filled))
    free(buffers)
    await lendMemory(watch, 2 * body.pieceBytes)
    await next()
    const taken = await takeMemory(bufferBytes, watch)
    const rest = filled > 0 ? await parts.get(restKey, 0, filled) : new Blob([])
    if (!rest) throw new Error('the rest of a part is lost')
    taken[0]?.set(new Uint8Array(await new Response(rest).arrayBuffer()))
    turnAt = Date.now()
    look = startLook()
    return taken
  }
  try {
    // One buffer fills while the other is written: all the memory there is, whatever the size of the body.
    let [buffer, other] = await takeMemory(bufferBytes, watch)
    for (let number = 0, isOver = false; buffer && other && !isOver; number += 1) {
      turnAt = Date.now()
      let filled = 0
      while (buffer && other && filled < bufferBytes && !isOver) {
        const isMore = await next()
        if (isMore === undefined) {
          ;[buffer, other] = await lend([buffer, other], filled)
          continue
        }
        isOver = !isMore
        const sizeBytes = body.take(buffer.subarray(filled))
        filled += sizeBytes
        watch.count(sizeBytes)
      }
      await written
      if (!buffer) break
      const part = buffer.subarray(0, filled)
      const isWhole = isOver && number === 0
      if (isWhole && filled <= METADATA_BYTES) descriptor = readDescriptor(plan.name, part)
      if (isWhole && filled <= plan.rowBytes && plan.retention === 'keep') {
        bytes = part.slice().buffer
        await checksums.write(part)
        break
      }
      if (filled === 0) break
      written = Promise.all([plan.retention === 'keep' && put(partKey(plan.key, number), part), checksums.write(part)])
      // Noticed at once, also while the body has nothing to say.
      written.catch(fail('refused'))
      ;[buffer, other] = [other, buffer]
    }
    await written
    free([buffer, other])
    if (turns > 0) await parts.deleteByPrefix(restKey)
    const digests = await checksums.close()
    if (stopped) return stopped
    const arrived = { key: plan.key, sizeBytes: watch.bytesTransferred, digests, crc32: checksums.crc32 }
    const fate = plan.retention === 'discard' && ({ isDiscarded: true } as const)
    const received = { ...arrived, ...fate, ...(descriptor && { descriptor }) }
    return { type: 'received', received, ...(bytes && { bytes }) }
  } catch (error) {
    // What is being put must not reach the store after its end was told.
    await Promise.allSettled([written])
    return stopped ?? failed ?? { type: 'refused', why: whyOf(error) }
  } finally {
    clearInterval(look)
    releaseMemory(watch)
    watch.end()
  }
}

/** Else only a full collection frees them, and meanwhile other transfers take new ones. */
function free(buffers: (Bytes | undefined)[]): void {
  for (const each of buffers) each?.buffer.transfer(0)
}

/** What is to be known of content that is here as a whole. */
export async function examine(
  name: string,
  algorithms: Algorithm[],
  bytes: ArrayBuffer,
): Promise<Omit<Received, 'key'>> {
  const digests: Digests = {}
  for (const each of algorithms) digests[each] = hexOf(await crypto.subtle.digest(digestName(each), bytes))
  const descriptor = readDescriptor(name, new Uint8Array(bytes))
  return { sizeBytes: bytes.byteLength, digests, ...(descriptor && { descriptor }) }
}

/** A store whose disk is full may never answer. What it stores after all is an orphan. */
async function answered(patienceMs: number, put: Promise<void>): Promise<void> {
  const isDone = put.then(() => true)
  if (!(await within(patienceMs, isDone))) throw new Error('the store does not answer')
}

const whyOf = (error: unknown) => (error instanceof Error ? error.message : 'the connection broke')

/** Deletes what no file holds: a sandbox that has given up its writer, or is itself removed, may not know of it any more. */
export async function discard(parts: Parts, key: string, isHeld: boolean): Promise<void> {
  if (isHeld) return
  try {
    await deleteParts(parts, key)
  } catch (error) {
    console.error('R2 would not delete; the purge or the search for orphans will', error)
  }
}
