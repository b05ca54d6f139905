// What whole lives of update sessions cost: beside a floor that makes the same calls, as the sandbox grows, and beside vcsim.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { COUNTS, DISK } from './counting.ts'
import { ask, fetchBytes, interleaved, median, must, ratio, say, timed, type Round } from './load.ts'
import { cancel, command, launch } from './process.ts'
import { sameSize, sandbox, type Lives } from './sandbox.ts'
import { build, start } from './servers.ts'
import { countSyncs } from './syncs.ts'
import { buildVcsim, cancelInVcsim, livesInVcsim } from './vcsim.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 6)
const KIB = 1024
const AT_ONCE = [1, 16]
const ITEMS = 64
const [FEW, MANY] = [100, 100_000]
/** So many lives are counted, after as many that come first: what one import leaves, the next replaces. */
const COUNTED = 8
/** What a life leaves is deleted by then. */
const AFTERWARDS_MS = 2500

/** `least` is how much of the floor's lives per second there must be, by how many are at once. */
type Kinds = {
  name: string
  lives: number
  least?: Record<number, number>
  of: (lives: Lives) => (at: number) => Promise<void>
}
const kinds: Kinds[] = [
  { name: 'create, cancel, delete', lives: ITEMS, least: { 1: 0.75, 16: 0.6 }, of: (lives) => lives.cancel },
  { ...importOf('64 KiB', 64 * KIB, 48), least: { 1: 0.9, 16: 0.9 } },
  importOf('1 MiB', KIB * KIB, 32),
  importOf('16 MiB', 16 * KIB * KIB, 16),
]

function importOf(size: string, bytes: number, lives: number): Kinds {
  const content = Buffer.alloc(bytes, 'update session')
  return { name: `import of ${size}`, lives, of: (each) => (at) => each.import(at, content) }
}

const startedAt = performance.now()
const folder = await mkdtemp(join(tmpdir(), 'bench-life-'))
say('building the mock, the floor and vcsim')
await build()
await promisify(execFile)('npm', ['run', '-s', 'build:node'])
const vcsim = join(folder, 'vcsim')
const noVcsim = await buildVcsim(vcsim).then(
  () => undefined,
  (error: unknown) => (error instanceof Error ? error.message.split('\n', 1)[0] : String(error)),
)
try {
  await measureCalls()
  await measureSyncs()
  await measureLives()
  await measureGrowth()
  await measureStarts()
} finally {
  await rm(folder, { recursive: true, force: true })
}
say(`\n${ROUNDS} rounds, the median of each; ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`)

async function measureCalls(): Promise<void> {
  say(`\ncalls per life, counted over ${COUNTED} lives`)
  for (const kind of ['mock', 'floor'] as const) {
    const server = await start(kind, { as: 'counted' })
    try {
      const lives = kind === 'mock' ? await sandbox(server, 'life', { items: COUNTED }) : livesInFloor(server.url)
      for (const { name, of } of kinds) {
        const live = of(lives)
        const once = async () => {
          for (let at = 0; at < COUNTED; at += 1) await live(at)
        }
        await once()
        await settledCounts(server.url)
        await once()
        const counts = Object.entries(await settledCounts(server.url)).toSorted(([a], [b]) => (a < b ? -1 : 1))
        const sum = (isOf: (name: string) => boolean) =>
          counts.reduce((total, [call, times]) => (isOf(call) ? total + times : total), 0) / COUNTED
        const told = counts.map(([call, times]) => `${call} ${short(times / COUNTED)}`).join(', ')
        say(
          `${name.padEnd(24)}${kind.padEnd(6)} objects ${short(sum((call) => !isOfDisk(call))).padStart(5)}   disk ${short(sum(isOfDisk)).padStart(5)}   ${told}`,
        )
      }
    } finally {
      await server.stop()
    }
  }
}

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

function isOfDisk(call: string): boolean {
  return call.startsWith(`${DISK}.`)
}

/** The counts since the last time, once nothing goes on behind the answers. */
async function settledCounts(url: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (;;) {
    const more = Object.entries(
      JSON.parse(await ask({ method: 'GET', url: `${url}${COUNTS}`, expect: 200 })) as Record<string, number>,
    )
    for (const [name, times] of more) counts[name] = (counts[name] ?? 0) + times
    if (more.length === 0) return counts
    await pause(500)
  }
}

