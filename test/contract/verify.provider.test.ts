// The command `verify`: it finds what is broken, and never takes for kept what it could not look at.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve } from '../../src/node/server.ts'
import { start, type Sandbox, type VCenter } from '../../src/node/start.ts'
import { verifyProvider } from '../../src/node/verifier.ts'
import { aBroker } from './broker.ts'
import { COMMAND, refused } from '../support/command.ts'
import { listen } from '../support/listen.ts'
import { aCancel, aFile, aFolder, at, CREDENTIALS, FREE, kept, readCancels, USER, verify } from './verify.ts'

let worker: VCenter
/** The one that the verification logs in to. */
let sandbox: Sandbox
beforeAll(async () => {
  worker = await start({ vars: { CREDENTIALS } })
  sandbox = worker.sandbox(USER)
})
afterAll(() => worker.stop())

const pactWith = async (change: Parameters<typeof aCancel>[0]) => ['--pact', await aFile(aCancel(change))]
const pactOf = async (parts: object) => [
  '--pact',
  await aFile({ consumer: { name: 'c' }, provider: { name: 'content-library' }, ...parts }),
]
/** Of an interaction that the mock keeps, but for this in it. */
const interactionOf = (parts: object) =>
  pactOf({ interactions: [{ description: 'a page', request: { path: '/' }, response: { status: 200 }, ...parts }] })
/** Refused in whatever state: without its state it would pass. */
const STRANGER = 'cancel after a logout'
const aStranger = () => aFile(aCancel(undefined, STRANGER))

it('leaves a provider as it found it', async () => {
  const before = await sandboxContents()

  await verify([...at(worker.url), '--pact', await aFile(readCancels())])

  expect(await sandboxContents()).toEqual(before)
})

describe('a request reaches the provider as the pact has it', () => {
  it.each([
    [
      'with a body larger than 100 KiB',
      { headers: { 'content-type': 'application/octet-stream' }, body: 'x'.repeat(200_000) },
    ],
    ['with a body of no media type', { body: 'some bytes' }],
    ['with JSON that is none', { headers: { 'content-type': 'application/json' }, body: '{' }],
  ])('%s', async (_, request) => {
    const path = { type: 'ProviderState', expression: '${upload_path}' }
    const args = await interactionOf({
      providerStates: [{ name: 'an update session with a file', params: { name: 'disk' } }],
      request: { method: 'PUT', path: '/any', generators: { path }, ...request },
      response: { status: 200 },
    })

    expect(await verify([...at(worker.url), ...args])).toEqual(kept(1))
  })
})

describe('a provider that breaks the contract', () => {
  it.each([
    [FREE, { status: 502 }, 'expected 204 but was 502'],
    [
      STRANGER,
      { error: 'NOT_FOUND' },
      "$.error_type: Expected 'NOT_FOUND' (String) to be equal to 'UNAUTHENTICATED' (String)",
    ],
  ] as const)('by its answer to a %s is told so', async (description, fault, reason) => {
    await sandbox.faults.add({ operation: 'update_session.cancel', ...fault })
    onTestFinished(() => sandbox.faults.clear())

    const run = await verify([...at(worker.url), '--pact', await aFile(aCancel(undefined, description))])

    expect(run.code).toBe(1)
    expect(run.said).toContain(`✗ update-session-client: ${description}\n`)
    expect(run.said).toContain(reason)
  })
})

describe('what cannot be looked at is not kept', () => {
  it('an interaction in a provider state that there is not', async () => {
    const pact = aCancel((interaction) => (interaction.providerStates = [{ name: 'a full moon' }]), STRANGER)

    const run = await verify([...at(worker.url), '--pact', await aFile(pact)])

    expect(run.code).toBe(1)
    expect(run.said).toMatch(
      new RegExp(`✗ update-session-client: ${STRANGER}\\n.*There is no provider state "a full moon"`),
    )
  })

  it('an interaction whose state the provider refuses', async () => {
    await sandbox.faults.add({ operation: 'update_session.create', error: 'SERVICE_UNAVAILABLE' })
    onTestFinished(() => sandbox.faults.clear())
    const before = await sandboxContents()

    const run = await verify([...at(worker.url), '--pact', await aStranger()])

    expect(run.code).toBe(1)
    expect(run.said).toContain('503')
    expect(await sandboxContents()).toEqual(before)
  })

  it('an interaction in a wrong state, and that alone where another has its description', async () => {
    const pact = await aCancel()
    const [one] = pact.interactions
    if (one) pact.interactions.push({ ...one, providerStates: [{ name: 'a session of updates' }] })

    const run = await verify([...at(worker.url), '--pact', await aFile(pact)])

    expect(run.code).toBe(1)
    expect(run.said).toContain(`✓ update-session-client: ${FREE}`)
    expect(run.said).toContain('1 of 2 interactions are kept.')
  })

  it('an interaction that a file calls pending', async () => {
    const pact = aCancel((interaction) => {
      interaction.pending = true
      interaction.response.status = 200
    })

    expect(await verify([...at(worker.url), '--pact', await aFile(pact)])).toMatchObject({ code: 1 })
  })
})

