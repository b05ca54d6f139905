// What `verify` verifies: what is named, and nothing else; which of it; and in which form it says how it went.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { asJunit } from '../../src/node/junit.ts'
import { serve } from '../../src/node/server.ts'
import { start } from '../../src/node/start.ts'
import { verifyProvider } from '../../src/node/verifier.ts'
import { aBroker } from './broker.ts'
import { COMMAND, refused, run, type Run } from '../support/command.ts'
import { aCancel, aFile, aFolder, at, FREE, kept, readCancels, readPact, verify } from './verify.ts'
import type { Interaction, Pact } from './verify.ts'

let cancels: Pact
beforeAll(async () => {
  cancels = await readCancels()
})

describe('a pact that is named', () => {
  it('by file is verified alone, whatever the environment has for Pact', async () => {
    const { env, asked } = await aBroker(await aCancel(({ response }) => (response.status = 200)))
    const places = ['PACT_DIR', 'PACT_FILE', 'PACT_OUTPUT_DIR', 'PACT_PLUGIN_DIR', 'PACT_PREBUILD_LOCATION']
    const more = Object.fromEntries(places.map((name) => [name, '/dev/null']))
    const options = { PACT_BROKER_PUBLISH_VERIFICATION_RESULTS: 'true', PACT_MATCHING_ENGINE: 'v2' }
    const filters = { PACT_DESCRIPTION: 'none', PACT_PROVIDER_STATE: 'none', PACT_PROVIDER_NO_STATE: 'true' }

    expect(await verify([await aFile(aCancel())], { ...env, ...options, ...filters, ...more })).toEqual(kept(1))
    expect(asked).toEqual([])
  })

  it('by default lies in the folder pacts, also where a broker has a token and no address', async () => {
    const cwd = await aFolder()

    const complaint = 'There is no pact at pacts.'
    expect(await run(COMMAND, ['verify'], { env: { PACT_BROKER_TOKEN: 'a' }, cwd })).toEqual(refused(complaint))
  })

  it('twice, by its file and its folder, is verified once', async () => {
    const file = await aFile(aCancel())

    expect(await verify([file, dirname(file), file])).toEqual(kept(1))
  })

  it('may begin with a byte order mark', async () => {
    const file = await aFile(aCancel())
    await writeFile(file, `\ufeff${await readFile(file, 'utf8')}`)

    expect(await verify([file])).toEqual(kept(1))
  })

  it.each([[[]], [['--static']]])('by URL is verified once, with the login of the broker: %j', async (options) => {
    const { env, url } = await aBroker(await aCancel())

    expect(await verify([`${url}/pact`, ...options], env)).toEqual(kept(1))
  })

  it('by URL is trusted by the authorities of the system', async () => {
    const { url, caFile = '', stop } = await serve({ https: true })
    onTestFinished(stop)

    expect(await verify([`${url}/__admin/health`])).toEqual(refused('certificate'))
    expect(await verify([`${url}/__admin/health`], { SSL_CERT_FILE: caFile })).toEqual(refused('it names no provider'))
  })

  it('by URL has its results published to the link that is in it', async () => {
    const { env, url, asked } = await aBroker(await aCancel())

    expect(await verify([`${url}/pact`, '--publish', '1.2.3'], env)).toEqual(kept(1))
    expect(asked.find(({ path }) => path === '/results')?.body).toMatchObject({
      success: true,
      providerApplicationVersion: '1.2.3',
    })
  })

  it('is not published where some of it is left out', async () => {
    const { env, url } = await aBroker(await aCancel())

    expect(await verify([`${url}/pact`, '--publish', '1.2.3', '--only', 'cancel'], env)).toEqual(refused())
  })
})

