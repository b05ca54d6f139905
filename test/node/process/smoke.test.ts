// The smoke test: all of it passes at a mock that is right, and behind a proxy with one bad habit the one check fails that is
// about it. Nothing is left behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { login } from '../../../src/client/client.ts'
import { checks } from '../../../src/contract/checks.ts'
import { LOGIN, PROXY, runChecks, type CheckOutcome, type Target } from '../../../src/contract/smoke.ts'
import { storedIn } from '../../../scripts/stored.ts'
import { serve, type Embedded } from '../../../src/node/server.ts'
import { trickle } from '../../../src/node/trickle.ts'
import { COMMAND, run } from '../../support/command.ts'
import { listen, type Listening } from '../../support/listen.ts'
import { freePort, hasProxy, startReverseProxy } from '../reverse-proxy.ts'

const ADMIN_TOKEN = 'open sesame'
const credentials = { user: 'ci', password: 'right' }
const BIG_BYTES = 100_000_000
const OVER_HTTP_1 = 'an upload over HTTP/1.1, cut off by a cancel'
const REFUSED = (status: number) => new Response('<h1>no</h1>', { status })

let mock: Embedded
/** What a PULL fetches: bytes that flow until the connection is closed. */
let source: Listening
beforeAll(async () => {
  const vars = { CREDENTIALS: 'ci:right,ci-2:right', OPEN_LOGIN: 'off', ADMIN_TOKEN, PULL_HOSTS: 'loopback' }
  mock = await serve({ vars: { ...vars, LOG_REQUESTS: 'off' } })
  source = await listen((_, response) => {
    const timer = setInterval(() => response.write(new Uint8Array(65_536)), 20)
    response.on('close', () => clearInterval(timer))
  })
})
afterAll(async () => {
  await source.stop()
  await mock.stop()
})

const targetAt = (url: string, isBig: boolean) => ({
  url,
  credentials,
  adminToken: ADMIN_TOKEN,
  sourceUrl: `${source.url}/`,
  fetch: (request: Request) => fetch(request),
  isBig,
  trickle,
})

const names = (outcomes: CheckOutcome[], result: CheckOutcome['result']) =>
  outcomes.filter((outcome) => outcome.result === result).map(({ name }) => name)

type Habit = (request: Request, pass: typeof fetch) => Promise<Response>
/** All checks, with something on the way that has this habit. */
const behind = (habit: Habit, more: Partial<Target> = {}): Promise<CheckOutcome[]> =>
  runChecks(
    { ...targetAt(mock.url, false), fetch: (request) => habit(request, fetch), ...more },
    checks,
    () => undefined,
  )
const plain: Habit = (request, pass) => pass(request)
/** It has sent nothing on when all is there. */
const collecting = async () => ({ status: new Promise<number>(() => undefined) })

const status = (code: number, from: number[]) => (answer: Response) =>
  from.includes(answer.status) ? new Response(null, { status: code }) : answer
