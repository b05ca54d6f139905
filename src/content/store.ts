// Where bytes live: streams into R2 (or nowhere), hashed and counted as they pass, never held in memory.
import type { Algorithm, Received } from '../rules/file.ts'
import { isMetadata } from '../rules/validation.ts'
import type { Body } from './body.ts'
import { Checksums } from './checksum.ts'
import { readDescriptor } from './descriptor.ts'

/** How often a transfer says how far it is, and asks whether to go on. */
const REPORT_MS = 250
const READ_BYTES = 1024 * 1024
/** What R2 takes as a part of a body that is not one piece; all but the last must have the same size. */
const PART_BYTES = 8 * 1024 * 1024
/** What R2 takes in one piece: 5 GiB less 5 MiB. */
const PIECE_LIMIT_BYTES = 5 * 1024 ** 3 - 5 * 1024 ** 2
/** What R2 takes in parts, of which an object has 10,000 at most: no body can be larger. */
export const CONTENT_LIMIT_BYTES = 10_000 * PART_BYTES
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
 * Takes the body in; `lengthBytes` is how long it said it is, if it did. A body that is not wanted any more is left as it
 * is: its owner says what becomes of the rest.
 */
export async function receive(
  bucket: R2Bucket,
  plan: Plan,
  body: Pick<Body, 'read' | 'leave'>,
  lengthBytes: number | undefined,
  report: Report,
): Promise<Outcome> {
  let sink: Sink
  try {
    sink = open(bucket, plan, lengthBytes)
  } catch (error) {
    // Storage that will not even begin, for a length it does not take: the transfer ends like one that breaks.
    return { type: 'interrupted', why: whyOf(error) }
  }
  const checksums = new Checksums(plan.algorithms)
  const metadata: Uint8Array[] = []
  let sizeBytes = 0
  let isStopped = false
  const undo = (why: string) => {
    body.leave(why)
    return sink.abort(why).catch(() => undefined)
  }
  const watch = ask(() => report(sizeBytes))
  // Whatever the loop waits for then fails. A race at every read would do, too, but each leaves its listeners behind.
  watch.stopped.then(
    () => {
      isStopped = true
      return undo('stopped')
    },
    (error: unknown) => undo(whyOf(error)),
  )
  sink.stored.catch((error: unknown) => undo(whyOf(error)))
  try {
    // What comes in small pieces counts at once, so that its progress shows; it is passed on in large ones, of which
    // one fills while the other is written. The two are all the memory there is, whatever the size of the body.
    let [piece, other] = [new Uint8Array(READ_BYTES), new Uint8Array(READ_BYTES)]
    let filled = 0
    let written: Promise<unknown> = Promise.resolve()
    const passOn = async () => {
      await written
      const chunk = piece.subarray(0, filled)
      if (sizeBytes > METADATA_BYTES) metadata.length = 0
      else if (isMetadata(plan.name)) metadata.push(chunk.slice())
      written = Promise.all([sink.write(chunk), checksums.write(chunk)])
      written.catch(() => undefined) // heard where it is waited for
      ;[piece, other] = [other, piece]
      filled = 0
    }
    for (;;) {
      const step = await body.read(piece.subarray(filled))
      // The read took the buffer away, also at the end; this is the same memory.
      piece = new Uint8Array((step.value ?? piece).buffer)
      if (step.done) break
      filled += step.value.byteLength
      sizeBytes += step.value.byteLength
      if (filled === READ_BYTES) await passOn()
    }
    if (filled > 0) await passOn()
    await written
    await sink.close()
    const digests = await checksums.close()
    const descriptor = readDescriptor(plan.name, new TextDecoder().decode(join(metadata)))
    return { type: 'received', received: { key: plan.key, sizeBytes, digests, ...(descriptor && { descriptor }) } }
  } catch (error) {
    const why = whyOf(error)
    await undo(why)
    return isStopped ? { type: 'stopped' } : { type: 'interrupted', why }
  } finally {
    watch.end()
  }
}

const whyOf = (error: unknown) => (error instanceof Error ? error.message : 'the connection broke')

/**
 * What the sandbox says is to become of the bytes of a transfer that is over: a file has them now, or had them before it was
 * told, or none has and none ever will. Any other answer, and none at all, is no reason to delete: the purge and the sweep
 * find what is left.
 */
export type ContentFate = 'held' | 'held before' | 'not wanted'

/** Deletes what is not wanted: a sandbox that has given up its writer for dead, or is itself gone, may not know of it any more. */
export async function discard(bucket: R2Bucket, key: string, fate: ContentFate): Promise<void> {
  if (fate !== 'not wanted') return
  try {
    await bucket.delete(key)
  } catch (error) {
    console.error('R2 would not delete; the purge or the sweep will', error)
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

type Sink = {
  write: (chunk: Uint8Array) => Promise<void>
  close: () => Promise<void>
  abort: (why: string) => Promise<void>
  /** Rejects when storage fails, also while the source has nothing to say. */
  stored: Promise<unknown>
}

function open(bucket: R2Bucket, plan: Plan, lengthBytes: number | undefined): Sink {
  if (plan.retention === 'discard') return nowhere
  return lengthBytes === undefined || lengthBytes > PIECE_LIMIT_BYTES
    ? inParts(bucket, plan.key)
    : inOnePiece(bucket, plan.key, lengthBytes)
}

const nothing = () => Promise.resolve()
const nowhere: Sink = { write: nothing, close: nothing, abort: nothing, stored: Promise.resolve() }

function inOnePiece(bucket: R2Bucket, key: string, lengthBytes: number): Sink {
  const { readable, writable } = new FixedLengthStream(lengthBytes)
  const writer = writable.getWriter()
  const put = bucket.put(key, readable)
  return {
    write: (chunk) => writer.write(chunk),
    close: async () => {
      await writer.close()
      await put
    },
    abort: async (why) => {
      await Promise.allSettled([writer.abort(why), put])
    },
    stored: put,
  }
}

/** R2 wants to know the length of a stream; where it is unknown or too large, the parts have lengths of their own. */
function inParts(bucket: R2Bucket, key: string): Sink {
  const upload = bucket.createMultipartUpload(key)
  const parts: R2UploadedPart[] = []
  const part = new Uint8Array(PART_BYTES)
  let filled = 0
  const flush = async () => {
    parts.push(await (await upload).uploadPart(parts.length + 1, part.subarray(0, filled)))
    filled = 0
  }
  return {
    write: async (chunk) => {
      for (let at = 0; at < chunk.byteLength;) {
        const piece = chunk.subarray(at, at + PART_BYTES - filled)
        part.set(piece, filled)
        filled += piece.byteLength
        at += piece.byteLength
        if (filled === PART_BYTES) await flush()
      }
    },
    close: async () => {
      if (filled > 0 || parts.length === 0) await flush()
      await (await upload).complete(parts)
    },
    abort: async () => (await upload).abort(),
    stored: upload,
  }
}

function join(chunks: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.byteLength
  }
  return all
}