describe('of a folder', () => {
  const withOrders = () => aCancel((_, { provider }) => (provider.name = 'orders'))

  it('the pacts with the provider are verified, and the other files are named', async () => {
    const folder = await aFolder(await withOrders(), { name: 'a package' }, await aCancel())

    const run = await verify([folder])

    expect(run).toEqual(kept(1))
    expect(run.said).toContain(`left out: ${folder}/0.json is a pact with "orders"`)
    expect(run.said).toContain(`left out: ${folder}/1.json is no pact`)
  })

  it('no pact with the provider is left out because it cannot be verified', async () => {
    const torn = await aCancel((_, pact) => Object.assign(pact, { messages: [{ description: 'a message' }] }))

    expect(await verify([await aFolder(torn, await aCancel())])).toEqual(refused('0.json has messages'))
  })

  it('without a pact with the provider nothing is kept', async () => {
    const complaint = 'There is no pact with "content-library"'

    expect(await verify([await aFolder(await withOrders())])).toEqual(refused(complaint))
  })
})

describe('of what is named', () => {
  it.each([
    ['the description', 'that is DONE'],
    ['the name of a state', 'no update session'],
  ])('--only takes the interactions with the text in %s, and says how many it has left out', async (_, text) => {
    const run = await verify([await aFile(cancels), '--only', text])

    expect(run).toMatchObject({ code: 0 })
    const { length } = cancels.interactions
    expect(run.said).toContain(`1 of ${length} interactions are kept, ${length - 1} left out.`)
  })

  it.each([
    [['--user', 'a'], '--user goes with --provider.'],
    [['--insecure'], '--insecure goes with --provider.'],
    [['--password', 'a'], '--password goes with --provider.'],
    [[...at('https://127.0.0.1:9'), '--ca', '/none', '--insecure'], '--ca changes nothing with'],
    [['--selector', '{}'], '--selector chooses from a broker'],
    [['--branch', 'main'], '--branch is for a broker'],
    [['--states'], '--states lists the provider states, and takes nothing else.'],
    [['--publish', '1.2.3'], 'has no link to publish results to'],
    [['--static', '--publish', '1'], '--publish changes nothing with --static'],
    [['--static', '--ca', 'a'], '--ca changes nothing with --static'],
    [[...at('https://127.0.0.1:9'), '--ca', '/none'], 'cannot be read in /none (ENOENT).'],
    [['--spec', 'a.json'], '--spec goes with --static.'],
    [['--only', 'a full moon'], 'a full moon'],
  ])('nothing is verified with the options %j, which change nothing or leave nothing', async (args, words) => {
    expect(await verify([await aFile(aCancel()), ...args])).toEqual(refused(words))
  })
})

