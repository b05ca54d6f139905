// The command, `start()` and `verify` on machines that are not like ours: they run, or they say why not, and leave nothing.
import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { environment } from '../../../src/node/environment.ts'
import { start } from '../../../src/node/start.ts'
import { aCancel } from '../../contract/verify.ts'
import { COMMAND, isRunning } from '../../support/command.ts'

const LIBRARY = new URL('../../../src/node/start.ts', import.meta.url).href
const DEAD = 'http://127.0.0.1:9'
const isRoot = process.getuid?.() === 0
/** A user that owns nothing. */
const STRANGER = 54_321

let folder: string
let pact: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'))
  await chmod(folder, 0o755)
  pact = join(folder, 'pact.json')
  await writeFile(pact, JSON.stringify(await aCancel()))
})
afterAll(() => rm(folder, { recursive: true }))

type Machine = { env?: Record<string, string | undefined>; options?: SpawnOptions; shell?: string; tmp?: string }

/** What the library does for a test: starts, is steered, and stops. Then the process ends by itself. */
const TEST = `
  import { start } from '${LIBRARY}'
  const vcenter = await start()
  await vcenter.clock.advance('1h')
  const now = await vcenter.clock.now()
  await vcenter.stop()
  console.log(now.toISOString())`

/** Runs Node in a process group of its own, with a folder of its own for temporary files. */
async function run({ env = {}, options = {}, shell, tmp = 'tmp' }: Machine, ...args: string[]) {
  const TMPDIR = await mkdtemp(join(folder, `${tmp}-`))
  await chmod(TMPDIR, 0o777)
  const node = [process.execPath, ...args]
  const [command = '', ...rest] = shell === undefined ? node : ['sh', '-c', shell, ...node]
  const child = spawn(command, rest, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...process.env, TMPDIR, ...env },
    detached: true,
  })
  const group = -(child.pid ?? 0)
  onTestFinished(() => void (isRunning(group) && process.kill(group, 'SIGKILL')))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  const closed = once(child, 'close') as Promise<[number | null]>
  const until = async (words: string) => {
    while (!text.includes(words) && child.exitCode === null)
      await Promise.race([child.stdout && once(child.stdout, 'data'), closed])
  }
  const end = async (signal?: 'SIGTERM') => {
    if (signal) child.kill(signal)
    const [code] = await closed
    // What was killed has ended a moment later.
    await expect.poll(() => isRunning(group)).toBe(false)
    return { code, text, left: await readdir(TMPDIR) }
  }
  return { text: () => text, until, end }
}

const ended = async (machine: Machine, ...args: string[]) => (await run(machine, ...args)).end()
const runCommand = (machine: Machine, ...args: string[]) => run(machine, COMMAND, '--port', '0', ...args)
const runStart = (machine: Machine) => ended(machine, '--input-type=module', '--eval', TEST)
const runVerify = (machine: Machine) => ended(machine, COMMAND, 'verify', '--pact', pact)

/** Of the process and of every one below it. */
const SET_BACK = `--import=data:text/javascript,${encodeURIComponent(
  'const D=Date,t=1577836800000;globalThis.Date=class extends D{constructor(...a){super(...(a.length?a:[t]))}static now(){return t}}',
)}`

/** Only root can become another user. */
const asStranger = isRoot ? { uid: STRANGER, gid: STRANGER } : {}
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY']

