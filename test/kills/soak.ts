// Kills the mock at random moments under a mixed load of many clients, and holds what each was told against the next one.
import { AssertionError } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../../src/client/client.ts'
import { add, aWorld, begin, download, end, enter, leave, push, startPush, verify, type World } from './claims.ts'
import { measureFolder } from './folder.ts'
import { startMock, type Mock } from './mock.ts'
import { buildPoints } from './points.ts'
import { createRandom, type Random } from '../support/random.ts'
import { readOptions } from '../support/runner.ts'
import { digestOf, MEDIUM_BYTES, SMALL_BYTES, startSource, type Source } from './source.ts'

const CLIENTS = 12
/** A mock lives for so many steps of its clients at most. */
const STEPS = 150
const LIFE_MS = 20_000
const SIZES = [0, SMALL_BYTES, SMALL_BYTES, MEDIUM_BYTES]
const USAGE = 'Usage: npm run soak -- [--kills N] [--seed S] | --folder N'

const say = (text: string) => void process.stdout.write(`${text}\n`)

const figures = { kills: 0, requests: 0, files: 0, findings: 0 }

/** What one client does until nothing answers: whatever comes next in its random order. */
async function work(world: World, source: Source, random: Random, step: () => void): Promise<never> {
  const did = async <T>(work: Promise<T>): Promise<T> => {
    const value = await work
    figures.requests += 1
    step()
    return value
  }
  const pick = <T>(from: T[]): T => from[random(from.length)] as T // of a list that is not empty
  for (;;) {
    const claim = await did(begin(world))
    const sizeBytes = pick(SIZES)
    const way = pick(['push', 'push', 'chunked', 'pull', 'pull', 'cancel push', 'cancel pull', 'nothing'] as const)
    switch (way) {
      case 'nothing':
        await did(end(world, claim, 'CANCELED'))
        continue
      case 'push':
      case 'chunked':
        await did(add(world, claim, sizeBytes))
        await did(push(claim, { isChunked: way === 'chunked' }))
        break
      case 'pull':
        await did(
          add(world, claim, sizeBytes, { uri: `${source.url}/${pick(['whole', 'chunked', 'moved'])}/${sizeBytes}` }),
        )
        break
      case 'cancel push': {
        await did(add(world, claim, MEDIUM_BYTES))
        const upload = startPush(claim, { isStuck: true })
        await did(end(world, claim, 'CANCELED'))
        await did(upload.status)
        continue
      }
      case 'cancel pull': {
        const from = pick(['stuck', 'whole'])
        const uri = `${source.url}/${from}/${MEDIUM_BYTES}`
        await did(add(world, claim, MEDIUM_BYTES, { uri, fails: from === 'stuck' }))
        await did(end(world, claim, 'CANCELED'))
        continue
      }
    }
    await did(end(world, claim, 'DONE'))
    if (claim.file?.isReceived && (await did(download(world, claim))) !== digestOf(sizeBytes))
      throw new AssertionError({ message: 'What was completed cannot be downloaded.' })
    if (claim.file?.isReceived && random(3) === 0) await did(end(world, claim, 'DELETED'))
    if (random(6) > 0) continue
    await did(leave(world))
    await did(enter(world))
  }
}

/** The clients of one mock, until it is killed. */
async function live(mock: Mock, source: Source, random: Random): Promise<World[]> {
  const worlds = Array.from({ length: CLIENTS }, () => aWorld(mock))
  const { promise: isOver, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, LIFE_MS)
  let left = 1 + random(STEPS)
  const step = () => {
    left -= 1
    if (left === 0) resolve()
  }
  const works = worlds.map(async (world) => {
    await enter(world)
    return work(world, source, createRandom(random(2 ** 31)), step)
  })
  const ends = Promise.allSettled(works)
  // Where all are refused, none is left to be killed.
  await Promise.race([isOver, ends])
  clearTimeout(timer)
  await mock.kill()
  for (const end of await ends)
    if (end.status === 'rejected' && (end.reason instanceof Refusal || end.reason instanceof AssertionError))
      find('refused', end.reason)
  return worlds
}

function find(what: string, error: unknown): void {
  figures.findings += 1
  say(`FINDING ${what}: ${String(error)}`)
}

async function main(): Promise<number> {
  const { kills, seed, folder } = readOptions(USAGE, { kills: 20, seed: 1, folder: 0 })
  if (folder > 0) return (await measureFolder(folder, say)) ? 0 : 1
  const random = createRandom(seed)
  await buildPoints()
  const state = await mkdtemp(join(tmpdir(), 'soak-'))
  const source = await startSource()
  const startedAt = performance.now()
  let mock: Mock | undefined
  try {
    mock = await startMock(state)
    while (figures.kills < kills) {
      const worlds = await live(mock, source, random)
      figures.kills += 1
      const next = await startMock(state)
      mock = next
      await Promise.all(
        worlds.map(async (world) => {
          try {
            figures.files += await verify(world, next)
            await fetch(`${next.url}/__admin/sandboxes/${world.user}`, { method: 'DELETE' })
          } catch (error) {
            find(`kill ${figures.kills} of ${kills}, seed ${seed}, ${world.user}`, error)
          }
        }),
      )
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
      say(
        `${figures.kills} kills of ${kills}, ${figures.requests} requests, ${figures.files} files, after ${seconds} s`,
      )
    }
  } finally {
    await mock?.kill()
    await source.stop()
    await rm(state, { recursive: true, force: true })
  }
  const { requests, files, findings } = figures
  say(`seed ${seed}: ${kills} kills, ${requests} requests answered, ${files} files verified, ${findings} findings`)
  return findings === 0 ? 0 : 1
}

process.exitCode = await main()
