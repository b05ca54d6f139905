// What happens in a sandbox, told to whoever watches: JSON, a line each.

/** So many may watch one sandbox. */
const WATCHERS_LIMIT = 20
/** Whoever reads so much too slowly is let go, and may come again. */
const BACKLOG_BYTES = 1024 * 1024
/** Silence for longer, and proxies take a connection for dead. */
const BEAT_MS = 15_000
const GATHER_MS = 250

export class Feed {
  readonly #watchers = new Set<WritableStreamDefaultWriter<Uint8Array>>()
  #beat: ReturnType<typeof setInterval> | undefined
  #isGathering = false

  /** Nothing when too many watch already. */
  watch(): ReadableStream<Uint8Array> | undefined {
    if (this.#watchers.size >= WATCHERS_LIMIT) {
      // Who has gone without a word makes room for the next who asks.
      this.tell(() => ({ type: 'beat' }))
      return undefined
    }
    const { readable, writable } = new IdentityTransformStream({ highWaterMark: BACKLOG_BYTES })
    this.#watchers.add(writable.getWriter())
    this.#beat ??= setInterval(() => this.tell(() => ({ type: 'beat' })), BEAT_MS)
    this.tell(() => ({ type: 'beat' }))
    return readable
  }

  /** The event is made only where somebody hears it. */
  tell(event: () => object): void {
    if (this.#watchers.size === 0) return
    const line = new TextEncoder().encode(`${JSON.stringify(event())}\n`)
    for (const watcher of this.#watchers) {
      if ((watcher.desiredSize ?? 0) <= 0) void this.#drop(watcher)
      else watcher.write(line).catch(() => this.#drop(watcher))
    }
  }

  /** Something has changed, at least once: told once for all that changes at about the same time. */
  changed(): void {
    if (this.#watchers.size === 0 || this.#isGathering) return
    this.#isGathering = true
    setTimeout(() => {
      this.#isGathering = false
      this.tell(() => ({ type: 'change' }))
    }, GATHER_MS)
  }

  async #drop(watcher: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    this.#watchers.delete(watcher)
    if (this.#watchers.size === 0 && this.#beat !== undefined) {
      clearInterval(this.#beat)
      this.#beat = undefined
    }
    await watcher.abort().catch(() => undefined) // it has gone already
  }
}
