// The mock as users start it, by the command, in a process group that can be killed in the middle of anything.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const COMMAND = new URL('../../src/node/command.ts', import.meta.url).pathname
const START_MS = 30_000

export type Mock = { url: string; isRunning: () => boolean; kill: () => Promise<void> }

/** `onLine` hears every line of its log, and what else comes on standard error. */
export async function startMock(onLine: (line: string) => void): Promise<Mock> {
  const child = spawn(process.execPath, [COMMAND, '--port', '0', '--verbose'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const kill = async () => {
    if (child.pid !== undefined && isRunning()) process.kill(-child.pid, 'SIGKILL')
    await closed
  }
  createInterface(child.stderr).on('line', onLine)
  const url = Promise.withResolvers<string>()
  createInterface(child.stdout).on('line', (line) => {
    const [found] = /http:\/\/127\.0\.0\.1:\d+(?=\/api )/.exec(line) ?? []
    if (found !== undefined) url.resolve(found)
  })
  closed.then(() => url.reject(new Error('The mock has ended.')), url.reject)
  const timer = setTimeout(() => url.reject(new Error(`The mock did not start in ${START_MS / 1000} s.`)), START_MS)
  try {
    return { url: await url.promise, isRunning, kill }
  } catch (error) {
    await kill()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
