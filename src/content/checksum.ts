// Digests of a stream as it passes, and its CRC-32.
import { crc32 } from 'node:zlib'
import type { Algorithm, Digests } from '../rules/file.ts'
import { hexOf } from '../rules/hex.ts'

/** As the platform calls it: `SHA-256`, `MD5`. */
export const digestName = (algorithm: Algorithm): string => algorithm.replace('SHA', 'SHA-')

export class Checksums {
  crc32 = 0
  readonly #streams: { algorithm: Algorithm; digest: Promise<ArrayBuffer>; writer: WritableStreamDefaultWriter }[]

  constructor(algorithms: Algorithm[]) {
    this.#streams = algorithms.map((algorithm) => {
      const stream = new crypto.DigestStream(digestName(algorithm))
      return { algorithm, digest: stream.digest, writer: stream.getWriter() }
    })
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.crc32 = crc32(chunk, this.crc32)
    await Promise.all(this.#streams.map(({ writer }) => writer.write(chunk)))
  }

  async close(): Promise<Digests> {
    const digests: Digests = {}
    for (const { algorithm, digest, writer } of this.#streams) {
      await writer.close()
      digests[algorithm] = hexOf(await digest)
    }
    return digests
  }
}
