// What the runners of the nets and the benches share: the options they are given, and work in lanes.
import { parseArgs } from 'node:util'

/** The options by their usual values, and what stands beside them; a wrong one ends the run, and the usage is shown. */
export function readOptions<T extends Record<string, string | number>>(usage: string, usual: T) {
  try {
    const options = Object.fromEntries(Object.keys(usual).map((name) => [name, { type: 'string' as const }]))
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const read = Object.entries(values).map(([name, value]) => {
      if (typeof usual[name] !== 'number') return [name, value]
      if (!/^\d{1,9}$/.test(value ?? '')) throw new Error(`--${name} wants a whole number, not "${value}".`)
      return [name, Number(value)]
    })
    return { ...usual, ...(Object.fromEntries(read) as Partial<T>), given: positionals }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), usage)
  }
}

export function refuse(why: string, usage: string): never {
  process.stderr.write(`${why}\n${usage}\n`)
  process.exit(2)
}

/** Does the work on all of them, each lane one after the other. */
export async function inLanes<T, L>(all: T[], lanes: L[], work: (one: T, lane: L) => Promise<unknown>): Promise<void> {
  const left = all.values()
  const run = async (lane: L) => {
    for (const one of left) await work(one, lane)
  }
  await Promise.all(lanes.map(run))
}

/** So many at a time. */
export const each = <T>(all: T[], atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> =>
  inLanes(all, [...Array(atOnce).keys()], work)
