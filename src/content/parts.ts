// Where the parts of content lie: what a store of bytes has to do.

/** All parts of content have this size, but for its last one. */
export const PART_BYTES = 4 * 1024 * 1024

/** A part is one call of the platform's services, of which one request has 20,000. The others are for reports: a day of them. */
export const CONTENT_LIMIT_BYTES = 9_000 * PART_BYTES

export type Parts = {
  put: (key: string, bytes: Uint8Array) => Promise<void>
  /** A piece of what was put there. Nothing where it is not there, or not as long. */
  get: (key: string, offset: number, lengthBytes: number) => Promise<ReadableStream<Uint8Array> | undefined>
  /** The keys that begin with this, one page after the other. */
  list: (prefix: string) => AsyncIterable<string[]>
  deleteByPrefix: (prefix: string) => Promise<void>
}

/** The key of a part. Content that is empty has none. */
export const partKey = (contentKey: string, number: number): string => `${contentKey}/${number}`
/** The key of the content that a part is of: the sandbox, and the transfer that brought it. */
export const contentKeyIn = (partKey: string): string => partKey.split('/', 2).join('/')

export const deleteParts = (parts: Parts, contentKey: string): Promise<void> => parts.deleteByPrefix(`${contentKey}/`)
