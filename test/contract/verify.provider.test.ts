// The command `verify`: it finds what is broken, and never takes for kept what it could not look at.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../../src/node/server.ts'
import { start, type Sandbox, type VCenter } from '../../src/node/start.ts'
import { aBroker } from './broker.ts'
import { COMMAND } from '../support/command.ts'
import { at, CREDENTIALS, readCancels, USER, verify, written, type Interaction, type Pact } from './verify.ts'

let worker: VCenter
/** The one that the verification logs in to. */
let sandbox: Sandbox
let directory: string
let cancels: Pact
beforeAll(async () => {
  worker = await start({ vars: { CREDENTIALS } })
  sandbox = worker.sandbox(USER)
  directory = await mkdtemp(join(tmpdir(), 'pacts-'))
  cancels = await readCancels()
})
afterAll(async () => {
  await worker.stop()
  await rm(directory, { recursive: true })
})

/** A pact of the cancels alone, changed as the test needs it. */
async function aPact(change: (pact: Pact) => unknown = () => undefined): Promise<string> {
  const pact = structuredClone(cancels)
  change(pact)
  return written(directory, pact)
}
const only = (pact: Pact, description: string): Interaction => {
  const found = pact.interactions.find((each) => each.description === description)
  if (!found) throw new Error(`The pact has no interaction "${description}".`)
  pact.interactions = [found]
  return found
}

const FREE = 'cancel of an ACTIVE update session'
/** Refused in whatever state: without its state it would pass. */
const STRANGER = 'cancel after a logout'

it('leaves a provider as it found it', async () => {
  const before = await sandboxContents()

  await verify([...at(worker.url), '--pact', await aPact()])

  expect(await sandboxContents()).toEqual(before)
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

    const run = await verify([...at(worker.url), '--pact', await aPact((pact) => only(pact, description))])

    expect(run.code).toBe(1)
    expect(run.said).toContain(`✗ update-session-client: ${description}\n`)
    expect(run.said).toContain(reason)
  })
})

describe('what cannot be looked at is not kept', () => {
  it.each([
    ['does not exist', { name: 'a session of updates' }, 'There is no provider state "a session of updates".'],
    [
      'cannot be',
      { name: 'an update session', params: { state: 'CANCELLED' } },
      'wants for "state" ACTIVE, DONE, ERROR, CANCELED, not "CANCELLED"',
    ],
    ['lacks a parameter', { name: 'an update session with a file' }, 'wants the parameter "name"'],
    ['is spelt wrong', { name: 'an update session', params: { stat: 'DONE' } }, 'has no parameter "stat"'],
  ])('an interaction in a provider state that %s', async (_, state, reason) => {
    const pact = await aPact((pact) => (only(pact, STRANGER).providerStates = [state]))

    const run = await verify([...at(worker.url), '--pact', pact])

    expect(run.code).toBe(1)
    expect(run.said).toContain(`✗ update-session-client: ${STRANGER}`)
    expect(run.said).toContain(reason)
  })

  it('an interaction whose state the provider refuses', async () => {
    await sandbox.faults.add({ operation: 'update_session.create', error: 'SERVICE_UNAVAILABLE' })
    onTestFinished(() => sandbox.faults.clear())
    const before = await sandboxContents()

    const run = await verify([...at(worker.url), '--pact', await aPact((pact) => only(pact, STRANGER))])

    expect(run.code).toBe(1)
    expect(run.said).toContain('503')
    expect(await sandboxContents()).toEqual(before)
  })

  it('an interaction that a file calls pending', async () => {
    const pact = await aPact((pact) => {
      const interaction = only(pact, FREE)
      interaction.pending = true
      interaction.response.status = 200
    })

    expect(await verify([...at(worker.url), '--pact', pact])).toMatchObject({ code: 1 })
  })
})

describe('nothing to verify, or nothing to verify it with, is neither kept nor broken', () => {
  it.each<[string, () => Promise<string[]>, string]>([
    ['a directory that does not exist', async () => ['--pact', join(directory, 'nowhere')], 'There is no pact at'],
    [
      'a directory without pacts',
      async () => ['--pact', await mkdtemp(join(directory, 'empty-'))],
      'There is no pact in',
    ],
    [
      'a pact without interactions',
      async () => ['--pact', await aPact((pact) => (pact.interactions = []))],
      'has no interactions',
    ],
    [
      'a pact with another provider',
      async () => ['--pact', await aPact((pact) => (pact.provider.name = 'cars'))],
      'is a pact with "cars"',
    ],
    ['a file that is no pact', async () => ['--pact', COMMAND], 'is no pact'],
    ['an option that does not exist', async () => ['--provder', worker.url], "Unknown option '--provder'"],
    ['a provider without an account', async () => ['--provider', worker.url], '--user and --password'],
    ['a provider that is no URL', async () => at('vcenter'), 'The provider is not a URL: vcenter'],
    ['a provider that is not there', async () => at('http://127.0.0.1:65535'), 'ECONNREFUSED'],
    [
      'a wrong password',
      async () => ['--provider', worker.url, '--user', 'contract', '--password', 'wrong'],
      '401 UNAUTHENTICATED',
    ],
  ])('%s', async (_, args, complaint) => {
    const given = await args()
    const run = await verify(given.includes('--pact') ? given : [...given, '--pact', await aPact()])

    expect(run).toMatchObject({ code: 2, said: '' })
    expect(run.complained).toContain(complaint)
  })

  it.each(['PACT_DESCRIPTION', 'PACT_PROVIDER_STATE', 'PACT_PROVIDER_NO_STATE'])(
    'a %s in the environment, which would leave interactions out',
    async (name) => {
      const run = await verify([...at(worker.url), '--pact', await aPact()], { [name]: 'cancel of an ACTIVE.*' })

      expect(run).toMatchObject({ code: 2, said: '' })
      expect(run.complained).toContain(`${name} is set`)
    },
  )
})