/** What is answered wrongly, call by call. */
const WRONG: [call: RegExp, (answer: Response) => Response][] = [
  [/^GET \/__admin\/requests$/, status(200, [403])],
  [/^GET \/docs$/, () => new Response(null, { status: 302, headers: { location: '/elsewhere/' } })],
  [/^POST \/api\/session$/, status(403, [401])],
  [/^POST \/api\/.*\?action=cancel$/, status(204, [404, 503])],
  [/^POST \/rest\/.*\?~action=cancel$/, status(200, [400])],
  [/^POST \/api$/, () => Response.json({})],
  [/^GET \/cls\/static\//, () => new Response('other', { status: 206 })],
  [/^POST \/__admin\/clock\/advance$/, () => Response.json({ offset_seconds: 61 })],
  [/^POST \/__admin\/requests\/count$/, () => Response.json({ count: 2 })],
]

/** Each goes through all checks, two of them with 101 MB. */
const timeout = 240_000

describe('a smoke test', { timeout }, () => {
  it('passes at a mock that is right, and leaves nothing behind', async () => {
    const outcomes = await runChecks(targetAt(mock.url, true), checks, () => undefined)

    expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([])
    expect(names(outcomes, 'skipped')).toEqual(['an upload over HTTP/2, cut off by a cancel'])
    for (const user of ['ci', 'ci-2']) {
      const client = await login(mock.url, { user, password: 'right' })
      expect(await client.updateSessions.list()).toEqual([])
      const [library = ''] = await client.libraries.list()
      expect(await client.items.list(library)).toHaveLength(1) // the one of the start
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'x-mock-sandbox': user }
      const view = await (await fetch(`${mock.url}/__admin/view`, { headers })).json()
      expect(view).toMatchObject({ clock: { offset_seconds: 0, frozen: false }, shown: { faults: [] } })
    }
    await expect.poll(() => storedIn(mock.bytesFolder)).toEqual({ objects: 0, bytes: 0 })
  })

  it.each<[string, string, Habit, Partial<Target>?]>([
    ['collects bodies', OVER_HTTP_1, plain, { trickle: { ...trickle, 'HTTP/1.1': collecting } }],
    [
      'refuses Python-urllib',
      'urllib is let through',
      async (request, pass) =>
        request.headers.get('user-agent')?.startsWith('Python-urllib') ? REFUSED(403) : pass(request),
    ],
    [
      'takes no more than 100 MB',
      'an upload of 101 MB',
      async (request, pass) => ((await request.clone().blob()).size > BIG_BYTES ? REFUSED(413) : pass(request)),
      { isBig: true },
    ],
    [
      'strips headers',
      LOGIN,
      (request, pass) => {
        request.headers.delete('vmware-api-session-id')
        return pass(request)
      },
    ],
    [
      'rewrites %3A',
      'ids with : and %3A',
      (request, pass) => pass(new Request(request.url.replaceAll('%3A', '%253A'), request)),
    ],
    [
      'has another name',
      'addresses of uploads lead back',
      async (request, pass) => {
        const answer = await pass(request)
        return new Response((await answer.text()).replaceAll(mock.url, 'http://a.test') || null, answer)
      },
    ],
    ['wants another token', 'the admin API, with its token', plain, { adminToken: 'another' }],
  ])('behind what %s fails in one check: %s', async (_, name, habit, more) => {
    expect(names(await behind(habit, more), 'failed')).toEqual([name])
  })

  it('of a mock that answers wrongly fails in each check that is about it', async () => {
    const wrongly: Habit = async (request, pass) => {
      const call = `${request.method} ${request.url.slice(mock.url.length)}`
      const [, change = (answer: Response) => answer] = WRONG.find(([pattern]) => pattern.test(call)) ?? []
      return change(await pass(request))
    }

    // It pulls from no mock.
    expect(names(await behind(wrongly, { sourceUrl: `${mock.url}/` }), 'failed')).toEqual([
      'the admin API is closed without its token',
      'redirects stay below the address',
      'a wrong password is refused',
      'cancel through /api',
      'cancel through /rest, with ~action',
      'cancel through JSON-RPC',
      'a PULL, cut off by a cancel',
      'a part of a file (Range)',
      'two users at once',
      'the clock',
      'the journal',
      'a fault',
    ])
  })

  it.each(['<html></html>', 'null', '[]', ''])('of a page that is no mock, and answers %j, fails', async (page) => {
    const server = await listen((_, response) => void response.end(page))
    const [outcome] = await runChecks(targetAt(server.url, false), checks.slice(0, 1), () => undefined)
    await server.stop()

    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringContaining('names no version') as unknown })
  })

  it('names in each check a heading of docs/deploy.md', () => {
    const page = readFileSync('docs/deploy.md', 'utf8')

    for (const { mendedBy = PROXY } of checks) expect(page).toContain(`\n## ${mendedBy}\n`)
  })
})

const command = (args: string[], env: Record<string, string> = {}) => run(COMMAND, ['smoke', ...args], { env })

