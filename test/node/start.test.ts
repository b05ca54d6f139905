// What the start of a mock looks at first, and what its end leaves: orders that only a process can show.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Server } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve } from '../../src/node/server.ts'
import { start } from '../../src/node/start.ts'
import { COMMAND, isRunning, refused, run as runToEnd, started, startedCommand } from '../support/command.ts'
import { aFolder } from '../support/folder.ts'
import { isThere } from '../support/gate.ts'
import { listen } from '../support/listen.ts'

const run = promisify(execFile)
const LIBRARY = new URL('../../src/node/start.ts', import.meta.url).href

/** What starts in place of the runtime, does this and stays; and what a start that meets it leaves of its files. */
async function aRuntime(script: string) {
  const folder = await aFolder()
  const [path, pid] = [join(folder, 'runtime'), join(folder, 'pid')]
  await writeFile(path, `#!/bin/sh\necho $$ > ${pid}\n${script}\nexec sleep 600\n`, { mode: 0o755 })
  const TMPDIR = await aFolder()
  return {
    env: { TMPDIR, MINIFLARE_WORKERD_PATH: path },
    pid: async () => Number(await readFile(pid, 'utf8').catch(() => '')),
    left: () => readdir(TMPDIR),
  }
}

describe('a start', () => {
  it('says that its port is taken, and how to get another', async () => {
    const { port, stop } = await listen(() => undefined)
    onTestFinished(stop)

    const words = `Port ${port} of 127.0.0.1 is in use. Name another with --port, or let --port 0 find`
    expect(await runToEnd(COMMAND, ['--port', `${port}`])).toEqual({ ...refused(words), code: 3 })
  })

  it('opens its port once: a client that waits for it by connecting is answered', async () => {
    const listening = vi.spyOn(Server.prototype, 'listen')
    onTestFinished(() => listening.mockRestore())

    await using vcenter = await start()

    expect(vcenter.url).toMatch(/^http:/)
    expect(listening).not.toHaveBeenCalled()
  })

  it('needs no working directory: that of a test may be gone', async () => {
    const script = `
      process.chdir('${await aFolder()}')
      ;(await import('node:fs')).rmdirSync(process.cwd())
      await using vcenter = await (await import('${LIBRARY}')).start()
      console.log(vcenter.url)`

    expect((await run(process.execPath, ['--input-type=module', '--eval', script])).stdout).toMatch(/^http:/)
  })

  it('finds a runtime that is named from the working directory', async () => {
    const cwd = await aFolder()
    await writeFile(join(cwd, 'runtime'), '#!/bin/sh\necho hello >&2\n', { mode: 0o755 })
    const env = { ...process.env, MINIFLARE_WORKERD_PATH: './runtime' }

    await expect(run(process.execPath, [COMMAND, '--port', '0'], { cwd, env })).rejects.toThrow('hello')
  })

  it('that reaches no mock says so, and leaves no runtime and no files', async () => {
    const { env, pid, left } = await aRuntime(`echo '{"event":"listen","socket":"clients","port":1}' >&3`)
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())

    await expect(serve()).rejects.toThrow(
      'The mock listens on 127.0.0.1 and cannot be reached at http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1.',
    )

    const runtime = await pid()
    await expect.poll(() => isRunning(runtime)).toBe(false)
    expect(await left()).toEqual([])
  })

  it('makes a folder for state that another start has made meanwhile', async () => {
    const state = join(await aFolder(), 'state')

    const mocks = await Promise.all([start({ state }), start({ state: `${state}/other` })])

    await Promise.all(mocks.map((mock) => mock.stop()))
    expect(await readdir(state)).toContain('other')
  })
})

describe('a variable', () => {
  it.each(['ä"\\\n', 'a\u0001"\\\u0085', "${'$'}{x}'"])(
    'is what it was given, whatever its characters: %j',
    async (password) => {
      await using vcenter = await start({ vars: { CREDENTIALS: JSON.stringify({ ada: password }) } })
      const logIn = (given: string) => login(vcenter.url, { user: 'ada', password: given })

      await expect(logIn(password)).resolves.toMatchObject({ token: expect.any(String) })
      await expect(logIn(`${password} `)).rejects.toMatchObject({ status: 401 })
    },
  )
})

