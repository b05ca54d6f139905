// Content as one stream: its parts, one after the other. Whole content is checked on its way.
import { crc32 } from 'node:zlib'
import type { Received } from '../rules/file.ts'
import type { Range } from '../rules/range.ts'
import { PART_BYTES, partKey, type Parts } from './parts.ts'

/**
 * Read, checked and passed on at once. A `tee()` passes each chunk of the runtime on in a step of its own, three times as slowly.
 * Each read leaves some kilobytes that only a full collection frees: in pieces of half this size, a download of 2 GiB takes 8 MiB more.
 */
const PIECE_BYTES = 1024 * 1024

const DELETED = 'was deleted while it was downloaded: its file was replaced or removed'

/**
 * Nothing where its first part is not what arrived. What is wrong later breaks the stream off. Both are logged; so is the end of
 * content that no file has any more, which is deleted.
 */
export async function readContent(
  parts: Parts,
  { key, sizeBytes, crc32: checksum }: Received,
  { offset, lengthBytes }: Range,
  isHeld: () => Promise<boolean>,
): Promise<ReadableStream<Uint8Array> | undefined> {
  // There is no part of it.
  if (lengthBytes === 0) return new Blob([]).stream()
  const end = offset + lengthBytes
  const get = async (at: number) => {
    const number = Math.floor(at / PART_BYTES)
    const asked = parts.get(partKey(key, number), at % PART_BYTES, nextPart(at, end) - at)
    const part = await asked.catch((error: unknown) =>
      Promise.reject(new Unreadable(`part ${number}: ${String(error)}`)),
    )
    if (!part) throw new Unreadable(`part ${number} is not there, or too short`)
    return part
  }
  const logWhy = async (why: unknown) => {
    if (!(why instanceof Unreadable)) return
    const isDamaged = await isHeld().catch(() => true)
    console.error(`The content ${key} ${isDamaged ? `cannot be sent as it arrived: ${why.message}` : DELETED}`)
  }
  let coming: ReturnType<typeof get> | undefined = get(offset)
  try {
    await coming
  } catch (error) {
    await logWhy(error)
    return undefined
  }
  const { readable, writable } = new FixedLengthStream(lengthBytes)
  const send = async () => {
    const isChecked = lengthBytes === sizeBytes && checksum !== undefined
    const pass: Pass = isChecked ? checkedPass(checksum) : (part) => part.pipeTo(writable, { preventClose: true })
    let at = offset
    try {
      while (coming) {
        const part = await coming
        const leftBytes = nextPart(at, end) - at
        at += leftBytes
        // Asked for while the one before it is sent.
        coming = at < end ? get(at) : undefined
        coming?.catch(() => undefined)
        await pass(part, writable, { leftBytes, isLast: at === end })
      }
      await writable.close()
    } catch (error) {
      coming?.then((part) => part.cancel()).catch(() => undefined)
      throw error
    }
  }
  const breakOff = async (why: unknown) => {
    await logWhy(why)
    await writable.abort(why)
  }
  send().catch((error: unknown) => breakOff(error).catch(() => undefined)) // a client that leaves ends it, too
  return readable
}

type Pass = (
  part: ReadableStream<Uint8Array>,
  to: WritableStream<Uint8Array>,
  of: { leftBytes: number; isLast: boolean },
) => Promise<void>

/**
 * The last piece goes on once the checksum of all is right. A CRC-32 finds what a disk or a bucket may do to content, at a third
 * of the cost of a SHA: a download of 256 MiB takes 1.3 times as long where a SHA checks it.
 */
function checkedPass(checksum: number): Pass {
  let crc = 0
  let buffer = new Uint8Array(PIECE_BYTES)
  return async (part, to, { leftBytes, isLast }) => {
    const [reader, writer] = [part.getReader({ mode: 'byob' }), to.getWriter()]
    try {
      while (leftBytes > 0) {
        const step: ReadableStreamReadResult<typeof buffer> = await reader.readAtLeast(
          Math.min(PIECE_BYTES, leftBytes),
          buffer,
        )
        const piece = step.value
        if (!piece) throw new Unreadable('a part ends early')
        leftBytes -= piece.byteLength
        crc = crc32(piece, crc)
        if (isLast && leftBytes <= 0 && crc !== checksum) throw new Unreadable('its checksum is not right')
        await writer.write(piece)
        // The read took the buffer away; this is the same memory.
        buffer = new Uint8Array(piece.buffer)
      }
    } finally {
      // A stream that is locked cannot be aborted. Of a part that is not read to its end, nothing more is wanted.
      writer.releaseLock()
      reader.cancel().catch(() => undefined)
    }
  }
}

/** Of an answer that breaks off with what can be tried again, the runtime writes no line of its own. */
class Unreadable extends Error {
  readonly retryable = true
}

/** Where the next part begins, or what is read ends. */
const nextPart = (at: number, end: number): number => Math.min(end, (Math.floor(at / PART_BYTES) + 1) * PART_BYTES)
