// Node's own clock and timers for miniflare and for us. A test may have replaced the global ones (vi.useFakeTimers, sinon,
// Jest): they never fire by themselves, and miniflare, which reads them when it is called, would wait for ever.
import { AsyncLocalStorage } from 'node:async_hooks'
import * as timers from 'node:timers'

type Held = { owner: object; name: string; real: (earliest: number) => unknown }
const nextTick = process.nextTick.bind(process)

/** Fakes replace the globals alone: what a built-in module exports stays as it is. */
const HELD: Held[] = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const).map(
    (name) => ({ owner: globalThis, name, real: () => timers[name] }),
  ),
  { owner: globalThis, name: 'queueMicrotask', real: () => (run: () => void) => void Promise.resolve().then(run) },
  { owner: process, name: 'nextTick', real: () => nextTick },
  { owner: globalThis, name: 'Date', real: dateFrom },
]

/** Holds, for a call and all that it awaits, the earliest moment that its clock may show. */
const calls = new AsyncLocalStorage<number>()
let running = 0
let release = () => undefined as void

/**
 * Runs with Node's timers, and a clock that shows `earliest` at least. Every other caller sees what it saw before, may
 * turn its fakes on and off meanwhile, and finds them as it left them.
 */
export async function inRealTime<T>(run: () => Promise<T>, earliest = 0): Promise<T> {
  if (running === 0) release = hold()
  running += 1
  try {
    return await calls.run(earliest, run)
  } finally {
    running -= 1
    if (running === 0) release()
  }
}

function hold(): () => void {
  const releases = HELD.map(({ owner, name, real }) => {
    const before = Object.getOwnPropertyDescriptor(owner, name)
    // One that cannot be replaced has not been replaced either.
    if (before?.configurable === false) return () => undefined
    let value = Reflect.get(owner, name) as unknown
    Object.defineProperty(owner, name, {
      configurable: true,
      enumerable: before?.enumerable ?? true,
      get: () => {
        const earliest = calls.getStore()
        return earliest === undefined ? value : real(earliest)
      },
      set: (other: unknown) => {
        value = other
      },
    })
    return () =>
      Object.defineProperty(owner, name, {
        configurable: true,
        enumerable: before?.enumerable ?? true,
        writable: true,
        value,
      })
  })
  return () => releases.forEach((each) => each())
}

const { Date: SystemDate } = globalThis
function dateFrom(earliest: number): DateConstructor {
  if (SystemDate.now() >= earliest) return SystemDate
  return class extends SystemDate {
    constructor(...args: [] | [number]) {
      super(...(args.length === 0 ? ([earliest] as const) : args))
    }
    static override now = () => earliest
  } as DateConstructor // called as a function, which miniflare does not do, it would throw
}