const MACHINES: Record<string, Machine> = {
  'whose HOME cannot be written': { env: { HOME: '/dev/null', XDG_CONFIG_HOME: '/dev/null/config' } },
  'without HOME, PATH and user': { env: { HOME: undefined, PATH: undefined, USER: undefined } },
  'of another user, in a directory that cannot be written': {
    env: { HOME: '/nonexistent' },
    options: { cwd: '/', ...asStranger },
  },
  'whose proxies are dead': {
    env: { ...Object.fromEntries(PROXIES.map((name) => [name, DEAD])), NODE_USE_ENV_PROXY: '1' },
  },
  'whose clock is behind': { env: { NODE_OPTIONS: SET_BACK } },
  'with an odd place for temporary files': { tmp: `it's "a" ü $(x)` },
  'with odd options for Node': {
    env: {
      NODE_OPTIONS: '--throw-deprecation --unhandled-rejections=strict --max-old-space-size=128 --stack-trace-limit=0',
    },
  },
  'without standard input and a terminal': {
    shell: 'exec "$0" "$@" <&-',
    env: { TERM: 'dumb', FORCE_COLOR: '3', TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' },
  },
}

it.each(Object.entries(MACHINES))(
  'a machine %s runs the command, start() and verify, and keeps nothing of them',
  async (_, machine) => {
    const command = async () => {
      const running = await runCommand(machine)
      await running.until('Ctrl-C')
      const url = /console +(\S+)/.exec(running.text())?.[1] ?? running.text()
      expect((await fetch(`${url}health`)).status).toBe(200)
      expect(await running.end('SIGTERM')).toMatchObject({ code: 143, left: [] })
      return runStart(machine)
    }

    const [started, verified] = await Promise.all([command(), runVerify(machine)])

    expect(started).toMatchObject({ code: 0, text: expect.stringMatching(/^\d{4}-.*Z$/m), left: [] })
    const text = expect.stringContaining('1 of 1 interactions are kept.')
    expect(verified).toMatchObject({ code: 0, text, left: [] })
  },
)

describe('a machine on which the runtime cannot run', () => {
  it.each<[what: string, program: string | undefined, reason: string]>([
    ['is not there', undefined, 'it ended with exit code 127.\nIt wrote:\n'],
    ['needs an interpreter that is missing', '#!/no/such/ld-linux\n', 'not found'],
    ['is no program', 'text', 'Permission denied'],
    ['ends at once', '#!/bin/sh\nexit 0\n', 'it ended with exit code 0'],
    [
      'says why it ends',
      // What it wrote may arrive after its end.
      "#!/bin/sh\n(sleep 0.2; echo 'libc.so.6: version GLIBC_2.35 not found' >&2) &\nexit 1\n",
      'it ended with exit code 1.\nIt wrote:\nlibc.so.6: version GLIBC_2.35 not found\n',
    ],
    [
      'says what it should not',
      '#!/bin/sh\necho text >&3\nexec sleep 600\n',
      'it told "text" where it tells its sockets',
    ],
    [
      'hangs',
      "#!/bin/sh\necho 'Illegal instruction' >&2\nexec sleep 600\n",
      'it did not listen within 15 s.\nIt wrote:\nIllegal instruction\n',
    ],
  ])('says so of one that %s', async (_, program, reason) => {
    const path = join(await mkdtemp(join(folder, 'runtime-')), 'runtime')
    if (program !== undefined) await writeFile(path, program, { mode: program.startsWith('#!') ? 0o755 : 0o644 })
    const machine = { env: { MINIFLARE_WORKERD_PATH: path } }

    const [command, started, verified] = await Promise.all([
      runCommand(machine).then((running) => running.end()),
      runStart(machine),
      runVerify(machine),
    ])

    for (const { text, left } of [command, started, verified]) {
      expect(text).toContain('The runtime (workerd) did not start: ')
      expect(text).toContain(reason)
      expect(text).toContain('It needs Linux with glibc 2.35 or newer')
      expect(left).toEqual([])
    }
    expect([command.code, started.code, verified.code]).toEqual([3, 1, 2])
    expect(command.text).not.toContain('    at ')
  })
})

/** Starts with so few free descriptors as there are in all, and with one more each time. */
const TEST_OF_DESCRIPTORS = `
  import { openSync, closeSync } from 'node:fs'
  import { start } from '${LIBRARY}'
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null'))
  } catch {}
  while (taken.length > 0) {
    closeSync(taken.pop())
    const vcenter = await start().catch((error) => console.log(error.message))
    if (vcenter) break
  }
  process.exit()`

describe('a machine with few descriptors', () => {
  it.skipIf(process.platform === 'win32')('says so', async () => {
    const machine = { shell: 'ulimit -n 64; exec "$0" "$@"' }

    const { code, text } = await ended(machine, '--input-type=module', '--eval', TEST_OF_DESCRIPTORS)

    expect(code).toBe(0)
    expect(text).toMatch(/The runtime \(workerd\) did not start: spawn .* EMFILE\./)
    expect(text).not.toContain('Cannot read properties')
  })
})

describe('a place where nothing can be kept', () => {
  // No directory can be made below /proc, by root neither; Node's own way to make one there never ends.
  it.skipIf(process.platform !== 'linux').each([
    [
      ['--state', '/proc/a/b'],
      {},
      2,
      'State cannot be kept in /proc/a/b (ENOENT). Name a directory that can be written.',
    ],
    [['--state', ''], {}, 2, 'State cannot be kept in "". Name a directory that can be written.'],
    [['--state', '/proc'], {}, 2, 'State cannot be kept in /proc (ENOENT). Name a directory that can be written.'],
    [
      [],
      { TMPDIR: '/proc/a' },
      3,
      'Temporary files cannot be kept in /proc/a (ENOENT). Set TMPDIR to another directory.',
    ],
  ])('is refused: %j %j', async (args, env, code, words) => {
    const command = await (await runCommand({ env }, ...args)).end()

    expect(command).toMatchObject({ code, text: expect.stringContaining(words), left: [] })
  })

  /** Of a user that may write the folder itself, and not all that lies in it. */
  it.skipIf(process.platform === 'win32').each([
    ['lock', 0o444],
    ['objects', 0o555],
    ['objects/Sandbox', 0o555],
    ['bytes', 0o555],
  ])('is a state whose %s is of another user', async (name, mode) => {
    const state = await mkdtemp(join(folder, 'state-'))
    const vcenter = await start({ state })
    await vcenter.stop()
    for (const each of ['.', 'objects', 'objects/Sandbox', 'objects/Pull', 'bytes', 'bytes/sandboxes'])
      await chmod(join(state, each), 0o777)
    for (const each of ['schema', 'lock']) await chmod(join(state, each), 0o666)
    await chmod(join(state, name), mode)

    const command = await (await runCommand({ options: asStranger }, '--state', state)).end()

    await chmod(join(state, name), 0o777)
    expect(command).toMatchObject({ code: 2, left: [] })
    expect(command.text).toContain(
      `State cannot be kept in ${state} (EACCES). This user may not use ${join(state, name)}: give it to this user, or name another directory.`,
    )
  })

  it('is not a directory that has to be made first, with those above it', async () => {
    const state = join(folder, 'a/b/c')

    await (await start({ state })).stop()

    expect(await readdir(state)).not.toEqual([])
  })
})

describe('an address to listen on', () => {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all)
  const own = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address
  const has = (address: string) =>
    address.startsWith('127.') ? process.platform === 'linux' : addresses.some((each) => each.address === address)

  it.for([
    ['127.0.0.2', '127.0.0.2', '127.0.0.2'],
    ['localhost', '127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]', '::1'],
    ['::', '[::1]', '::1'],
    ['0:0:0:0:0:0:0:0', '[::1]', '::1'],
    [own ?? 'an address beyond the loopback', own ?? '', own ?? ''],
  ] as const)('%s is told as %s, and answers there', async ([host, shown, needed], { skip }) => {
    skip(!has(needed), 'this machine has no such address')
    for (const https of [false, true]) {
      await using vcenter = await start({ host, https })

      // A start has failed where its own address did not answer, or its certificate was not trusted there.
      const { protocol, hostname } = new URL(vcenter.url)
      expect([protocol, hostname]).toEqual([https ? 'https:' : 'http:', shown])
      expect(vcenter.env()['UPDATE_SESSION_MOCK_URL']).toBe(vcenter.url)
      if (!https) expect((await fetch(`${vcenter.url}/__admin/health`)).status).toBe(200)
    }
  })

  it.each([
    ['no-such-host.invalid', 'There is no address for the host "no-such-host.invalid" ('],
    ['fe80::1%lo', 'The host "fe80::1%lo" cannot stand in a URL.'],
  ])('%s is refused', async (host, words) => {
    await expect(start({ host })).rejects.toThrow(words)
  })

  it.each([
    ['http://127.0.0.1:80', '80'],
    ['https://127.0.0.1:443', '443'],
    ['http://[::1]:8989', '8989'],
  ])('%s has its port in the environment of clients', (url, port) => {
    expect(environment({ url, user: 'user', password: 'pass' })['VMWARE_PORT']).toBe(port)
  })
})