describe('nothing to verify, or nothing to verify it with, is neither kept nor broken', () => {
  it.each<[string, () => Promise<string[]>, string]>([
    ['a directory that does not exist', async () => ['--pact', '/none/nowhere'], 'There is no pact at'],
    ['a directory without pacts', async () => ['--pact', await aFolder()], 'There is no pact in'],
    ['a pact without interactions', () => pactWith((_, pact) => (pact.interactions = [])), 'has no interactions'],
    ['another provider', () => pactWith((_, { provider }) => (provider.name = 'cars')), 'is a pact with "cars"'],
    [
      'an interaction of version 4 without a type',
      () => pactWith((interaction) => Reflect.deleteProperty(interaction, 'type')),
      'each interaction has a type',
    ],
    ['a file that is no pact', async () => ['--pact', COMMAND], 'is no pact'],
    ['a message of V3', () => pactOf({ messages: [{ description: 'a message' }] }), 'answers HTTP requests alone'],
    ['a message of V4', () => pactOf({ interactions: [{ type: 'Asynchronous/Messages' }] }), 'HTTP requests alone'],
    ['no list of interactions', () => pactOf({ interactions: 'none' }), 'its interactions are no list of objects'],
    ['an interaction that is null', () => pactOf({ interactions: [null] }), 'its interactions are no list of objects'],
    ['no request', () => interactionOf({ request: undefined }), 'wants a request'],
    ['no response', () => interactionOf({ response: undefined }), 'wants a request'],
    ['a status as a text', () => interactionOf({ response: { status: '200' } }), 'wants a request'],
    ['states as a text', () => interactionOf({ providerStates: 'an API session' }), 'wants a request'],
    ['a state that is null', () => interactionOf({ providerStates: [null] }), 'wants a request'],
    ['a state without a name', () => interactionOf({ providerStates: [{ params: {} }] }), 'wants a request'],
    ['parameters as a text', () => interactionOf({ providerStates: [{ name: 'a', params: 'x' }] }), 'wants a request'],
    ['a state of V2 as a number', () => interactionOf({ providerState: 1 }), 'wants a request'],
    ['an option that does not exist', async () => ['--provder', worker.url], "Unknown option '--provder'"],
    ['an account without its password', async () => ['--provider', worker.url, '--user', 'a'], '--user and --password'],
    ['a provider without an account', async () => ['--provider', worker.url], '--user and --password'],
    ['a provider that is no URL', async () => at('localhost:80'), 'The provider is not a URL: localhost:80'],
    ['a header whose name is none', async () => ['--header', 'a b: c'], "--header wants 'name: value', not 'a b: c'."],
    ['a header whose value is none', async () => ['--header', 'a: \u2026'], "--header wants 'name: value'"],
    ['a provider that is not there', async () => at('http://127.0.0.1:65535'), 'ECONNREFUSED'],
    [
      'a version that is a pact',
      async () => ['--publish', 'a/pact.json'],
      'the version of the provider behind it, not "a/pact.json".',
    ],
    ['a version that is empty', async () => ['--publish', ''], 'the version of the provider behind it, not "".'],
    ['a branch that is a pact', async () => ['--branch', 'http://broker/pact'], "the provider's branch behind it"],
    ['a wrong password', async () => [...at(worker.url), '--password', 'wrong'], '401 UNAUTHENTICATED'],
  ])('%s', async (_, args, complaint) => {
    const given = await args()
    const run = await verify(given.includes('--pact') ? given : [...given, '--pact', await aFile(aCancel())])

    expect(run).toEqual(refused(complaint))
  })
})

