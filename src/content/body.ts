// A body that one reader after the other reads: where the first stops, the next goes on. It can be looked at first: what is
// seen then is read all the same.

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
  readonly #ahead: Promise<ReadableStreamReadResult<Bytes>>[] = []
  /** Nothing is left to be read. */
  isOver = false
  /** Since when a read waits for bytes, if one does. */
  waitsSince: number | undefined

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: 'byob' })
  }

  /** All of the body, where it has at most so many bytes and its end comes within so long. It is read as if nothing had looked. */
  async whole(limitBytes: number, patienceMs: number): Promise<ArrayBuffer | undefined> {
    const chunks: Bytes[] = []
    const until = Date.now() + patienceMs
    try {
      for (let leftBytes = limitBytes; leftBytes >= 0;) {
        const next = this.#next(new Uint8Array(Math.min(PIECE_BYTES, leftBytes + 1)))
        this.#ahead.push(next)
        this.#pending = next.catch(() => undefined)
        const step = await within(until - Date.now(), next)
        if (!step) return undefined
        if (step.done) return await new Blob(chunks).arrayBuffer()
        chunks.push(step.value)
        leftBytes -= step.value.byteLength
      }
    } catch {
      // Its reader meets the same.
    }
    return undefined
  }

  /** The next bytes, in the memory that is given away for them. */
  read(into: Bytes): Promise<ReadableStreamReadResult<Bytes>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadableStreamReadResult<Bytes>>()
    if (this.#left) reject(this.#left)
    else this.#pending = (this.#ahead.length > 0 ? this.#again(into) : this.#next(into)).then(resolve, reject)
    this.#reject = reject
    return promise
  }

  /** Ends the read that waits, and every later one, with an error. The stream stays open: `readAway` reads the rest. */
  leave(why: string): void {
    this.#left = new Error(why)
    this.#reject(this.#left)
  }

  async #again(into: Bytes): Promise<ReadableStreamReadResult<Bytes>> {
    const step = await this.#ahead[0]
    if (!step || step.done) return { done: true, value: undefined }
    const { value } = step
    const rest = value.subarray(into.byteLength)
    if (rest.byteLength > 0) this.#ahead[0] = Promise.resolve({ done: false, value: rest })
    else void this.#ahead.shift()
    into.set(value.subarray(0, into.byteLength))
    return { done: false, value: into.subarray(0, value.byteLength) }
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

/** What work answers; nothing where the time is over before. No timer is left: one that waits keeps an object in memory. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
