// Wrong settings are refused before anything starts, in every way of starting; and where each way writes its log lines.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Unusable } from '../../../src/node/problem.ts'
import { serve } from '../../../src/node/server.ts'
import { start, type StartOptions } from '../../../src/node/start.ts'
import { COMMAND, refused, run, started } from '../../support/command.ts'

const WRONG: [string, string, string][] = [
  ['SESSION_IDLE_SECONDS', '-5', 'SESSION_IDLE_SECONDS must be a time above 0 and up to 30 days'],
  ['SESSION_IDLE', '5', 'There is no variable SESSION_IDLE. Did you mean SESSION_IDLE_SECONDS?'],
]

describe.each(WRONG)('%s=%s', (name, value, words) => {
  it('is refused by the command', async () => {
    const refusal = await run(COMMAND, ['--port', '0', '--var', `${name}=${value}`])

    expect(refusal).toEqual(refused(words))
    // Which says nothing of variables.
    expect(refusal.complained).not.toContain('--help')
  })

  it('is refused by start()', async () => {
    await expect(start({ vars: { [name]: value } })).rejects.toThrow(words)
    await expect(serve({ vars: { [name]: value } })).rejects.toThrow(Unusable)
  })
})

it('is refused by the command in its environment, too', async () => {
  const env = { UPDATE_SESSION_MOCK_VAR: 'ORPHANS_SECONDS=0', UPDATE_SESSION_MOCK_PORT: '0' }

  const refusal = await run(COMMAND, [], { env })

  expect(refusal).toEqual(refused('ORPHANS_SECONDS must be'))
  expect(refusal.complained).toContain(
    '\nThe environment has set options: UPDATE_SESSION_MOCK_PORT, UPDATE_SESSION_MOCK_VAR.\n',
  )
})

it('starts beside a Service of its name, whose address Kubernetes gives to all', async () => {
  const env = { ...process.env, UPDATE_SESSION_MOCK_PORT: 'tcp://10.0.0.7:8080' }

  expect((await started(/Ctrl-C/, process.execPath, [COMMAND], { env })).url).toMatch(/^http:/)
})

/** A device that is full. */
const [FULL, SHELL] = ['/dev/full', '/bin/sh']
it.skipIf(!existsSync(FULL)).each(['--version', 'smoke --help'])(
  'says that what it prints is lost: %s',
  async (args) => {
    const ended = promisify(execFile)(SHELL, ['-c', `exec "$0" "$1" ${args} >${FULL}`, process.execPath, COMMAND])

    await expect(ended).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('ENOSPC') })
  },
)

const dev = (...args: string[]) => run('scripts/dev.ts', args)

it('is refused by npm run dev: of its arguments, and of what wrangler reads', async () => {
  const two = await dev('--var', 'PUBLIC_URL:foo', '--var=SESSION_IDLE_SECONDS:5m')
  expect(two).toEqual({ ...refused(), complained: expect.stringMatching(/^npm run dev: PUBLIC_URL must be .*\n$/) })
  expect(await dev('--var', 'SESSION_IDLE:5')).toEqual(refused('Did you mean SESSION_IDLE_SECONDS?'))
  expect(await dev('--config', 'test/node/process/wrong.toml')).toEqual(refused('ORPHANS_SECONDS must be'))
})

it.each([
  [{ prot: 1 }, 'start() has no option prot. Did you mean port?'],
  [{ onLogs: () => undefined }, 'start() has no option onLogs. Did you mean onLog?'],
  [null, 'start() takes an object of options.'],
  [[], 'start() takes an object of options.'],
  [{ port: 70_000 }, 'The option port of start() takes a whole number from 0 to 65535, not 70000.'],
  [{ port: null }, 'The option port of start() takes a whole number'],
  [{ host: 5 }, 'The option host of start() takes a text, not 5.'],
  [{ https: 'yes' }, "The option https of start() takes true or false, not 'yes'."],
  [{ https: true, httpsNames: 'vcenter' }, "The option httpsNames of start() takes a list of texts, not 'vcenter'."],
  [{ certPath: 'a', keyPath: 'b' }, '--cert (certPath) needs --https (https: true).'],
  [{ caPath: 'a' }, '--ca-file (caPath) need --https (https: true).'],
  [{ state: 5 }, 'The option state of start() takes a text, not 5.'],
  [{ vars: { JOURNAL_SIZE: 100 } }, 'The option vars of start() takes an object whose values are texts'],
  [{ vars: 'JOURNAL_SIZE=100' }, 'The option vars of start() takes an object whose values are texts'],
  [{ onLog: 'stderr' }, "The option onLog of start() takes a function, not 'stderr'."],
])('start(%j) is refused', async (options, words) => {
  await expect(start(options as StartOptions)).rejects.toThrow(words)
})