async function measureLives(): Promise<void> {
  const [mock, floor] = await Promise.all([start('mock'), start('floor')])
  const simulator = noVcsim === undefined ? await launch(vcsim, []) : undefined
  try {
    const inMock = await sandbox(mock, 'life', { items: ITEMS })
    const inFloor = livesInFloor(floor.url)
    const inVcsim = simulator && (await livesInVcsim(simulator.url, ITEMS))
    say(`\nlives, p50 in ms and lives per second; a ratio of 1 is as good as the floor`)
    if (noVcsim !== undefined) say(`without vcsim: ${noVcsim}`)
    heading(['floor', 'mock', 'ratio', ...(inVcsim ? ['vcsim'] : [])])
    for (const kind of kinds)
      for (const atOnce of AT_ONCE) {
        const loads = [inFloor, inMock, ...(inVcsim ? [inVcsim] : [])].map((lives) => roundOf(kind, lives, atOnce))
        const [floors = [], mocks = [], simulated] = await interleaved(ROUNDS, loads)
        const perSecond = ratio(mocks, floors, 'perSecond')
        const ratios = [ratio(floors, mocks, 'p50'), perSecond]
        row(kind.name, atOnce, [shown(floors), shown(mocks), pair(ratios), ...(simulated ? [shown(simulated)] : [])])
        const least = kind.least?.[atOnce] ?? 0
        must(perSecond >= least, `${kind.name}, ${atOnce} at once: lives per second are below ${least} of the floor's`)
      }
  } finally {
    await Promise.all([mock.stop(), floor.stop(), simulator?.stop()])
  }
}

async function measureGrowth(): Promise<void> {
  const mock = await start('mock', { as: 'opened' })
  try {
    const few = await sandbox(mock, 'few', { items: ITEMS, crowd: FEW, hasFiles: true })
    const many = await sandbox(mock, 'many', { items: ITEMS, crowd: MANY, hasFiles: true })
    say(`\nas the sandbox grows: ${FEW} and ${MANY} sessions with a file each; a ratio of 1 is no growth of p50`)
    heading([`${FEW}`, `${MANY}`, 'ratio'])
    const cancels: Kinds = { name: 'the cancel alone', lives: ITEMS, of: () => () => Promise.resolve() }
    for (const kind of [cancels, ...kinds.slice(0, 3)])
      for (const atOnce of AT_ONCE) {
        const loads = [few, many].map((one) =>
          kind === cancels ? () => one.cancels(atOnce) : roundOf(kind, one, atOnce),
        )
        const [least = [], most = []] = await interleaved(ROUNDS, loads)
        row(kind.name, atOnce, [shown(least), shown(most), ratio(most, least, 'p50').toFixed(2)])
      }
  } finally {
    await mock.stop()
  }
}

async function measureStarts(): Promise<void> {
  const mocks: number[] = []
  const simulators: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    mocks.push(await command(process.execPath, ['dist/node/command.js', '--port', '0'], cancel))
    if (noVcsim === undefined) simulators.push(await command(vcsim, [], cancelInVcsim))
  }
  const [mock, simulator] = [median(mocks), median(simulators)]
  say(`\nfrom the start of a process to the first cancel that is answered: ${mock.toFixed(0)} ms`)
  say(
    noVcsim === undefined
      ? `of vcsim ${simulator.toFixed(0)} ms; the mock takes ${(mock / simulator).toFixed(2)} of its time`
      : `without vcsim: ${noVcsim}`,
  )
}

function roundOf({ lives, of }: Kinds, each: Lives, atOnce: number): () => Promise<Round> {
  const live = of(each)
  return () =>
    timed(
      Array.from({ length: lives }, (_, at) => () => live(at)),
      atOnce,
    )
}

/** Request by request what the mock is asked, but for the login, which the floor has not. */
function livesInFloor(url: string): Lives {
  const create = async () => JSON.parse(await ask({ method: 'POST', url: `${url}/life`, expect: 201 })) as string
  const act = (id: string, action: string) =>
    ask({ method: 'POST', url: `${url}/life/${id}?action=${action}`, expect: 204 })
  const end = (id: string) => ask({ method: 'DELETE', url: `${url}/life/${id}`, expect: 204 })
  return {
    async cancel() {
      const id = await create()
      await act(id, 'cancel')
      await end(id)
    },
    async import(_, content) {
      const id = await create()
      await ask({ method: 'POST', url: `${url}/life/${id}/file`, body: { name: 'disk.vmdk' }, expect: 201 })
      await ask({ method: 'PUT', url: `${url}/life/${id}/bytes`, body: content, expect: 200 })
      await act(id, 'complete')
      await ask({ method: 'GET', url: `${url}/life/${id}`, expect: 200 })
      sameSize(content, await fetchBytes({ method: 'GET', url: `${url}/life/${id}/bytes`, expect: 200 }))
      await end(id)
    },
  }
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

function pair(ratios: number[]): string {
  return ratios.map((each) => each.toFixed(2)).join(' and ')
}

function short(times: number): string {
  return Number.isInteger(times) ? `${times}` : times.toFixed(2)
}
