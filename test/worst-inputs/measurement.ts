// How the cost of a call grows with its text. Runs in a thread of its own, so that a call without an end can be ended.
import { parentPort } from 'node:worker_threads'
import { literalsOf } from './literals.ts'
import { callsIn, paths, type Call } from './subjects.ts'

/** Where a text four times as long takes more than six times as long, the cost grows faster than the text. */
const GROWTH = 6
const [SHORT, LONG] = [16_384, 65_536]
/** What takes less for the long text is quick enough. A cost that grows with the square takes many times as much. */
const FLOOR_MS = 10
/** The time of the processor is told in steps of some milliseconds: so many hold enough of them. */
const ENOUGH_MS = 100
const TRIES = 2
/** After these a pattern that fits a row of the same text does not fit any more, and goes back. */
const ENDS = ['', '!\n']

for (const path of paths)
  for (const [name, calls = []] of await callsIn(path))
    for (const [index, call] of calls.entries())
      for (const literal of literalsOf(path))
        for (const end of ENDS) {
          const at = `${path} ${name} (call ${index + 1}) of a row of ${JSON.stringify(literal)}${end && ', then !'}`
          // Told before it is tried: a call without an end is the last that is heard of.
          tell({ at })
          const problem = await problemOf(call, (length) => rowOf(literal, length - end.length) + end)
          if (problem) tell({ at, problem })
        }

function tell(said: { at: string; problem?: string }): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(said)
}

async function problemOf(call: Call, textOf: (length: number) => string): Promise<string | undefined> {
  const [short, long] = [textOf(SHORT), textOf(LONG)]
  try {
    const startedAt = performance.now()
    await call(long)
    if (performance.now() - startedAt < FLOOR_MS) return undefined
    let [shortMs, longMs] = [0, Infinity]
    for (let tries = 0; tries < TRIES; tries += 1) {
      longMs = Math.min(longMs, await msOf(call, long))
      if (longMs < FLOOR_MS) return undefined
      shortMs = await msOf(call, short)
      if (longMs <= shortMs * GROWTH) return undefined
    }
    return `${shortMs.toFixed(1)} ms for ${SHORT} characters, ${longMs.toFixed(1)} ms for ${LONG}`
  } catch (error) {
    return `throws ${String(error)}`
  }
}

/** Of this thread's own work: a machine that is busy with something else makes no call slow. */
async function msOf(call: Call, text: string): Promise<number> {
  const before = process.threadCpuUsage()
  for (let calls = 1; ; calls += 1) {
    await call(text)
    const { user, system } = process.threadCpuUsage(before)
    const usedMs = (user + system) / 1000
    if (usedMs >= ENOUGH_MS) return usedMs / calls
  }
}

function rowOf(literal: string, length: number): string {
  return literal.repeat(Math.ceil(length / literal.length)).slice(0, length)
}
