// A folder of state has one server, also where several start at the same moment.
import { execFile } from 'node:child_process'
import fs, { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Unusable } from '../../src/node/problem.ts'
import { openState, watchState } from '../../src/node/state.ts'
import { aFolder } from '../support/folder.ts'

const SCHEMA = 1
const STARTS = 20

/** As by a server that was killed. */
async function useAndDie(folder: string): Promise<void> {
  const state = JSON.stringify(import.meta.resolve('../../src/node/state.ts'))
  const use = `
    const { openState } = await import(${state})
    await openState(${JSON.stringify(folder)}, ${SCHEMA})
    process.kill(process.pid, 'SIGKILL')`
  await expect(promisify(execFile)(process.execPath, ['--input-type=module', '-e', use])).rejects.toMatchObject({
    signal: 'SIGKILL',
  })
}

it.each([
  ['is new', () => undefined],
  ['a server has left that was killed', useAndDie],
])('a folder that %s has one server, of many that start at once', async (_, prepare) => {
  const folder = await aFolder()
  await prepare(folder)

  const starts = await Promise.allSettled(Array.from({ length: STARTS }, () => openState(folder, SCHEMA)))

  const opened = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  expect(opened[0]).not.toHaveProperty('problem')
  const refusals = starts.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))
  expect(opened).toHaveLength(1)
  const user = `is in use by process ${process.pid}, which has locked ${join(folder, 'lock')}`
  expect(refusals.filter((text) => text.includes(user))).toHaveLength(STARTS - 1)
  opened[0]?.close()
  ;(await openState(folder, SCHEMA)).close()
})

const makeFile = (path: string) => writeFile(path, '')

describe('a folder in which something of another kind lies', () => {
  it.each([
    ['objects', makeFile],
    ['bytes', makeFile],
    ['bytes/sandboxes', makeFile],
    ['schema', mkdir],
  ])('is refused with the path of it, and free again: %s', async (name, make) => {
    const folder = await aFolder()
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await make(path)

    const refusal = await openState(folder, SCHEMA).catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(Unusable)
    expect(String(refusal)).toContain(`State cannot be kept in ${folder} (`)
    expect(String(refusal)).toContain(`At ${path} is a file in place of a folder, or a folder in place of a file`)
    await rm(path, { recursive: true })
    ;(await openState(folder, SCHEMA)).close()
  })
})

describe('a lock that cannot be had', () => {
  it.each([
    ['its file is a folder', 'unable to open database file', mkdir],
    ['its file is another one', 'file is not a database', (path: string) => writeFile(path, 'x'.repeat(512))],
    ['its path is longer than SQLite takes', 'unable to open database file', () => undefined, `/${'x'.repeat(250)}`],
  ])('is told with its path: %s', async (_, reason, make, below = '') => {
    const folder = `${await aFolder()}${below}${below}`
    const path = join(folder, 'lock')
    await make(path)

    await expect(openState(folder, SCHEMA)).rejects.toThrow(
      new Unusable(
        `State cannot be kept in ${folder} (${reason}). ${path} cannot be locked: move it, or name another directory, of a shorter path.`,
      ),
    )
  })
})

it('a number of the schema that is right is not written again', async () => {
  const folder = await aFolder()
  ;(await openState(folder, SCHEMA)).close()
  const path = join(folder, 'schema')
  await utimes(path, 1, 1)

  ;(await openState(folder, SCHEMA)).close()

  expect((await stat(path)).mtimeMs).toBe(1000)
})

it('what the runtime leaves of a PULL that is over goes at the next start, and nothing else', async () => {
  const folder = await aFolder()
  const pulls = join(folder, 'objects', 'Pull')
  await mkdir(pulls, { recursive: true })
  const pages = {
    'ended.sqlite': 1,
    'logged.sqlite': 1,
    'logged.sqlite-wal': 1,
    'stored.sqlite': 2,
    'metadata.sqlite': 1,
  }
  for (const [name, count] of Object.entries(pages)) await writeFile(join(pulls, name), Buffer.alloc(count * 4096))

  ;(await openState(folder, SCHEMA)).close()

  expect(await readdir(pulls)).toEqual(['logged.sqlite', 'logged.sqlite-wal', 'metadata.sqlite', 'stored.sqlite'])
})

it.each(['is deleted', 'gives its place to another'])('a folder that %s is told, once', async (how) => {
  const folder = await aFolder()
  const { objects, bytes, close } = await openState(folder, SCHEMA)
  const told: string[] = []
  const stop = await watchState({ objects, bytes }, (path) => told.push(path))
  onTestFinished(stop)

  await rename(bytes, `${bytes}-elsewhere`)
  if (how !== 'is deleted') await mkdir(bytes)

  await expect.poll(() => told).toEqual([bytes])
  await pause(1000)
  expect(told).toEqual([bytes])
  close()
})

it('a folder that goes after the last look was begun is not told', async () => {
  const { objects, bytes, close } = await openState(await aFolder(), SCHEMA)
  const told: string[] = []
  const stop = await watchState({ objects, bytes }, (path) => told.push(path))
  const { promise: isLooking, resolve } = Promise.withResolvers<void>()
  const look = fs.stat
  const slowly = async (...given: Parameters<typeof look>) => {
    resolve()
    await pause(200)
    return look(...given)
  }
  Object.assign(fs, { stat: slowly })
  syncBuiltinESMExports()

  // At the first of them.
  await isLooking
  stop()
  await rm(objects, { recursive: true })
  await pause(1000)

  Object.assign(fs, { stat: look })
  syncBuiltinESMExports()
  expect(told).toEqual([])
  close()
})
