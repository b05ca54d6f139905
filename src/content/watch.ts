// What a transfer and its sandbox tell each other while it runs: how far it is, how much more there is room for, and when to stop.
import type { Algorithm } from '../rules/file.ts'
import { CONTENT_LIMIT_BYTES } from './parts.ts'

export type Plan = {
  key: string
  name: string
  algorithms: Algorithm[]
  /** `discard` counts and hashes, and stores nothing. */
  retention: 'keep' | 'discard'
  /** How many bytes there is room for. */
  roomBytes: number
  /** More than so many can never be right. */
  announcedBytes?: number | undefined
  /** Content of up to so many bytes is given to the sandbox with the end, and not to the store. */
  rowBytes: number
  /** For how long the sandbox waits for a sign of life. */
  leaseMs: number
  /** For how long its session waits for new bytes, or its sandbox for a call. */
  idleMs: number
}
/**
 * What a transfer asks of its sandbox: how many bytes it may have in all, or nothing where it is not wanted; and to be told at
 * once when it is not. A fresh stub for each call: one that has failed once may never answer again.
 */
export type Connect = () => {
  reportProgress: (key: string, bytesTransferred: number, isWaiting: boolean) => Promise<number | undefined>
  stopped: (key: string) => Promise<void>
}
/** Why a transfer is to stop. `unheard`: its sandbox has not answered for as long as a lease. */
export type Stop = 'not wanted' | 'store full' | 'too large' | 'more than announced' | 'unheard'
/** How far a transfer was when it was stopped. */
export type Stopped = { type: 'stopped'; why: Stop; bytesTransferred: number }

const FIRST_REPORT_MS = 250
const REPORT_MS = 1000
/** Later a transfer reports as seldom as lease and session allow: the calls of a request are limited. */
const EAGER_MS = 600_000
const AGAIN_MS = 500

export class Watch {
  bytesTransferred = 0
  isOver = false
  /** There is no memory for it: of what has come, nothing is read. */
  isWaiting = false
  readonly stopped: Promise<Stopped>
  readonly #plan: Plan
  readonly #connect: Connect
  readonly #stop: (why: Stop) => void
  /** So long may pass between two reports: one that is late or lost then ends nothing. */
  readonly #longestMs: number
  readonly #begunAt = Date.now()
  #roomBytes: number
  #heardAt = this.#begunAt
  #stirredAt = this.#begunAt
  #isListening = false
  #timer: ReturnType<typeof setTimeout>

  constructor(plan: Plan, connect: Connect) {
    const { promise, resolve } = Promise.withResolvers<Stopped>()
    this.stopped = promise
    this.#stop = (why) => {
      this.end()
      resolve({ type: 'stopped', why, bytesTransferred: this.bytesTransferred })
    }
    this.#plan = plan
    this.#connect = connect
    this.#roomBytes = plan.roomBytes
    this.#longestMs = Math.min(plan.leaseMs, plan.idleMs) / 3
    this.#timer = setTimeout(() => this.#report(), Math.min(FIRST_REPORT_MS, this.#longestMs))
  }

  end(): void {
    this.isOver = true
    clearTimeout(this.#timer)
  }

  /** Whether it has done nothing for as long as its lease: who is alive reports more often. */
  isSilent(): boolean {
    return Date.now() - this.#stirredAt > this.#plan.leaseMs
  }

  count(bytes: number): void {
    this.#stirredAt = Date.now()
    this.bytesTransferred += bytes
    if (this.bytesTransferred > this.#roomBytes) this.#stop('store full')
    if (this.bytesTransferred > CONTENT_LIMIT_BYTES) this.#stop('too large')
    if (this.bytesTransferred > (this.#plan.announcedBytes ?? Infinity)) this.#stop('more than announced')
  }

  async #report(): Promise<void> {
    this.#stirredAt = Date.now()
    try {
      const roomBytes = await this.#connect().reportProgress(this.#plan.key, this.bytesTransferred, this.isWaiting)
      this.#heardAt = Date.now()
      if (roomBytes === undefined) return this.#stop('not wanted')
      this.#roomBytes = roomBytes
      this.count(0)
      this.#listen()
    } catch {
      if (Date.now() - this.#heardAt > this.#plan.leaseMs) this.#stop('unheard')
    }
    if (this.isOver) return
    const eagerMs = Date.now() - this.#begunAt < EAGER_MS ? REPORT_MS : Infinity
    const waitMs = Math.min(eagerMs, this.#longestMs)
    this.#timer = setTimeout(() => this.#report(), waitMs)
  }

  /** From the first report on: a transfer that is over before it asks nothing. Where it fails, the next report listens again. */
  #listen(): void {
    if (this.#isListening || this.isOver) return
    this.#isListening = true
    this.#connect()
      .stopped(this.#plan.key)
      .then(
        () => this.#stop('not wanted'),
        () => (this.#isListening = false),
      )
  }
}

/** Tells the sandbox, again and again for as long as a lease. Whatever is told may be told twice. */
export async function tell<T>(leaseMs: number, call: () => Promise<T>): Promise<T> {
  const until = Date.now() + leaseMs
  for (;;)
    try {
      return await call()
    } catch (error) {
      if (Date.now() + AGAIN_MS > until) throw error
      await scheduler.wait(AGAIN_MS)
    }
}
