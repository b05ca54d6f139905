// The runtime's process, as miniflare spawns it. miniflare waits for ever for one that cannot be started or says nothing,
// so it is watched from its first moment until it listens.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { clearTimeout, setTimeout } from 'node:timers'

/** A start takes less than a second; on a busy machine, a few. */
const START_LIMIT_MS = 15_000
/** For its end after miniflare has given up. */
const END_LIMIT_MS = 3000
/** Of what it writes, in characters. */
const WRITTEN_LIMIT = 4000

const NEEDS =
  'It needs Linux with glibc 2.35 or newer, macOS 13.5 or newer, or Windows, on x64 or arm64. ' +
  'Alpine and other systems with musl are not supported.'

/** The runtime does not run here: why, what it wrote, and what it needs. */
export class RuntimeFailure extends Error {
  constructor(reason: string, written = '') {
    const text = written.trim()
    super(`The runtime (workerd) did not start: ${reason}.${text === '' ? '' : `\nIt wrote:\n${text}`}\n${NEEDS}`)
  }
}

const watchers = new AsyncLocalStorage<(child: ChildProcess) => void>()
subscribe('child_process', (message) => watchers.getStore()?.((message as { process: ChildProcess }).process))

export type Watched<T> = {
  made: T
  /** The port for clients when all is ready; a `RuntimeFailure` where it never is. */
  listening: Promise<number>
}

/** Watches the one process that is spawned by what `make` makes. */
export function watchRuntime<T extends { ready: Promise<unknown> }>(make: () => T): Watched<T> {
  const port = Promise.withResolvers<number>()
  const failed = Promise.withResolvers<never>()
  let [written, told] = ['', '']
  let child: ChildProcess | undefined
  let isOver = false

  function fail(reason: string): void {
    failed.reject(new RuntimeFailure(reason, written))
    child?.kill('SIGKILL')
    // miniflare waits for both before it can be disposed of, and a process that could not be started has neither.
    if (child?.stdin?.listenerCount('error')) child.stdin.emit('error', new Error(reason))
    if (child?.pid === undefined) child?.emit('exit', null, null)
  }
  const read = (chunk: unknown) => void (written = (written + String(chunk)).slice(-WRITTEN_LIMIT))
  function hear(chunk: unknown): void {
    told += String(chunk)
    const found = portIn(told)
    if (found !== undefined) port.resolve(found)
  }
  const watch = (spawned: ChildProcess) => {
    child = spawned
    child.once('error', ({ message }) => fail(message))
    child.once('close', (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`))
    child.once('spawn', () => {
      spawned.stderr?.on('data', read)
      spawned.stdio[3]?.on('data', hear)
    })
  }

  const made = watchers.run((spawned) => (child ? undefined : watch(spawned)), make)
  let timer = setTimeout(() => fail(`it did not listen within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS)
  const giveUp = (error: unknown) => {
    if (isOver) return failed.promise
    if (!child) throw error // of miniflare's own, before it came to the runtime
    clearTimeout(timer)
    // The process says more than its broken pipes do, if it ends by itself.
    timer = setTimeout(() => fail(error instanceof Error ? error.message : String(error)), END_LIMIT_MS)
    return failed.promise
  }
  const listening = Promise.race([Promise.all([port.promise, made.ready.catch(giveUp)]), failed.promise])
    .then(([found]) => found)
    .finally(() => {
      isOver = true
      clearTimeout(timer)
      child?.stderr?.off('data', read)
      child?.stdio[3]?.off('data', hear)
    })
  return { made, listening }
}

/** The runtime says on its control channel, a line of JSON each, where it listens; `entry` is the socket for clients. */
function portIn(lines: string): number | undefined {
  const [, port] = /"socket":"entry","port":(\d+)/.exec(lines) ?? []
  return port === undefined ? undefined : Number(port)
}
