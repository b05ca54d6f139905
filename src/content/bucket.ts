// R2 as a store of parts, and which store a Worker has.
import { partsOnDisk } from './parts-on-disk.ts'
import type { Parts } from './parts.ts'

/** Where this Worker's content lies: in its bucket, or on the disk that the command and `start()` give it instead. */
export const partsOf = (env: { CONTENT: R2Bucket; BYTES?: Fetcher }): Parts =>
  env.BYTES ? partsOnDisk(env.BYTES) : partsInBucket(env.CONTENT)

/** What clients are told where that store takes no content. */
export const whyRefused = ({ BYTES_FOLDER }: { BYTES_FOLDER?: string }): string =>
  BYTES_FOLDER === undefined
    ? 'its store is out of order'
    : `nothing can be written to ${BYTES_FOLDER}, where its disk may be full`

function partsInBucket(bucket: R2Bucket): Parts {
  async function* list(prefix: string): AsyncGenerator<string[]> {
    let cursor: string | undefined
    do {
      const page: R2Objects = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) })
      yield page.objects.map(({ key }) => key)
      cursor = page.truncated ? page.cursor : undefined
    } while (cursor !== undefined)
  }
  return {
    put: async (key, bytes) => void (await bucket.put(key, bytes)),
    get: async (key, offset, length) => {
      const object = await bucket.get(key, { range: { offset, length } })
      if (object && object.size >= offset + length) return object.body
      await object?.body.cancel()
      return undefined
    },
    list,
    deleteByPrefix: async (prefix) => {
      for await (const keys of list(prefix)) if (keys.length > 0) await bucket.delete(keys)
    },
  }
}
