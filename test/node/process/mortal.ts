// The mock as a process that can be killed, together with the runtime below it, in the middle of anything.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const SCRIPT = new URL('../../../src/node/command.ts', import.meta.url).pathname

type Mortal = AsyncDisposable & { url: string; kill: () => Promise<void> }

/** Starts on what an earlier one left in the directory. */
export async function spawnMock(stateDirectory: string, vars: Record<string, string>): Promise<Mortal> {
  const flags = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}=${value}`])
  const child = spawn(process.execPath, [SCRIPT, '--port', '0', '--state', stateDirectory, ...flags], {
    detached: true, // the head of a process group, which is killed as one
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  while (!text.includes('Ctrl-C')) {
    const first = await Promise.race([once(child.stdout, 'data'), ended])
    if (child.exitCode !== null) throw new Error(`The mock did not start: ${text}${String(first)}`)
  }
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid) process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  return { url: /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '', kill, [Symbol.asyncDispose]: kill }
}
