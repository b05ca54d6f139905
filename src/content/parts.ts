// Where the parts of content lie: what a store of bytes has to do, and R2 as such a store.
import { partsOnDisk } from './parts-on-disk.ts'

/** All parts of content have this size, but for its last one. */
export const PART_BYTES = 4 * 1024 * 1024

export type Parts = {
  put: (key: string, bytes: Uint8Array) => Promise<void>
  /** A piece of what was put there. Nothing where it is not there, or not as long. */
  get: (key: string, offset: number, lengthBytes: number) => Promise<ReadableStream<Uint8Array> | undefined>
  /** The keys that begin with this, one page after the other. */
  list: (prefix: string, cursor?: string) => Promise<{ keys: string[]; cursor?: string }>
  deleteByPrefix: (prefix: string) => Promise<void>
}

/** The key of a part. Content that is empty has none. */
export const partKey = (contentKey: string, number: number): string => `${contentKey}/${number}`
/** The key of the content that a part is of: the sandbox, and the transfer that brought it. */
export const contentKeyIn = (partKey: string): string => partKey.split('/', 2).join('/')

export const deleteParts = (parts: Parts, contentKey: string): Promise<void> => parts.deleteByPrefix(`${contentKey}/`)

/** Where this Worker's content lies: in its bucket, or on the disk that the command and `start()` give it instead. */
export const partsOf = (env: { CONTENT: R2Bucket; BYTES?: Fetcher }): Parts =>
  env.BYTES ? partsOnDisk(env.BYTES) : partsInBucket(env.CONTENT)

function partsInBucket(bucket: R2Bucket): Parts {
  const list: Parts['list'] = async (prefix, cursor) => {
    const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) })
    return { keys: page.objects.map(({ key }) => key), ...(page.truncated && { cursor: page.cursor }) }
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
      let cursor: string | undefined
      do {
        const page = await list(prefix, cursor)
        if (page.keys.length > 0) await bucket.delete(page.keys)
        cursor = page.cursor
      } while (cursor !== undefined)
    },
  }
}
