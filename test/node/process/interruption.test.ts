// A signal in the middle of a verb: what was begun is undone, and nothing is left in the folder for temporary files.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { start } from '../../../src/node/start.ts'
import { readCancels } from '../../contract/verify.ts'
import { COMMAND, isRunning } from '../../support/command.ts'
import { aFolder as anEmptyFolder } from '../../support/folder.ts'

async function aFolder(): Promise<string> {
  const folder = await anEmptyFolder()
  await mkdir(join(folder, 'tmp'))
  return folder
}

/** The cancels of our own client, so often that no machine is done with them before the signal. */
async function aLongPact(folder: string): Promise<string> {
  const pact = await readCancels()
  const interactions = Array.from({ length: 200 }, (_, round) =>
    pact.interactions.map((each) => ({ ...each, description: `${each.description}, round ${round}` })),
  ).flat()
  const path = join(folder, 'pact.json')
  await writeFile(path, JSON.stringify({ ...pact, interactions }))
  return path
}

/** In a group of its own, as a terminal signals it. */
function command(folder: string, ...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: join(folder, 'tmp') },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  return {
    /** Answers the exit code. */
    signal: async (signal: NodeJS.Signals, whom: 'group' | 'parent' = 'group') => {
      if (whom === 'parent') child.kill(signal)
      else process.kill(-(child.pid ?? NaN), signal)
      const [code] = (await ended) as [number | null]
      return code
    },
  }
}

const left = (folder: string) => readdir(join(folder, 'tmp'))

const SIGNALS = [
  ['SIGINT', 'group', 130],
  ['SIGTERM', 'parent', 143],
] as const

describe('the verb verify', () => {
  it.each(SIGNALS)(
    'on %s to the %s removes what its states made on the server, and its files',
    async (name, whom, code) => {
      await using vcenter = await start()
      const folder = await aFolder()
      const at = ['--provider', vcenter.url, '--user', 'user', '--password', 'pass']
      const { signal } = command(folder, 'verify', await aLongPact(folder), ...at)
      await expect
        .poll(() => vcenter.journal.count({ operation: 'update_session.cancel' }), { timeout: 30_000 })
        .toBeGreaterThan(5)

      const signalledAt = performance.now()
      await expect(signal(name, whom)).resolves.toBe(code)

      // All of it takes the best part of a minute.
      expect(performance.now() - signalledAt).toBeLessThan(15_000)
      expect(await vcenter.sessions.list()).toEqual([])
      expect(await left(folder)).toEqual([])
    },
  )

  it('stops the mock that it has started when it is killed itself, and its own files go at the next start', async () => {
    const folder = await aFolder()
    const { signal } = command(folder, 'verify', await aLongPact(folder))
    // Its own, and that of the mock.
    await expect.poll(() => left(folder), { timeout: 30_000 }).toHaveLength(2)

    await signal('SIGKILL', 'parent')

    await expect.poll(() => left(folder), { timeout: 10_000 }).toHaveLength(1)
    vi.stubEnv('TMPDIR', join(folder, 'tmp'))
    onTestFinished(() => void vi.unstubAllEnvs())
    await (await start()).stop()
    expect(await left(folder)).toEqual([])
  })
})

describe('the verb mutants', () => {
  it.each(SIGNALS)('on %s to the %s lets the tests end, and removes its files', async (name, whom, code) => {
    const folder = await aFolder()
    const pid = join(folder, 'pid')
    const script = `trap 'sleep 0.3; exit' INT TERM; echo $$ > ${pid}; while :; do sleep 0.1; done`
    const { signal } = command(folder, 'mutants', '--', '/bin/sh', '-c', script)
    await expect.poll(() => readFile(pid, 'utf8').catch(() => ''), { timeout: 30_000 }).toMatch(/^\d+\n/)

    await expect(signal(name, whom)).resolves.toBe(code)

    expect(await left(folder)).toEqual([])
    expect(isRunning(Number(await readFile(pid, 'utf8')))).toBe(false)
  })
})
