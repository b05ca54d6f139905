// A body that one reader after the other reads: where the first stops, the next goes on. It can be looked at first: what is
// seen then is read all the same. Bytes come into a piece of its own memory and are copied from there, so that a transfer needs no
// buffer while it waits for them.

/** After one that was filled: a body that comes fast. */
export const PIECE_BYTES = 524_288
/** At first, and after one that was not filled while another transfer waits for memory: one that sends no more waits with this. */
const FIRST_PIECE_BYTES = 65_536

const LOOK_MS = 250
const FOREVER_MS = 2 ** 31 - 1

/** How much is read away, for how long, and how long without anything coming. */
type Limits = { sizeBytes: number; durationMs: number; idleMs: number }
type Bytes = Uint8Array<ArrayBuffer>

export class Body {
  readonly #reader: ReadableStreamBYOBReader
  #memory: ArrayBuffer
  /** Of the piece, which a read that waits has. The runtime takes as much memory again for it, and copies from there. */
  pieceBytes: number
  /** The last piece was filled. */
  #isFast = false
  /** What has come, and is not taken. */
  readonly #come: Bytes[] = []
  /** A stream has one pending read at most, and only a cancel takes it back. What ends or breaks the body stays here. */
  #coming: Promise<boolean> | undefined
  /** Nothing is left to be read. */
  isOver = false
  /** Since when a read waits for bytes, if one does. */
  waitsSince: number | undefined

  /** A body of known length has room for its end, which only a read tells. */
  constructor(stream: ReadableStream<Uint8Array>, lengthBytes = FIRST_PIECE_BYTES) {
    this.#reader = stream.getReader({ mode: 'byob' })
    this.pieceBytes = Math.min(FIRST_PIECE_BYTES, lengthBytes + 1)
    this.#memory = new ArrayBuffer(this.pieceBytes)
  }

  /** Waits until there is something to take, or the end: whether there is. With little memory, where others want it. */
  async comes(isMemoryWanted = false): Promise<boolean> {
    if (this.#come.length > 0) return true
    this.#coming ??= this.#read(isMemoryWanted)
    return this.#coming
  }

  /** Copies what has come into this memory, as far as it has room; answers how much. */
  take(into: Bytes): number {
    const piece = this.#come.shift()
    const taken = piece?.subarray(0, into.byteLength) ?? into.subarray(0, 0)
    into.set(taken)
    if (piece && taken.byteLength < piece.byteLength) this.#come.unshift(piece.subarray(taken.byteLength))
    return taken.byteLength
  }

  /** All of the body, where it has at most so many bytes and its end comes within so long. It is read as if nothing had looked. */
  async whole(limitBytes: number, patienceMs = FOREVER_MS): Promise<ArrayBuffer | undefined> {
    const seen: Bytes[] = []
    const until = Date.now() + patienceMs
    try {
      for (let leftBytes = limitBytes; leftBytes >= 0;) {
        const isMore = await within(until - Date.now(), this.comes())
        if (isMore === undefined) return undefined
        if (!isMore) return await new Blob(seen).arrayBuffer()
        // The memory of a piece is used again.
        const pieces = this.#come.splice(0).map((piece) => piece.slice())
        for (const { byteLength } of pieces) leftBytes -= byteLength
        seen.push(...pieces)
      }
      return undefined
    } finally {
      this.#come.unshift(...seen)
    }
  }

  async #read(isMemoryWanted: boolean): Promise<boolean> {
    this.waitsSince = Date.now()
    if (isMemoryWanted && !this.#isFast) this.pieceBytes = Math.min(FIRST_PIECE_BYTES, this.pieceBytes)
    const isOfSize = this.#memory.byteLength === this.pieceBytes
    const memory = isOfSize ? this.#memory : this.#memory.transfer(this.pieceBytes)
    const { value, done } = await this.#reader.read(new Uint8Array(memory))
    this.waitsSince = undefined
    this.isOver = done
    if (done) return false
    this.#memory = value.buffer
    this.#isFast = value.byteLength === this.pieceBytes
    if (this.#isFast) this.pieceBytes = PIECE_BYTES
    this.#come.push(value)
    this.#coming = undefined
    return true
  }

  /** Reads what is left, within these limits. */
  async readAway({ sizeBytes, durationMs, idleMs }: Limits): Promise<void> {
    if (this.isOver) return
    const startedAt = Date.now()
    let heardAt = startedAt
    const watch = setInterval(() => {
      if (Date.now() - heardAt < idleMs && Date.now() - startedAt < durationMs) return
      this.#reader.cancel().catch(() => undefined)
    }, LOOK_MS)
    try {
      for (let leftBytes = sizeBytes; leftBytes > 0 && (await this.comes());) {
        heardAt = Date.now()
        for (const piece of this.#come.splice(0)) leftBytes -= piece.byteLength
      }
    } catch {
      // The client has gone.
    } finally {
      this.isOver = true
      clearInterval(watch)
    }
  }
}

/** What work answers; nothing where the time is over before. No timer is left: one that waits keeps an object in memory. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