it('closes its API session where the run breaks off', async () => {
  await sandbox.journal.clear()

  // Pact throws where the provider has no name.
  const pact = aFile(aCancel((_, { provider }) => (provider.name = '')))
  const run = await verify([...at(worker.url), '--name', '', await pact])

  expect(run).toMatchObject({ code: 2 })
  const seen = (await sandbox.journal.list()).map(({ method, url, status }) => `${method} ${url} ${status}`)
  expect(seen).toEqual(['DELETE /api/session 204', 'POST /api/session 201'])
})

it('lists the provider states for those who write pacts', async () => {
  const run = await verify(['--states'])

  expect(run).toMatchObject({ code: 0 })
  expect(run.said).toContain('an update session {state} {error_message} {update_session_id}* {library_item_id}*\n')
})

describe('on the way to the provider', () => {
  it('a proxy for the outside world is not in the way of the loopback address', async () => {
    const dead = 'http://127.0.0.1:9'

    const env = { HTTP_PROXY: dead, HTTPS_PROXY: dead, http_proxy: dead, https_proxy: dead }

    expect(await verify([...at(worker.url), '--pact', await aStranger()], env)).toEqual(kept(1))
  })

  it('a certificate is trusted by its authority, or if so asked, and else refused', async () => {
    const { url, caFile = '', stop } = await serve({ https: true, vars: { CREDENTIALS } })
    onTestFinished(stop)
    const pact = await aStranger()
    const verifyWith = (...args: string[]) => verify([...at(url), ...args, '--pact', pact])

    expect(await verifyWith('--ca', caFile)).toMatchObject({ code: 0 })
    expect(await verifyWith('--insecure')).toMatchObject({ code: 0 })
    expect(await verifyWith()).toMatchObject({ code: 2, said: '' })
  })
})

