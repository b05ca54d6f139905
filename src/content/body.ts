// A body that one reader after the other reads: where the first stops, the next goes on.

/** Read away in pieces of this size, which are forgotten. */
const PIECE_BYTES = 65_536

const LOOK_MS = 250

/** How much is read away, for how long, and how long without anything coming. */
type Limits = { sizeBytes: number; durationMs: number; idleMs: number }
type Bytes = Uint8Array<ArrayBuffer>

/** A stream has one pending read at most, and only a cancel takes it back: so it is remembered who waits for it. */
export class Body {
  #reader: ReadableStreamBYOBReader
  #pending: Promise<unknown> = Promise.resolve()
  #reject: (why: Error) => void = () => undefined
  #left: Error | undefined
  /** Nothing is left to be read. */
  isOver = false
  /** Since when a read waits for bytes, if one does. */
  waitsSince: number | undefined

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: 'byob' })
  }

  /** The next bytes, in the memory that is given away for them. */
  read(into: Bytes): Promise<ReadableStreamReadResult<Bytes>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadableStreamReadResult<Bytes>>()
    if (this.#left) reject(this.#left)
    else this.#pending = this.#next(into).then(resolve, reject)
    this.#reject = reject
    return promise
  }

  /** Ends the read that waits, and every later one, with an error. The stream stays open: `readAway` reads the rest. */
  leave(why: string): void {
    this.#left = new Error(why)
    this.#reject(this.#left)
  }

  async #next(into: Bytes): Promise<ReadableStreamReadResult<Bytes>> {
    this.waitsSince = Date.now()
    const step = await this.#reader.read(into)
    this.waitsSince = undefined
    this.isOver = step.done
    return step
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
      await this.#pending
      let piece = new Uint8Array(PIECE_BYTES)
      for (let leftBytes = sizeBytes; leftBytes > 0;) {
        const { value, done } = await this.#next(piece)
        if (done) return
        heardAt = Date.now()
        leftBytes -= value.byteLength
        piece = new Uint8Array(value.buffer)
      }
    } catch {
      // The client has gone.
    } finally {
      this.isOver = true
      clearInterval(watch)
    }
  }
}