describe('the command', () => {
  const account = ['--user', 'ci', '--password', 'right', '--admin-token', ADMIN_TOKEN]

  it('tells what it sees, check after check, and exits with 0, however its address is written', async () => {
    const { code, said } = await command([`${mock.url.replace('http', 'HTTP')}/`, ...account])

    expect(said).toContain('cancel through JSON-RPC')
    expect(said).toMatch(/\d+ passed, 0 failed, 3 not tried\.\n$/)
    expect(code).toBe(0)
  })

  it.each([
    ['junit', /<failure message="[^"]+">.*docs\/deploy\.md, &quot;.+&quot;/],
    ['json', /"result": "failed",\n\s+"detail": "401 /],
  ])('writes %s, and exits with 1 where a check fails', async (format, said) => {
    const answer = await command([mock.url, '--user', 'ci', '--password', 'wrong', '--format', format])

    expect(answer.said).toMatch(said)
    expect(answer.code).toBe(1)
  })

  it('removes what it has made when a signal ends it', async () => {
    // It is asked while the session that pulls from it is there.
    const asked = await listen((_, response) => {
      // It says that it has heard.
      child.stderr.once('data', () => response.end('late'))
      child.kill('SIGINT')
    })
    const child = spawn(process.execPath, [COMMAND, 'smoke', mock.url, ...account, '--source', `${asked.url}/`])
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    const [code] = await once(child, 'exit')

    await asked.stop()

    expect(code).toBe(130)
    expect(said).not.toContain('(Range)')
    const client = await login(mock.url, { user: 'ci', password: 'right' })
    expect(await client.updateSessions.list()).toEqual([])
  })

  it.each([
    ['there is no answer', ['http://127.0.0.1:9', ...account], 'There is no answer from http://127.0.0.1:9'],
    ['there is no address', account, 'Name the address of one mock'],
    ['an address is none', ['localhost:8989', ...account], 'Name the address of one mock, as http://'],
    ['there is no user', ['http://127.0.0.1:9'], 'Name the account'],
    ['there is no password', ['http://127.0.0.1:9', '--user', 'ci'], 'Name the account'],
    ['an option is none', ['http://127.0.0.1:9', '--usr', 'ci'], "Unknown option '--usr'"],
    ['a format is none', ['http://127.0.0.1:9', ...account, '--format', 'xml'], '--format is one of'],
  ])('exits with 2 where %s', async (_, args, complained) => {
    expect(await command(args)).toMatchObject({ code: 2, complained: expect.stringContaining(complained) })
  })

  it.skipIf(!hasProxy('caddy'))('passes through Caddy, over HTTP/2 too, below a path', { timeout }, async () => {
    const port = await freePort()
    const url = `https://localhost:${port}/mock`
    const vars = { CREDENTIALS: 'ci:right', ADMIN_TOKEN, PUBLIC_URL: url, LOG_REQUESTS: 'off' }
    const behind = await serve({ vars })
    onTestFinished(behind.stop)
    const proxy = await startReverseProxy('caddy', { host: 'localhost', port, mockUrl: behind.url, path: '/mock' })
    onTestFinished(proxy.stop)

    const { code, said } = await command([url, ...account, '--big'], { NODE_EXTRA_CA_CERTS: proxy.caFile })

    expect(said).toMatch(/✓ an upload over HTTP\/2, cut off by a cancel +\d+ ms {2}(404|broken off)/)
    expect(said).toMatch(/\d+ passed, 0 failed/)
    expect(code).toBe(0)
  })
})

it('the verb prints nothing but its checks where the address is a number, and https', async () => {
  const { url, caFile = '', stop } = await serve({ https: true, vars: { LOG_REQUESTS: 'off' } })
  onTestFinished(stop)

  const account = ['--user', 'ci', '--password', 'any']
  expect(await command([url, ...account], { NODE_EXTRA_CA_CERTS: caFile })).toMatchObject({ code: 0, complained: '' })
})