describe('with a broker', () => {
  async function verifyFrom(status: 200 | 204, options: object = {}, args: string[] = []) {
    const pact = await aCancel(({ response }) => (response.status = status))
    const { env, asked } = await aBroker(pact, options)
    return { ...(await verify([...at(worker.url), ...args], env)), asked }
  }

  it('its pacts are verified, by default those of main branches and of what is deployed; nothing is published', async () => {
    const run = await verifyFrom(204)

    expect(run).toMatchObject(kept(1))
    const consumerVersionSelectors = [{ mainBranch: true }, { deployedOrReleased: true }]
    expect(run.asked.filter(({ method }) => method === 'POST')).toMatchObject([
      { path: '/for-verification/content-library', body: { consumerVersionSelectors } },
    ])
  })

  it('a broken pact is broken', async () => {
    expect(await verifyFrom(200)).toMatchObject({ code: 1 })
  })

  it('a broken pact that is pending is shown, and is no failure', async () => {
    const run = await verifyFrom(200, { pending: true }, ['--branch', 'main'])

    expect(run).toMatchObject({ code: 0 })
    expect(run.said).toContain('0 of 1 interactions are kept, 1 pending.')
    expect(run.said).toContain('expected 200 but was 204')
  })

  it('the selectors and the branch are those that are asked for, and the results are published as those of a version', async () => {
    const run = await verifyFrom(204, {}, ['--selector', '{"branch":"next"}', '--branch', 'main', '--publish', '1.2.3'])

    expect(run).toMatchObject({ code: 0 })
    const asked = { consumerVersionSelectors: [{ branch: 'next' }], providerVersionBranch: 'main' }
    const results = { success: true, providerApplicationVersion: '1.2.3' }
    expect(run.asked.filter(({ method }) => method !== 'GET')).toMatchObject([
      { path: '/for-verification/content-library', body: asked },
      { path: '/branches/main/versions/1.2.3' },
      { path: '/results', body: results },
    ])
  })

  it.each([
    [403, 2],
    // The verifier would try it for two minutes.
    [503, 3],
  ])('results that the broker answers %d are no success, and it says so at once', async (publishing, code) => {
    const run = await verifyFrom(204, { publishing }, ['--publish', '1.2.3'])

    expect(run).toMatchObject({ code, complained: expect.stringContaining(`/results answers ${publishing}.`) })
    expect(run.asked.filter(({ path }) => path === '/results')).toHaveLength(1)
  })

  it('a branch where the broker has none is refused', async () => {
    const run = await verifyFrom(204, { hasBranches: false }, ['--publish', '1.2.3', '--branch', 'main'])

    expect(run).toMatchObject({ code: 2, complained: expect.stringContaining('The broker keeps no branches') })
  })

  it('no other server is told its login', async () => {
    const { env } = await aBroker(await aCancel())
    const other = await aBroker(await aCancel())

    expect(await verify([`${other.url}/pact`], env)).toEqual(refused('/pact answers 401.'))
  })

  it.each([
    ['refuses the login', { token: 'another' }, 2, 'answers 401.'],
    ['has no pact', { isEmpty: true }, 2, 'There is no pact with "content-library" in http'],
    // The verifier would ask it again for two minutes.
    ['is broken', { status: 500 }, 3, 'answers 500. {}'],
    ['is none', { status: 200 }, 2, 'There is no broker at http'],
  ])('one that %s is no success, and says so at once', async (_, options, code, words) => {
    const run = await verifyFrom(204, options)

    expect(run).toMatchObject({ code, said: '', complained: expect.stringContaining(words) })
    expect(run.complained.trim().split('\n')).toHaveLength(1)
    expect(run.asked.length).toBeLessThan(3)
  })

  it('one that is not there is no success', async () => {
    const absent = { PACT_BROKER_BASE_URL: 'http://127.0.0.1:65535' }

    expect(await verify([], absent)).toEqual(refused('There is no answer from http://127.0.0.1:65535'))
  })

  it('one that does not answer is not waited for after a signal', async () => {
    const end = new AbortController()
    const { url, stop } = await listen(() => end.abort(new Error('enough')))
    onTestFinished(stop)

    await expect(verifyProvider({ broker: { url }, signal: end.signal })).rejects.toThrow('enough')
  }, 20_000)

  it('a message is refused, as that of a file', async () => {
    const { env } = await aBroker(await aCancel((_, pact) => Object.assign(pact, { messages: [{ description: 'm' }] })))

    expect(await verify([], env)).toEqual(refused('answers HTTP requests alone'))
  })

  it.each([[[]], [['--static']]])('some of its interactions are chosen: %j', async (args) => {
    const { env } = await aBroker(await readCancels())

    expect(await verify(['--only', 'that is DONE', ...args], env)).toMatchObject({
      code: 0,
      said: expect.stringContaining('1 of '),
    })
  })

  it('it is reached through a proxy', async () => {
    const { env } = await aBroker(await aCancel())
    const through: unknown[] = []
    const proxy = createServer().on('connect', ({ url }: IncomingMessage, socket) => {
      through.push(url)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    onTestFinished(() => void proxy.close())
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    // As curl takes it, too.
    const HTTP_PROXY = `127.0.0.1:${(proxy.address() as AddressInfo).port}`

    const around = { http_proxy: `http://${HTTP_PROXY}`, no_proxy: 'broker.example' }
    for (const proxies of [{ HTTP_PROXY }, around])
      await verify([], { ...env, PACT_BROKER_BASE_URL: 'http://broker.example', ...proxies })

    expect(through).toEqual(['broker.example:80'])
    expect(await verify([], { ...env, ...around })).toEqual(kept(1))
  })

  it.each<[string, Record<string, string>, string[], string]>([
    ['an address that is no URL', { PACT_BROKER_BASE_URL: 'broker.example' }, [], 'is not a URL: broker.example'],
    ['a user without a password', { PACT_BROKER_TOKEN: '', PACT_BROKER_USERNAME: 'ci' }, [], 'PACT_BROKER_PASSWORD'],
    // The verifier would leave these out, and verify what the broker then chooses.
    ['a list of selectors', {}, ['--selector', '[{"mainBranch":true}]'], 'A selector is an object with branch, '],
    ['a selector that is none', {}, ['--selector', ''], 'A selector is an object with branch, '],
    ['a selector of another name', {}, ['--selector', '{"mainbranch":true}'], 'not {"mainbranch":true}.'],
    ['a selector of another type', {}, ['--selector', '{"mainBranch":"main"}'], 'not {"mainBranch":"main"}.'],
  ])('%s is refused', async (_, change, args, complaint) => {
    const { env, asked } = await aBroker(await aCancel())

    expect(await verify(args, { ...env, ...change })).toEqual(refused(complaint))
    expect(asked).toEqual([])
  })
})

/** What the account the verification uses has in the worker. */
async function sandboxContents(): Promise<unknown> {
  const { libraries, items, updateSessions, logout } = await login(worker.url, { user: USER, password: 'right' })
  const ids = await libraries.list()
  const contents = { ids, items: await Promise.all(ids.map(items.list)), sessions: await updateSessions.list() }
  await logout()
  return contents
}
