// Content as one stream: its parts, one after the other, passed on by the runtime without a step of ours for each chunk.
import { ALGORITHMS, type Received } from '../rules/file.ts'
import { DIGEST_NAMES, hexOf } from './checksum.ts'
import { PART_BYTES, partKey, type Parts } from './parts.ts'

/** What is read of content: so many bytes, from this one on. */
type Piece = { offset: number; lengthBytes: number }

/**
 * Nothing where the first part is not there. What is wrong later breaks the stream off and is logged; the last part of whole
 * content is passed on once the digest is right.
 */
export async function readContent(
  parts: Parts,
  { key, sizeBytes, digests }: Received,
  { offset, lengthBytes }: Piece,
): Promise<ReadableStream<Uint8Array> | undefined> {
  // Of a body of no bytes the runtime reads nothing, so what waits for its reader would wait for ever.
  if (lengthBytes === 0) return new Blob([]).stream()
  const end = offset + lengthBytes
  const get = (at: number) =>
    parts.get(partKey(key, Math.floor(at / PART_BYTES)), at % PART_BYTES, nextPart(at, end) - at)
  const first = await get(offset)
  if (!first) return undefined
  const algorithm = lengthBytes === sizeBytes && ALGORITHMS.find((each) => digests[each] !== undefined)
  const hash = algorithm ? new crypto.DigestStream(DIGEST_NAMES[algorithm]) : undefined
  const { readable, writable } = new FixedLengthStream(lengthBytes)
  const open = { preventClose: true }
  const send = async () => {
    let at = offset
    for (let part: typeof first | undefined = first; ; part = at < end ? await get(at) : undefined) {
      if (!part) throw broken(key, `part ${Math.floor(at / PART_BYTES)} is not there, or too short`)
      at = nextPart(at, end)
      if (!hash) await part.pipeTo(writable, open)
      else {
        const [sent, hashed] = part.tee()
        const passed = hashed.pipeTo(hash, open)
        if (at < end) await Promise.all([sent.pipeTo(writable, open), passed])
        else {
          await passed
          await hash.close()
          if (algorithm && hexOf(await hash.digest) !== digests[algorithm])
            throw broken(key, `its ${algorithm} is not right`)
          await sent.pipeTo(writable, open)
        }
      }
      if (at >= end) return writable.close()
    }
  }
  send().catch((error: unknown) => writable.abort(error).catch(() => undefined)) // a client that leaves ends it, too
  return readable
}

function broken(key: string, why: string): Error {
  console.error(`The content ${key} is not what arrived: ${why}`)
  return new Error(why)
}

/** Where the next part begins, or what is read ends. */
const nextPart = (at: number, end: number): number => Math.min(end, (Math.floor(at / PART_BYTES) + 1) * PART_BYTES)