it('a moment that is none is refused by the clock of start(), and a name that no user can have by its sandboxes', async () => {
  await using vcenter = await start()

  await expect(vcenter.clock.set('soon')).rejects.toThrow('clock.set() takes a Date, or a text as')
  const none = undefined as unknown as string // as a test in JavaScript gives it
  expect(() => vcenter.sandbox(none)).toThrow('sandbox() takes the name of a user.')
  expect(() => vcenter.sandbox('a\ud800')).toThrow('half of a character')
  await expect(vcenter.sandbox('ü'.repeat(128)).clock.now()).rejects.toThrow('255 bytes')
})

it.each(['0', 'false', 'no', 'OFF'])('UPDATE_SESSION_MOCK_HTTPS=%s is no --https', async (value) => {
  const env = { UPDATE_SESSION_MOCK_HTTPS: value, UPDATE_SESSION_MOCK_CA_FILE: 'ca.pem' }

  expect(await run(COMMAND, [], { env })).toEqual(refused('need --https'))
})

it.each(['VERSION', 'HELP'])('UPDATE_SESSION_MOCK_%s, as a job may have it, is no option', async (name) => {
  const env = { [`UPDATE_SESSION_MOCK_${name}`]: '1.2.3', UPDATE_SESSION_MOCK_PORT: 'none' }

  expect(await run(COMMAND, [], { env })).toEqual(refused('--port wants a number'))
})

it('refuses a host that is empty, which is not looked up', async () => {
  const complained =
    'update-session-mock: The host "" cannot stand in a URL. Name another address, without an interface.\n'

  expect(await run(COMMAND, ['--port', '0', '--host', ''])).toEqual({ code: 2, said: '', complained })
})

it('reads times as people write them', async () => {
  await using vcenter = await start({ vars: { API_SESSION_IDLE_SECONDS: '5m', LOG_REQUESTS: 'off' } })
  const client = await vcenter.client()

  await vcenter.clock.advance('4m')
  await expect(client.whoAmI()).resolves.toMatchObject({ user: 'user' })
  await vcenter.clock.advance('6m')
  await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
})

/** What comes on stderr when a client is let in, is refused, and asks for what is not there. */
async function linesOf(script: string, args: string[]): Promise<string[]> {
  const { child, url } = await started(/http:\/\/\S+:\d+\S*\n/, process.execPath, [script, ...args])
  let err = ''
  child.stderr?.on('data', (chunk) => (err += String(chunk)))
  const authorization = `Basic ${btoa('user:pass')}`
  await fetch(`${url}/api/session`, { method: 'POST', headers: { authorization } })
  await fetch(`${url}/api/session`)
  await fetch(`${url}/api/nowhere`)
  await expect.poll(() => err).toContain('/api/nowhere')
  return err.trim().split('\n')
}
const START = `import { start } from './src/node/start.ts'
  const vcenter = await start()
  console.log(vcenter.url)`

describe('the log', () => {
  it.each([
    ['the command', ['src/node/command.ts', '--port', '0']],
    ['start()', ['--input-type=module-typescript', '--eval', START]],
  ])('of %s has a line for each refused and each unrouted request', async (_, [script = '', ...args]) => {
    expect(await linesOf(script, args)).toEqual([
      expect.stringMatching(/ {2}401 GET \/api\/session .* refused by authentication/),
      expect.stringMatching(/ {2}404 GET \/api\/nowhere .* refused by routing/),
    ])
  })

  it('of the command has a line for every request, when it is to be verbose', async () => {
    const lines = await linesOf('src/node/command.ts', ['--port', '0', '--verbose'])

    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      expect.arrayContaining(['POST /api/session 201', 'GET /api/session 401', 'GET /api/nowhere 404']),
    )
  })
})
