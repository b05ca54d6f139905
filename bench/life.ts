// What whole lives of update sessions cost: beside a floor that makes the same calls, and as the sandbox grows.
import { setTimeout as pause } from 'node:timers/promises'
import { interleaved, median, must, ratio, say, timed, type Round } from './load.ts'
import { livesInFloor, sandbox, type Lives } from './sandbox.ts'
import { build, start } from './servers.ts'
import { countSyncs } from './syncs.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 6)
const KIB = 1024
const AT_ONCE = [1, 16]
const ITEMS = 64
const [FEW, MANY] = [100, 100_000]
/** The p50 of a cancel may grow so much, from few sessions to many. */
const GROWTH_LIMIT = 1.2
/** What a life leaves is deleted by then. */
const AFTERWARDS_MS = 2500

/** `least` is how much of the floor's lives per second there must be, by how many are at once. */
type Kind = {
  name: string
  lives: number
  least?: Record<number, number>
  of: (lives: Lives) => (at: number) => Promise<void>
}
const kinds: Kind[] = [
  { name: 'create, cancel, delete', lives: ITEMS, least: { 1: 0.75, 16: 0.6 }, of: (lives) => lives.cancel },
  { ...importOf('64 KiB', 64 * KIB, 48), least: { 1: 0.9, 16: 0.9 } },
  importOf('1 MiB', KIB * KIB, 32),
  importOf('16 MiB', 16 * KIB * KIB, 16),
]

function importOf(size: string, bytes: number, lives: number): Kind {
  const content = Buffer.alloc(bytes, 'update session')
  return { name: `import of ${size}`, lives, of: (each) => (at) => each.import(at, content) }
}

const startedAt = performance.now()
await build()
await measureSyncs()
await measureLives()
await measureGrowth()
say(`\n${ROUNDS} rounds, the median of each; ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`)

async function measureSyncs(): Promise<void> {
  say(`\nfsyncs per life, one after the other, counted by strace`)
  const [mock, floor] = await Promise.all([start('mock'), start('floor')])
  try {
    const inMock = await sandbox(mock, 'life', { items: ITEMS })
    const inFloor = livesInFloor(floor.url)
    for (const { name, lives: count, of } of kinds) {
      const perLife = async ({ url }: { url: string }, lives: Lives) => {
        const live = of(lives)
        // What one import leaves, the next replaces.
        for (let at = 0; at < count; at += 1) await live(at)
        await pause(AFTERWARDS_MS)
        const calls = await countSyncs(url, async () => {
          for (let at = 0; at < count; at += 1) await live(at)
          await pause(AFTERWARDS_MS)
        })
        return (calls / count).toFixed(2).padStart(6)
      }
      say(`${name.padEnd(24)}floor ${await perLife(floor, inFloor)}   mock ${await perLife(mock, inMock)}`)
    }
  } catch (error) {
    say(`without fsyncs: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await Promise.all([mock.stop(), floor.stop()])
  }
}

async function measureLives(): Promise<void> {
  const [mock, floor] = await Promise.all([start('mock'), start('floor')])
  try {
    const inMock = await sandbox(mock, 'life', { items: ITEMS })
    const inFloor = livesInFloor(floor.url)
    say(`\nlives, p50 in ms and lives per second; a ratio of 1 is as good as the floor`)
    heading(['floor', 'mock', 'ratio'])
    for (const kind of kinds)
      for (const atOnce of AT_ONCE) {
        const loads = [inFloor, inMock].map((lives) => roundOf(kind, lives, atOnce))
        const [floors = [], mocks = []] = await interleaved(ROUNDS, loads)
        const perSecond = ratio(mocks, floors, 'perSecond')
        const ratios = [ratio(floors, mocks, 'p50'), perSecond]
        row(kind.name, atOnce, [shown(floors), shown(mocks), ratios.map((each) => each.toFixed(2)).join(' and ')])
        const least = kind.least?.[atOnce] ?? 0
        must(perSecond >= least, `${kind.name}, ${atOnce} at once: lives per second are below ${least} of the floor's`)
      }
  } finally {
    await Promise.all([mock.stop(), floor.stop()])
  }
}

async function measureGrowth(): Promise<void> {
  const mock = await start('mock', { isOpened: true })
  try {
    const few = await sandbox(mock, 'few', { items: ITEMS, crowd: FEW })
    const many = await sandbox(mock, 'many', { items: ITEMS, crowd: MANY })
    say(`\nas the sandbox grows: ${FEW} and ${MANY} sessions with a file each; a ratio of 1 is no growth of p50`)
    heading([`${FEW}`, `${MANY}`, 'ratio'])
    const cancels: Kind = { name: 'the cancel alone', lives: ITEMS, of: () => () => Promise.resolve() }
    for (const kind of [cancels, ...kinds.slice(0, 3)])
      for (const atOnce of AT_ONCE) {
        const loads = [few, many].map((one) =>
          kind === cancels ? () => one.cancels(atOnce) : roundOf(kind, one, atOnce),
        )
        const [least = [], most = []] = await interleaved(ROUNDS, loads)
        const growth = ratio(most, least, 'p50')
        row(kind.name, atOnce, [shown(least), shown(most), growth.toFixed(2)])
        must(kind !== cancels || growth <= GROWTH_LIMIT, `the p50 of a cancel grows by more than ${GROWTH_LIMIT}`)
      }
  } finally {
    await mock.stop()
  }
}

function roundOf({ lives, of }: Kind, each: Lives, atOnce: number): () => Promise<Round> {
  const live = of(each)
  return () =>
    timed(
      Array.from({ length: lives }, (_, at) => () => live(at)),
      atOnce,
    )
}

function heading(columns: string[]): void {
  say(`${''.padEnd(24)}at once${columns.map((column) => column.padStart(20)).join('')}`)
}

function row(name: string, atOnce: number, columns: string[]): void {
  say(`${name.padEnd(24)}${`${atOnce}`.padStart(7)}${columns.map((column) => column.padStart(20)).join('')}`)
}

function shown(rounds: Round[]): string {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key]))
  return `${of('p50').toFixed(1)} ms ${of('perSecond').toFixed(1)}/s`
}