it('closes its API session where the run breaks off', async () => {
  await sandbox.journal.clear()

  // Pact throws where the branch has no name.
  const run = await verify([...at(worker.url), '--branch', ''], { PACT_BROKER_BASE_URL: 'http://127.0.0.1:65535' })

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

    const run = await verify([...at(worker.url), '--pact', await aPact((pact) => only(pact, STRANGER))], {
      HTTP_PROXY: dead,
      HTTPS_PROXY: dead,
      http_proxy: dead,
      https_proxy: dead,
    })

    expect(run).toMatchObject({ code: 0 })
  })

  it('a certificate is trusted by its authority, or if so asked, and else refused', async () => {
    const { url, caFile = '', stop } = await serve({ https: true, vars: { CREDENTIALS } })
    onTestFinished(stop)
    const pact = await aPact((pact) => only(pact, STRANGER))
    const verifyWith = (...args: string[]) => verify([...at(url), ...args, '--pact', pact])

    expect(await verifyWith('--ca', caFile)).toMatchObject({ code: 0 })
    expect(await verifyWith('--insecure')).toMatchObject({ code: 0 })
    expect(await verifyWith()).toMatchObject({ code: 2, said: '' })
  })
})

describe('with a broker', () => {
  const right = (pact: Pact) => only(pact, FREE)
  const wrong = (pact: Pact) => (right(pact).response.status = 200)

  async function verifyFrom(change: (pact: Pact) => unknown, options: object = {}, args: string[] = []) {
    const pact = structuredClone(cancels)
    change(pact)
    const broker = await aBroker({ token: 'let-me-in', pact, ...options })
    onTestFinished(broker.stop)
    const env = { PACT_BROKER_BASE_URL: broker.url, PACT_BROKER_TOKEN: 'let-me-in' }
    return { ...(await verify([...at(worker.url), ...args], env)), asked: broker.asked }
  }

  it('its pacts are verified, by default those of main branches and of what is deployed', async () => {
    const run = await verifyFrom(right)

    expect(run).toMatchObject({ code: 0 })
    expect(run.said).toContain('1 of 1 interactions are kept.')
    const [selection] = run.asked.filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/for-verification'),
    )
    expect(selection?.body).toMatchObject({
      consumerVersionSelectors: [{ mainBranch: true }, { deployedOrReleased: true }],
    })
  })

  it('the selectors and the branch are those that are asked for', async () => {
    const run = await verifyFrom(right, {}, ['--selector', '{"branch":"next"}', '--branch', 'main'])

    const [selection] = run.asked.filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/for-verification'),
    )
    expect(selection?.body).toMatchObject({
      consumerVersionSelectors: [{ branch: 'next' }],
      providerVersionBranch: 'main',
    })
  })

  it('a broken pact is broken', async () => {
    expect(await verifyFrom(wrong)).toMatchObject({ code: 1 })
  })

  it('a broken pact that is pending is shown, and is no failure', async () => {
    const run = await verifyFrom(wrong, { pending: true }, ['--branch', 'main'])

    expect(run).toMatchObject({ code: 0 })
    expect(run.said).toContain('pending')
    expect(run.said).toContain('expected 200 but was 204')
  })

  it('nothing is published unasked', async () => {
    const run = await verifyFrom(right)

    expect(run.asked.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
      '/for-verification/content-library',
    ])
  })

  it('the results are published as those of a version and a branch', async () => {
    const run = await verifyFrom(right, {}, ['--publish', '1.2.3', '--branch', 'main'])

    expect(run).toMatchObject({ code: 0 })
    expect(run.asked).toContainEqual(expect.objectContaining({ method: 'PUT', path: '/branches/main/versions/1.2.3' }))
    const [results] = run.asked.filter(({ path }) => path === '/results')
    expect(results?.body).toMatchObject({ success: true, providerApplicationVersion: '1.2.3' })
  })

  it('results that the broker does not take are no success', async () => {
    const run = await verifyFrom(right, { publishing: 403 }, ['--publish', '1.2.3'])

    expect(run).toMatchObject({ code: 2 })
    expect(run.complained).toContain('Publishing of verification results failed')
  })

  it('a broker that refuses the login, or is not there, is no success', async () => {
    const locked = await verifyFrom(right, { token: 'another' })
    const absent = await verify(at(worker.url), { PACT_BROKER_BASE_URL: 'http://127.0.0.1:65535' })

    expect(locked).toMatchObject({ code: 2 })
    expect(absent).toMatchObject({ code: 2 })
  })
})

/** What the account the verification uses has in the worker. */
async function sandboxContents(): Promise<unknown> {
  const authorization = `Basic ${btoa(CREDENTIALS)}`
  const login = await fetch(`${worker.url}/api/session`, { method: 'POST', headers: { authorization } })
  const headers = { 'vmware-api-session-id': (await login.json()) as string }
  const read = async (path: string) => (await fetch(`${worker.url}/api/content/${path}`, { headers })).json()
  const libraries = (await read('library')) as string[]
  return {
    libraries,
    items: await Promise.all(libraries.map((id) => read(`library/item?library_id=${id}`))),
    sessions: await read('library/item/update-session'),
  }
}
