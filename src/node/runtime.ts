// The runtime (workerd) as a child process: its start within a deadline, its log lines, its restart after a crash, its end.
//
// It must not outlive this process, or it would hold the port and the state: a shell beside it reads a pipe from here, and kills
// it when that pipe ends, which it does however this process ends, or the worker thread that has started it. Then it removes the
// temporary folders. They have a process group of their own, so that a Ctrl-C in the terminal reaches this process alone, which
// then stops the runtime.
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { basename, dirname, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { clearTimeout, setTimeout } from 'node:timers'
import { parseJson } from '../rules/json.ts'
import { messageOf } from './problem.ts'

/** Node's own: in place of it a runner of tests may have one that reads packages in a way of its own. */
const require = process.getBuiltinModule('node:module').createRequire(import.meta.url)

/** A start takes less than a second; on a busy machine, a few. */
const START_MS = 15_000
/** Of what the runtime writes before it listens, in characters. */
const KEPT_CHARS = 4000
/** A runtime that has crashed is started again; one that crashes so often within a minute is not. */
const CRASHES_LIMIT = 5
const MINUTE_MS = 60_000

const NEEDS =
  'It needs Linux with glibc 2.35 or newer, macOS 13.5 or newer, or Windows, on x64 or arm64. ' +
  'Alpine and other systems with musl are not supported.'

/** The runtime does not run here: why, what it wrote, and what it needs. One that writes lines of its log runs here, and has met something else. */
class RuntimeFailure extends Error {
  constructor(reason: string, written = '') {
    const lines = written.trim().split('\n')
    const told = lines.flatMap((line) => readLine(line)?.message ?? [])
    const text = (told.length > 0 ? told : lines).join('\n')
    const wrote = text === '' ? '' : `\nIt wrote:\n${text}`
    super(`The runtime (workerd) did not start: ${reason}.${wrote}${told.length > 0 ? '' : `\n${NEEDS}`}`)
  }
}

/**
 * Starts what the configuration file describes. `sockets` are its sockets by name, each with the host that it listens on, as a
 * URL has it. `tell` hears the worker's log lines, and what befalls the runtime. The folder of the file is a temporary one, and
 * there may be `another`.
 */
export async function startRuntime(
  configFile: string,
  sockets: Record<string, string>,
  tell: (line: string) => void,
  another = '',
) {
  let isStopped = false
  let crashes: number[] = []
  let process = spawnRuntime(configFile, another, [])
  const names = Object.keys(sockets)
  const ports = await whenListening(process, names)
  forward(process, tell)
  watch()

  function watch(): void {
    process.once('exit', (code, signal) => {
      if (isStopped) return
      crashes = [...crashes.filter((at) => performance.now() - at < MINUTE_MS), performance.now()]
      const how = `The runtime (workerd) ended with ${signal ?? `exit code ${code}`}`
      if (crashes.length >= CRASHES_LIMIT) return tell(`${how}, ${crashes.length} times in a minute. The mock is down.`)
      tell(`${how}. It is started again.`)
      restart().catch((error: unknown) => isStopped || tell(messageOf(error)))
    })
  }

  /** On the ports that clients know. */
  async function restart(): Promise<void> {
    process = spawnRuntime(
      configFile,
      another,
      Array.from(ports, ([name, port]) => `--socket-addr=${name}=${sockets[name]}:${port}`),
    )
    watch()
    await whenListening(process, names)
    forward(process, tell)
  }

  return {
    /** The port of each socket, by its name. */
    ports,
    /** Asking twice changes nothing. */
    stop: async () => {
      isStopped = true
      await end(process)
    },
  }
}

/**
 * A shell that becomes the runtime, beside one that kills it, and removes both folders, when the fifth pipe ends without a line. Node
 * ends standard input when the runtime has crashed, too.
 */
const GUARD = `{ read -r _ <&4 || { kill -9 $$; rm -rf "$1" "$2"; }; } >/dev/null 2>&1 3>&- &
shift 2
exec "$0" "$@" 4<&-`

function spawnRuntime(configFile: string, another: string, options: string[]): ChildProcess {
  const workerd = programPath()
  const args = ['serve', configFile, '--experimental', '--control-fd=3', ...options]
  // Not in the directory of the caller, which may be gone.
  const cwd = dirname(configFile)
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe']
  if (globalThis.process.platform === 'win32') return spawn(workerd, args, { cwd, stdio, windowsHide: true })
  const process = spawn('/bin/sh', ['-c', GUARD, workerd, cwd, another, ...args], { cwd, stdio, detached: true })
  // The shell beside it may be gone with it.
  return process.once('exit', () => (process.stdio[4] as Writable).on('error', () => undefined).end('\n'))
}

/** A system on which the published program does not run may have one of its own, by the variable that wrangler reads. */
function programPath(): string {
  const own = globalThis.process.env['MINIFLARE_WORKERD_PATH']
  // The runtime starts in another directory.
  if (own !== undefined) return own === basename(own) ? own : resolve(own)
  try {
    return (require('workerd') as { default: string }).default
  } catch (error) {
    throw new RuntimeFailure(messageOf(error))
  }
}

/** The ports, by the names of their sockets; a `RuntimeFailure` where the runtime does not listen. */
async function whenListening(process: ChildProcess, sockets: string[]): Promise<Map<string, number>> {
  const { promise, resolve, reject } = Promise.withResolvers<Map<string, number>>()
  const ports = new Map<string, number>()
  let written = ''
  const keep = (chunk: unknown) => void (written = (written + String(chunk)).slice(-KEPT_CHARS))
  const fail = (reason: string) => reject(new RuntimeFailure(reason, written))
  const timer = setTimeout(() => fail(`it did not listen within ${START_MS / 1000} s`), START_MS)
  process.once('error', ({ message }) => fail(message))
  // All that it wrote has been read then.
  process.once('close', (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`))
  process.stdout?.on('data', keep)
  process.stderr?.on('data', keep)
  // A process that could not be made has none, and says why in `error`.
  const control = (process.stdio as ChildProcess['stdio'] | undefined)?.[3] as Readable | undefined
  if (control)
    linesOf(control, (line) => {
      const told = readLine(line)
      if (!told) return fail(`it told "${line.slice(0, KEPT_CHARS)}" where it tells its sockets`)
      if (told.event === 'listen' && told.socket !== undefined && told.port !== undefined)
        ports.set(told.socket, told.port)
      if (sockets.every((name) => ports.has(name))) resolve(ports)
    })
  try {
    return await promise
  } catch (error) {
    await end(process)
    throw error
  } finally {
    clearTimeout(timer)
    process.removeAllListeners('error').removeAllListeners('close')
    process.on('error', () => undefined)
    process.stdout?.off('data', keep)
    process.stderr?.off('data', keep)
  }
}

/** The worker's lines are wrapped in JSON; what is not is the runtime's own. */
function forward(process: ChildProcess, tell: (line: string) => void): void {
  for (const output of [process.stdout, process.stderr])
    if (output)
      linesOf(output, (line) => {
        tell(readLine(line)?.message ?? line)
      })
}

/** A line of its control channel, or of its log. Nothing where it is neither. */
type RuntimeLine = { event?: string; socket?: string; port?: number; message?: string }

const readLine = (line: string) => parseJson(line) as RuntimeLine | undefined // its documented forms

/** Without `node:readline`, which would stay in memory for as long as the mock runs. */
function linesOf(input: Readable, hear: (line: string) => void): void {
  let rest = ''
  input.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    lines.forEach(hear)
  })
  input.on('end', () => rest !== '' && hear(rest))
}

/** The runtime and the shell beside it, as far as they live. */
async function end(process: ChildProcess): Promise<void> {
  const { pid, exitCode, signalCode } = process
  if (exitCode !== null || signalCode !== null || pid === undefined) return
  const ended = once(process, 'exit')
  try {
    if (globalThis.process.platform === 'win32') process.kill('SIGKILL')
    else globalThis.process.kill(-pid, 'SIGKILL')
  } catch {
    // None of them lives.
  }
  await ended
}