describe('a stop', () => {
  it('may be asked for twice, also at the same time, and each is over when the mock is', async () => {
    const vcenter = await start({ https: true })
    const stopping = vcenter.stop()
    // The same, not one more: the second of two could be over before the mock is.
    expect(vcenter.stop()).toBe(stopping)
    await vcenter.stop()

    await expect(fetch(vcenter.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await stopping
    await expect(vcenter.stop()).resolves.toBeUndefined()
  })

  it('that never comes, since the process ends before it, leaves no certificate', async () => {
    const TMPDIR = await aFolder()
    const script = `
      import { start } from '${LIBRARY}'
      await start({ https: true })
      process.exit(7)`

    const ended = run(process.execPath, ['--input-type=module', '--eval', script], { env: { ...process.env, TMPDIR } })

    await expect(ended).rejects.toMatchObject({ code: 7 })
    await expect.poll(() => readdir(TMPDIR)).toEqual([])
  })
})

describe('a certificate', () => {
  it('is made also where a test has a page in place of Node, without subtle cryptography', async () => {
    vi.stubGlobal('crypto', {})
    onTestFinished(() => void vi.unstubAllGlobals())

    await (await start({ https: true })).stop()
  })

  it('is good by the clock of the machine, and by the one that the test has set', async () => {
    const now = Date.now()
    const later = Date.UTC(2200, 0)
    vi.useFakeTimers({ now: later, toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    await using vcenter = await start({ https: true })

    const { validFromDate, validToDate } = new X509Certificate(vcenter.ca ?? '')
    expect(validFromDate.getTime()).toBeLessThan(now)
    expect(validToDate.getTime()).toBeGreaterThan(later)
  })
})

describe('a mock in the background', () => {
  it('lets its shell go, and writes although nothing reads', async () => {
    const { stdout } = await run(process.execPath, [COMMAND, '--port', '0', '--env', '--verbose'])
    const [, url = ''] = /UPDATE_SESSION_MOCK_URL='(.*)'/.exec(stdout) ?? []
    const [, pid = ''] = /UPDATE_SESSION_MOCK_PID='(.*)'/.exec(stdout) ?? []
    onTestFinished(() => void process.kill(Number(pid), 'SIGTERM'))

    // Each has a line in the log, whose reader has gone.
    for (let asked = 0; asked < 3; asked += 1) await (await fetch(`${url}/nowhere`)).text()
    await pause(500)

    expect((await fetch(`${url}/__admin/health`)).status).toBe(200)
  })

  it('whose lines do not arrive is stopped, since it would run unknown to all', async () => {
    const TMPDIR = await aFolder()
    const child = spawn(process.execPath, [COMMAND, '--port', '0', '--env'], { env: { ...process.env, TMPDIR } })
    child.stdout.destroy()
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])

    expect({ code, complaint }).toEqual({ code: 3, complaint: 'update-session-mock: write EPIPE\n' })
    await expect.poll(() => readdir(TMPDIR)).toEqual([])
  })
})

it('a verb whose reader has gone ends, of both its outputs too', async () => {
  const child = spawn(process.execPath, [COMMAND, 'smoke', 'http://127.0.0.1:1'])
  onTestFinished(() => void child.kill())
  child.stdout.destroy()
  child.stderr.destroy()

  expect(await once(child, 'exit')).toEqual([2, null])
})

/** A start that lasts until it is ended: its runtime never listens. */
async function aStart(options: string[]) {
  const { env, pid, left } = await aRuntime('')
  const args = [COMMAND, '--port', '0', '--state', join(await aFolder(), 'state'), ...options]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await expect.poll(pid).toBeGreaterThan(0)
  return { child, runtime: await pid(), left }
}

describe('a command', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('that gets %s while it starts leaves nothing', async (signal, code) => {
    const { child, runtime, left } = await aStart([])

    child.kill(signal)
    await once(child, 'close')

    expect(child.exitCode).toBe(code)
    await expect.poll(() => isRunning(runtime)).toBe(false)
    await expect.poll(left).toEqual([])
  })

  it('that starts in the background ends with the process that waits for it', async () => {
    const { child, runtime, left } = await aStart(['--env'])

    child.kill('SIGKILL')

    // Sooner than a start that is only too slow, which has 15 s.
    await expect.poll(() => isRunning(runtime), { timeout: 7000 }).toBe(false)
    await expect.poll(left).toEqual([])
  })
})

/** The runtime below this process that listens there. */
async function runtimeOf(url: string): Promise<number> {
  const { stdout } = await run('ss', ['-Hltnp', `sport = :${new URL(url).port}`])
  return Number(/pid=(\d+)/.exec(stdout)?.[1])
}

const connectionRefused = { cause: { code: 'ECONNREFUSED' } }

describe('the runtime', () => {
  it('ends with a process that is killed, and leaves nothing', async () => {
    const TMPDIR = await aFolder()
    const { child, url } = await startedCommand([], { env: { ...process.env, TMPDIR } })
    await expect(fetch(`${url}/__admin/health`)).resolves.toMatchObject({ status: 200 })

    child.kill('SIGKILL')

    await expect.poll(() => fetch(url).catch((error: unknown) => error)).toMatchObject(connectionRefused)
    await expect.poll(() => readdir(TMPDIR)).toEqual([])
    // Where rows lie, if there is such a file system.
    await expect
      .poll(() => readdir('/dev/shm').catch(() => []))
      .not.toContainEqual(expect.stringContaining(`-${child.pid}-`))
  })

  it('ends with a worker thread that is terminated, and leaves nothing', async () => {
    const env = { ...process.env, TMPDIR: await aFolder() }
    const script = `import('${LIBRARY}').then(({ start }) => start()).then(({ url }) => parentPort.postMessage(url))`
    const worker = new Worker(`const { parentPort } = require('node:worker_threads'); ${script}`, { eval: true, env })
    const [url] = (await once(worker, 'message')) as [string]

    await worker.terminate()

    await expect.poll(() => fetch(url).catch((error: unknown) => error)).toMatchObject(connectionRefused)
    await expect.poll(() => readdir(env.TMPDIR)).toEqual([])
  })

  it('that has crashed is started again on its port, with its state', async () => {
    const lines: string[] = []
    await using vcenter = await start({ onLog: (line) => lines.push(line) })
    const { id } = await vcenter.sessions.add()

    process.kill(await runtimeOf(vcenter.url), 'SIGKILL')

    await expect.poll(() => vcenter.sessions.list().catch(() => [])).toEqual([expect.objectContaining({ id })])
    expect(lines).toContainEqual(expect.stringMatching(/^The runtime \(workerd\) ended with .*It is started again\.$/))
  })

  it('that crashes for the fifth time within a minute stays down, and the mock says so', async () => {
    const lines: string[] = []
    await using vcenter = await start({ onLog: (line) => lines.push(line) })
    for (let crash = 1; crash < 5; crash += 1) {
      process.kill(await runtimeOf(vcenter.url), 'SIGKILL')
      await expect.poll(() => vcenter.sessions.list().catch(() => undefined)).toEqual([])
    }

    process.kill(await runtimeOf(vcenter.url), 'SIGKILL')

    await expect
      .poll(() => lines.at(-1))
      .toBe('The runtime (workerd) ended with SIGKILL, 5 times in a minute. The mock is down.')
  })
})

it.skipIf(process.platform !== 'linux').each(['SIGSTOP', 'SIGKILL'] as const)(
  'the runtime ends with its mock, also where the shell beside it got %s',
  async (signal) => {
    const { stop, url } = await start({ onLog: () => undefined })
    const runtime = await runtimeOf(url)
    onTestFinished(() => void (isRunning(-runtime) && process.kill(-runtime, 'SIGKILL')))
    const shell = Number(await readFile(`/proc/${runtime}/task/${runtime}/children`, 'utf8'))

    process.kill(shell, signal)
    await stop()

    await expect.poll(() => fetch(url).catch((error: unknown) => error)).toMatchObject(connectionRefused)
    expect(isRunning(runtime)).toBe(false)
  },
)

/** For `unshare`: a process that cannot see those beside it, as in a container. */
const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
const ISOLATED = [...asRoot, '--pid', '--fork', '--mount-proc', '--kill-child']
const isIsolating = spawnSync('unshare', [...ISOLATED, 'true']).status === 0

describe('a state that is kept', () => {
  it.skipIf(!isThere(isIsolating, 'this user may make no namespaces (unshare)'))(
    'is that of one container at a time, and of the next one when that was killed',
    async () => {
      const state = join(await aFolder(), 'state')
      const command = [process.execPath, COMMAND, '--port', '0', '--state', state]
      const first = await started(/Ctrl-C/, 'unshare', [...ISOLATED, ...command])

      await expect(start({ state })).rejects.toThrow(/is in use by process \d+, which has locked/)

      first.child.kill('SIGKILL')
      await first.closed
      await (await start({ state })).stop()
    },
  )

  it('and is in use keeps a second command from its start, which says what to do instead', async () => {
    const state = await aFolder()
    await using _ = await start({ state })

    const { code, complained } = await runToEnd(COMMAND, ['--port', '0', '--state', state])

    expect(code).toBe(3)
    expect(complained).toContain(
      ` is in use by process ${process.pid}, which has locked ${join(state, 'lock')}. Stop that one, or name`,
    )
  })

  it.each(['', 'objects/Sandbox'])(
    'and is deleted meanwhile ends the command, which says so once: /%s',
    async (part) => {
      const state = join(await aFolder(), 'state')
      const lines: string[] = []
      const { child, closed, url } = await startedCommand(['--state', state], { hear: (line) => lines.push(line) })

      await rm(join(state, part), { recursive: true })
      await closed

      expect(child.exitCode).toBe(3)
      await expect(fetch(url)).rejects.toMatchObject(connectionRefused)
      expect(lines.filter((line) => line.includes('is gone, and the state with it. The mock is down'))).toHaveLength(1)
    },
  )

  it('of another version is said to start empty', async () => {
    const state = await aFolder()
    await writeFile(join(state, 'schema'), '1')
    const lines: string[] = []

    await using _ = await start({ state, onLog: (line) => lines.push(line) })

    expect(lines[0]).toBe(
      `Another version has used ${state}: a sandbox that it stored starts empty when it is next used.`,
    )
  })
})
