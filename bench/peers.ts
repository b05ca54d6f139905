// The mock beside what one would pick instead: calls per second, the start, memory, and what is installed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { listen } from '../test/support/listen.ts'
import { median, say } from './load.ts'
import { INSTALLED, sizeOf } from './peers/install.ts'
import { peers, type Life, type Peer } from './peers/peers.ts'
import { open, type Connection } from './peers/wire.ts'
import { memoryOf } from './servers.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
/** How long a round of one peer takes. */
const ROUND_MS = 1500
const AT_ONCE = 16
const LIVES = 10_000
const CALLS_OF_A_LIFE = 4
const START_MS = 30_000

type Running = { port: number; pid: number; life: Life; lives: number; stop: () => Promise<void> }
type Figures = {
  alone: number[]
  atOnce: number[]
  startMs: number[]
  idleMib: number
  usedMib: number
  sizeMb: number
}

await mkdir(INSTALLED, { recursive: true })
const missing = new Map<string, string>()
const folders = new Map<Peer, string>()
for (const peer of peers) {
  say(`installing ${peer.name}`)
  try {
    folders.set(peer, await peer.install())
  } catch (error) {
    missing.set(peer.name, error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error))
  }
}
const startedAt = performance.now()
const figures = new Map<Peer, Figures>()
for (const [peer, folder] of folders)
  figures.set(peer, {
    alone: [],
    atOnce: [],
    startMs: [],
    idleMib: 0,
    usedMib: 0,
    sizeMb: await sizeOf(`${folder}/${peer.size}`),
  })
await measureStarts()
await measureLives()
report()

async function measureStarts(): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [peer, { startMs }] of figures) {
      const beganAt = performance.now()
      const running = await start(peer, 1)
      startMs.push(performance.now() - beganAt)
      await running.stop()
    }
}

/** All stand by while one is asked. */
async function measureLives(): Promise<void> {
  const running = new Map<Peer, Running>()
  try {
    for (const [peer, found] of figures) {
      say(`starting ${peer.name}`)
      const started = await start(peer, AT_ONCE)
      running.set(peer, started)
      found.idleMib = memoryOf(started.pid)
    }
    // The first warms up.
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const [peer, started] of running) {
        say(`round ${round} of ${peer.name}`)
        const [alone, atOnce] = [await callsPerSecond(started, 1), await callsPerSecond(started, AT_ONCE)]
        if (round > 0) figures.get(peer)?.alone.push(alone)
        if (round > 0) figures.get(peer)?.atOnce.push(atOnce)
      }
    for (const [peer, started] of running) {
      say(`${LIVES} lives of ${peer.name}`)
      await live(started, AT_ONCE, () => started.lives >= LIVES)
      const found = figures.get(peer)
      if (found) found.usedMib = memoryOf(started.pid)
    }
  } finally {
    for (const { stop } of running.values()) await stop()
  }
}

async function callsPerSecond(running: Running, atOnce: number): Promise<number> {
  const [beganAt, before] = [performance.now(), running.lives]
  await live(running, atOnce, () => performance.now() - beganAt >= ROUND_MS)
  return ((running.lives - before) * CALLS_OF_A_LIFE * 1000) / (performance.now() - beganAt)
}

async function live(running: Running, atOnce: number, isEnough: () => boolean): Promise<void> {
  const lane = async (_: unknown, at: number) => {
    const { ask, close } = await open(running.port)
    while (!isEnough()) {
      await running.life(ask, at)
      running.lives += 1
    }
    close()
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/** Until its first whole life is over. */
async function start(peer: Peer, lanes: number): Promise<Running> {
  // One that nothing listens on at this moment.
  const { port, stop: free } = await listen(() => undefined)
  await free()
  const [command = '', ...args] = await peer.prepare(folders.get(peer) ?? '', port)
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'], detached: true })
  const ended = once(child, 'exit')
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  try {
    const { ask, close } = await whenOpen(port)
    const life = await peer.begin(ask, lanes)
    await life(ask, 0)
    close()
    return { port, pid: child.pid ?? 0, life, lives: 1, stop }
  } catch (error) {
    await stop()
    throw new Error(`${peer.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

async function whenOpen(port: number): Promise<Connection> {
  const until = performance.now() + START_MS
  for (;;)
    try {
      return await open(port)
    } catch (error) {
      if (performance.now() > until) throw error
      await pause(2)
    }
}

function report(): void {
  const model = cpus()[0]?.model ?? 'a processor'
  say(`\n${cpus().length} × ${model}, Node ${process.version}, ${ROUNDS} rounds in alternation, the median of each`)
  say(
    'A life is create, cancel, cancel again, delete; calls per second. Prism, Mockoon and json-server check nothing.\n',
  )
  const header = ['', '1 at once', `${AT_ONCE} at once`, 'first whole life after']
  const rows = [...figures].map(([{ name }, { alone, atOnce, startMs, idleMib, usedMib, sizeMb }]) => [
    name,
    whole(median(alone)),
    whole(median(atOnce)),
    `${(median(startMs) / 1000).toFixed(2)} s`,
    `${whole(idleMib)} → ${whole(usedMib)} MiB`,
    `${sizeMb} MB`,
  ])
  for (const row of [
    [...header, `memory idle → after ${whole(LIVES)} lives`, 'installed'],
    Array(6).fill('---'),
    ...rows,
  ])
    say(`| ${row.join(' | ')} |`)
  for (const [name, reason] of missing) say(`| ${name} | not measured: ${reason} | | | | |`)
  say(`\n${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes after the installation`)
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}