describe('the report', () => {
  const broken = () => aFile(aCancel(({ response }) => (response.status = 200)))

  it('is JSON, where it is asked for', async () => {
    const run = await verify([await broken(), '--format', 'json'])

    expect(run.code).toBe(1)
    expect(JSON.parse(run.said)).toMatchObject({
      isKept: false,
      interactions: [{ description: FREE, outcome: 'broken' }],
    })
  })

  it('says what a broken interaction has asked: the example, where no state hands out the value', async () => {
    const unset = await aFile(aCancel(({ providerStates }) => providerStates.unshift({ name: 'a full moon' })))
    const path = '/api/content/library/item/update-session/my-session'
    const mistyped = await aFile(
      aCancel(({ request }) => Object.assign(request, { path, matchingRules: {}, generators: {} })),
    )

    const run = await verify([unset, await broken(), mistyped, '--format', 'json'])

    const { interactions } = JSON.parse(run.said) as { interactions: { reasons: string[] }[] }
    expect(interactions.map(({ reasons }) => reasons.at(-1))).toEqual([
      expect.stringContaining('There is no provider state "a full moon".'),
      expect.stringMatching(/^POST \S+\?action=cancel was answered 204\.$/),
      expect.stringMatching(/^POST \S+my-session\?action=cancel was answered 404: \{.*"error_type":"NOT_FOUND"/),
    ])
  })

  it("is JUnit's XML, where it is asked for", async () => {
    const run = await verify([await broken(), '--format', 'junit'])

    expect(run.code).toBe(1)
    expect(run.said).toContain('tests="1" failures="1"')
    expect(run.said).toContain(`name="${FREE}"><failure message="expected 200 but was 204">`)
  })

  it('is XML whatever an interaction is called', () => {
    expect(asJunit('\uffff\ufffe\0', [])).toContain('name="\ufffd\ufffd\ufffd"')
  })

  it.each([
    [{ branch: 'main' }, '--branch is for a broker'],
    [{ publish: '' }, 'the version of the provider'],
    [{ broker: { url: 'http://127.0.0.1:9', selectors: [{}] } }, '--selector chooses from a broker'],
  ])('of the function is none with %j, which changes nothing', async (options, words) => {
    await expect(verifyProvider({ pacts: [await aFile(aCancel())], ...options })).rejects.toThrow(words)
  })

  it('of the function is the same, and is told how far it is', async () => {
    const told: unknown[] = []

    const onProgress = (...step: unknown[]) => told.push(step)
    const report = await verifyProvider({ pacts: [await aFile(cancels)], only: 'that is', onProgress })

    expect(report.isKept).toBe(true)
    expect(report.interactions).toHaveLength(3)
    expect(told).toEqual([1, 2, 3].map((done) => [done, 3]))
  })
})

describe('a pact whose consumer writes no generators', () => {
  const V2 = 'test/clients/pacts/ruby-v2.json'

  it('is held to its ids and its token', async () => {
    expect(await verify([V2])).toEqual(kept(3))
  })

  it('finds nothing that an interaction before has made', async () => {
    const { interactions, ...rest } = JSON.parse(await readFile(V2, 'utf8')) as Pact
    const create = {
      ...interactions[0],
      providerState: 'an API session and a library item {"library_item_id": "item-1"}',
      request: {
        method: 'POST',
        path: '/api/content/library/item/update-session',
        headers: { 'vmware-api-session-id': 'x', 'content-type': 'application/json' },
        body: { library_item_id: 'item-1' },
      },
      response: { status: 201 },
    }

    expect(await verify([await aFile({ ...rest, interactions: [create, create] })])).toEqual(kept(2))
  })

  /** A cancel that is refused, with a token that is none. */
  const withoutToken = (providerStates: Interaction['providerStates']) =>
    aCancel((interaction) => {
      const request = { generators: {}, matchingRules: {}, headers: { 'vmware-api-session-id': ['x'] } }
      Object.assign(interaction, { providerStates })
      Object.assign(interaction.request, request)
      Object.assign(interaction.response, { status: 401 })
    })

  it('keeps its token where no state hands one out', async () => {
    const first = JSON.parse(await readFile(V2, 'utf8')) as Pact

    expect(await verify([await aFolder(first, await withoutToken([]))])).toEqual(kept(4))
  })

  it('keeps its token where that of another interaction was handed out in vain', async () => {
    const failing = await withoutToken([{ name: 'an API session' }, { name: 'a full moon' }])

    const run = await verify([await aFolder(failing, await withoutToken([]))])

    expect(run.said).toContain('1 of 2 interactions are kept.')
  })

  it('gets the headers that are named instead', async () => {
    const pact = await aFile(withoutToken([{ name: 'an API session' }]))

    expect(await verify([pact, '--header', 'vmware-api-session-id: y'])).toEqual(kept(1))
  })

  it('cannot be held against another server, which takes no ids', async () => {
    const vcenter = await start()
    onTestFinished(() => vcenter.stop())
    const server = ['--provider', vcenter.url, '--user', 'user', '--password', 'pass']

    const run = await verify([V2, '--only', 'an active', ...server])

    expect(run.code).toBe(1)
    expect(run.said).toContain('This is out of reach at')
  })
})

describe('without a server', () => {
  const check = async (pact: Pact, ...args: string[]) => verify(['--static', await aFile(pact), ...args])

  it('a pact that asks for what the specification has is kept: the committed one, all of it', async () => {
    expect(await check(await readPact())).toMatchObject({ code: 0, complained: '' })
  })

  it('a call that there is not is broken, and the nearest is named', async () => {
    const run = await check(await aCancel(({ request }) => (request.query = { action: ['cancell'] })))

    expect(run.code).toBe(1)
    expect(run.said).toContain(
      'The nearest is POST /api/content/library/item/update-session/{updateSessionId}?action=cancel.',
    )
  })

  it('uploads, whose addresses no specification has, are left out, and alone are nothing to verify', async () => {
    const pact = await readPact()
    const upload = { description: 'an upload', request: { method: 'PUT', path: '/cls/data/x/disk' } }
    const uploads = { ...pact, interactions: [{ ...pact.interactions[0], ...upload }] } as Pact
    const { length } = pact.interactions

    const run = await check({ ...pact, interactions: [...pact.interactions, ...uploads.interactions] })

    expect(run).toMatchObject({ code: 0, complained: '' })
    expect(run.said).toContain(`${length} of ${length + 1} interactions are kept, 1 left out.`)
    expect(await check(uploads)).toEqual(refused('which no specification has'))
  })

  it('an answer that there is not is broken', async () => {
    const run = await check(await aCancel(({ response }) => (response.status = 409)))

    expect(run.code).toBe(1)
    expect(run.said).toContain('response.status: Response status code not defined in spec file: 409')
  })

  it('a request without a method is named, and not checked', async () => {
    const pact = await aCancel(({ request }) => Reflect.deleteProperty(request, 'method'))

    expect(await check(pact)).toEqual(refused(`0.json cannot be checked: "${FREE}": Malformed Pact file.`))
  })

  it('a report that a pipe does not take at once is printed to its end', async () => {
    const run = await check(await aCancel((interaction) => (interaction.description = 'cancel '.repeat(100_000))))

    expect(run).toEqual(kept(1))
  })

  it('another specification says otherwise', async () => {
    const folder = await aFolder({ openapi: '3.0.3', info: { title: 'None', version: '1' }, paths: {} })

    expect((await check(await aCancel(), '--spec', join(folder, '0.json'))).code).toBe(1)
    expect((await check(await aCancel(), '--spec', COMMAND)).code).toBe(2)
  })
})

describe("Pact's package", () => {
  /** Run in a project with a package whose core is this text. */
  async function verifyIn(text: string, args: string[]): Promise<Run> {
    const project = await aFolder()
    for (const [name, code] of [
      ['pact', ''],
      ['pact-core', text],
    ] as const) {
      const folder = join(project, 'node_modules/@pact-foundation', name)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'index.js'), code)
    }
    return run(COMMAND, ['verify', ...args], { cwd: project })
  }

  it('is the one of the project, wherever the command is installed', async () => {
    const run = await verifyIn("throw new Error('that of the project')", [await aFile(aCancel())])

    expect(run).toEqual(refused('that of the project'))
  })

  it('says why it cannot verify, as for a plugin that is not installed', async () => {
    const log =
      '2026-10-05T09:30:00Z ERROR ThreadId(03) pact_ffi::verifier::handle: Verification execution failed: no plugin'
    const broken = `console.error('${log}'); throw new Error('Pact core crashed')`

    const run = await verifyIn(broken, [await aFile(aCancel())])

    expect(run).toEqual(refused('Pact core crashed\nVerification execution failed: no plugin'))
  })

  it('may break down, which says nothing about the pact', async () => {
    const run = await verifyIn("process.kill(process.pid, 'SIGKILL')", [await aFile(aCancel())])

    expect(run).toMatchObject({ code: 3, said: '' })
    expect(run.complained).toContain('The verifier broke off.')
  })

  it('is not needed for help and states', async () => {
    for (const option of ['--help', '--states']) expect((await verifyIn('throw 0', [option])).code).toBe(0)
  })
})

it('another native library on the way to that of Pact changes nothing', async () => {
  const folder = await aFolder()
  await writeFile(join(folder, 'libpact_ffi.so'), 'none')

  expect(await verify([await aFile(aCancel())], { LD_LIBRARY_PATH: folder })).toEqual(kept(1))
})
