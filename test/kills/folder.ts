// The state folder of the command after many cancels and kills of uploads: no larger than what is stored.
import { ok } from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PART_BYTES } from '../../src/content/parts.ts'
import { launch, processesBelow } from '../support/process.ts'
import { add, aWorld, begin, end, fileOf, push, soon, startPush, type World } from './claims.ts'
import type { Mock } from './mock.ts'
import { LARGE_BYTES, MEDIUM_BYTES } from './source.ts'

const COMMAND = new URL('../../dist/node/command.js', import.meta.url).pathname
/** So long after the last restart the folder is measured. */
const REST_MS = 30_000
/** After so many of them, a file is stored that stays. */
const PUBLISH_EVERY = 5

/** Cancels and kills so many uploads each, at least one part of which has arrived. Answers whether the folder is as it should be. */
export async function measureFolder(times: number, say: (text: string) => void): Promise<boolean> {
  const state = await mkdtemp(join(tmpdir(), 'folder-'))
  let mock = await startCommand(state)
  let storedBytes = 0
  try {
    for (let at = 0; at < times; at += 1) {
      const cancelled = await uploading(mock.url)
      await end(cancelled.world, cancelled.claim, 'CANCELED')
      ok((await cancelled.upload.status) >= 400)
      if (at % PUBLISH_EVERY === 0) storedBytes += await publish(mock.url)
      const killed = await uploading(mock.url)
      await mock.kill()
      await killed.upload.status.catch(() => undefined) // its connection is broken
      mock = await startCommand(state)
    }
    await pause(REST_MS)
    const [bytes, objects] = await Promise.all([sizeOf(join(state, 'bytes')), sizeOf(join(state, 'objects'))])
    say(`${times} cancels and ${times} kills: ${mib(storedBytes)} MiB are stored, and ${mib(bytes)} lie in the folder,`)
    say(`${REST_MS / 1000} s after the last restart; its rows take ${mib(objects)} MiB`)
    return bytes >= storedBytes && bytes <= storedBytes + PART_BYTES
  } finally {
    await mock.kill()
    await rm(state, { recursive: true, force: true })
  }
}

/** These steps ask nothing but its address of a mock. */
const worldOf = (url: string): World => aWorld({ url } as Mock)

async function uploading(url: string) {
  const world = worldOf(url)
  const claim = await begin(world)
  await add(world, claim, LARGE_BYTES)
  const upload = startPush(claim, { isStuck: true })
  await soon(async () => ok(((await fileOf(world, claim))?.bytes_transferred ?? 0) > PART_BYTES))
  return { world, claim, upload }
}

async function publish(url: string): Promise<number> {
  const world = worldOf(url)
  const claim = await begin(world)
  await add(world, claim, MEDIUM_BYTES)
  await push(claim)
  await end(world, claim, 'DONE')
  return MEDIUM_BYTES
}

async function startCommand(state: string) {
  const args = [COMMAND, '--port', '0', '--state', state]
  const { url, pid, closed } = await launch(/Ctrl-C/, process.execPath, args)
  const kill = async () => {
    // The runtime first, as by a power cut: nothing of it goes on.
    for (const each of [...processesBelow(pid).toReversed(), pid]) killProcess(each)
    await closed
  }
  return { url, kill }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended with another of them.
  }
}

const mib = (size: number) => (size / 1024 ** 2).toFixed(2)

/** Of all its files, those that no listing shows as well; one that is gone meanwhile has no size. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)))
  return found.reduce((sum, each) => sum + (each?.isFile() ? each.size : 0), 0)
}