/** The fakes of the test are there, and are its own. */
function expectFakes(): void {
  const ring = vi.fn()
  setTimeout(ring, 1000)
  vi.advanceTimersByTime(1000)
  expect(ring).toHaveBeenCalledOnce()
}

describe('a test with fake timers', () => {
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['now', undefined],
    ['before the compatibility date', 0],
    ['in another century', Date.UTC(2200, 0)],
  ])('starts, steers and stops a vCenter: the clock is %s', async (_, now) => {
    vi.useFakeTimers(now === undefined ? {} : { now })

    const vcenter = await start({ https: true })
    await vcenter.clock.advance('1h')
    expect(await vcenter.journal.list()).toEqual([])
    await vcenter.stop()

    if (now !== undefined) expect(Date.now()).toBe(now)
    expectFakes()
  })

  it('may begin while the vCenter is there, and has its fakes while it stops', async () => {
    const vcenter = await start()
    vi.useFakeTimers({ now: 0 })

    await vcenter.clock.advance('1h')
    const stopping = vcenter.stop()
    expectFakes()
    await stopping

    expectFakes()
  })

  it('may turn them on and off meanwhile', async () => {
    const { setTimeout: real } = globalThis
    const starting = start()
    vi.useFakeTimers()
    const vcenter = await starting
    const stopping = vcenter.stop()
    vi.useRealTimers()
    await stopping

    expect(globalThis.setTimeout).toBe(real)
  })
})
