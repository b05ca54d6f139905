// Pact's verifiers in other languages, run as docs/verifiers.md says, with nothing of ours but the URL for state changes.
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve } from '../../src/node/server.ts'
import { environment } from '../../src/node/environment.ts'
import { newFolder, PASSWORD, run, server } from './harness.ts'
import { CGO_LDFLAGS, GO, INSTALLED, MAVEN_OPTS } from './install.ts'
import { block } from './page.ts'
import { verify as ours } from '../contract/verify.ts'

const clients = inject('clients')

type Interaction = { description: string; providerStates?: object[]; response: { status: number } }
type Pact = { interactions: Interaction[] }
const kept = JSON.parse(readFileSync('pacts/update-session-client-content-library.json', 'utf8')) as Pact

/** Said of each interaction that was played, by all. */
const VERIFIED = /returns a response which/g

let mock: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  // Over http: what they make of a certificate is not the matter.
  mock = await serve()
})
afterAll(() => mock.stop())

/** What is changed in the blocks of the page: the command, the pom and the script. */
type Change = (text: string) => string

type Ran = { code: number; said: string }

/** What the page says to run, in a folder of its own, against a new vCenter. */
async function shell(folder: string, command: string, at = mock.url): Promise<Ran> {
  const user = `verifier-${randomUUID()}`
  const { token } = await login(at, { user, password: PASSWORD })
  const env = {
    ...environment({ url: at, user, password: PASSWORD }),
    token,
    PATH: `${INSTALLED}/python/bin:${process.env['PATH']}`,
    PYTHONWARNINGS: 'ignore',
    PACT_DO_NOT_TRACK: 'true',
    // The one in Rust reads all authorities anew for every request: with one to read it takes a third of the time.
    SSL_CERT_FILE: server.caFile,
    MAVEN_OPTS,
    CGO_LDFLAGS,
  }
  const ran = await run('bash', ['-euo', 'pipefail', '-c', command], env, folder)
  return { code: ran.code, said: stripVTControlCharacters(`${ran.stdout}\n${ran.stderr}`) }
}

function folderOf(pacts: object[]): string {
  const folder = join(newFolder(), 'pacts')
  mkdirSync(folder)
  for (const [at, pact] of pacts.entries()) writeFileSync(join(folder, `${at}.json`), JSON.stringify(pact))
  return folder
}

/** As the page says. */
async function verify(heading: string, pacts: object[], change: Change = (text) => text, at?: string): Promise<Ran> {
  const folder = join(folderOf(pacts), '..')
  writeFileSync(join(folder, 'pom.xml'), change(block('verifiers', 'The one for the JVM', 'xml')))
  writeFileSync(join(folder, 'verify.py'), change(block('verifiers', 'The library for Python', 'python')))
  writeFileSync(join(folder, 'verify.mjs'), change(block('verifiers', 'The library for JavaScript', 'js')))
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  for (const name of ['go.mod', 'go.sum']) copyFileSync(join(GO, name), join(folder, name))
  writeFileSync(join(folder, 'contract_test.go'), change(block('verifiers', 'The library for Go', 'go')))
  return shell(folder, change(block('verifiers', heading, 'sh')), at)
}

function interaction(description: string): Interaction {
  const found = kept.interactions.find((each) => each.description === description)
  if (!found) throw new Error(`The pact has no interaction "${description}".`)
  return structuredClone(found)
}

/** What they say of another status, and of a state that is refused. */
const rust = { otherwise: 'expected 200 but was 204', refused: '422' }
const inLibrary = { ...rust, refused: 'One or more of the setup state change handlers has failed' }
const jvm = { otherwise: 'expected status of 200 but was 204', refused: '422' }
const verifiers = [
  { heading: 'The one in Rust', client: clients.rust, ...rust },
  { heading: 'The one for the JVM', client: clients.jvm, ...jvm },
  { heading: 'The library for Python', client: clients.rust, ...rust },
  { heading: 'The library for Go', client: clients.pactGo, ...inLibrary },
  { heading: 'The library for JavaScript', client: { path: 'node' }, ...inLibrary },
].filter(({ client }) => 'path' in client)

describe.each(verifiers)("Pact's verifiers: $heading", ({ heading, refused }) => {
  it('finds every interaction of the pact kept, and the one on the page', async () => {
    const shown = JSON.parse(block('verifiers', 'The states', 'json')) as Interaction
    const interactions = [...kept.interactions, shown]

    const { code, said } = await verify(heading, [{ ...kept, interactions }])

    expect(code, said).toBe(0)
    expect(said.match(VERIFIED)).toHaveLength(interactions.length)
  })

  it('finds out a state that there is not', async () => {
    // Refused in whatever state: without its state it would pass.
    const cancel = interaction('cancel after a logout')
    cancel.providerStates = [{ name: 'a full moon' }]

    const { code, said } = await verify(heading, [{ ...kept, interactions: [cancel] }])

    expect(code, said).toBe(1)
    expect(said).toContain(refused)
  })
})

/** What docs/provider-states.md shows, and how it is run. */
const consumers = [
  { client: clients.jvm, files: ['consumers/java/pom.xml', 'consumers/java/CancelTest.java'], command: 'mvn -B test' },
  {
    client: clients.pactGo,
    files: ['go/go.mod', 'go/go.sum', 'go/pact/consumer_test.go'],
    command: 'go test -run TestCancel .',
  },
  { client: clients.rust, files: ['consumers/consumer.py'], command: 'python consumer.py' },
  { client: { path: 'node' }, files: ['consumers/consumer.ts', '../../node_modules'], command: 'node consumer.ts' },
].filter(({ client }) => 'path' in client)

describe('the pacts that the libraries of consumers write', () => {
  let pacts: Pact[]
  beforeAll(async () => {
    pacts = []
    for (const { files, command } of consumers) {
      const folder = newFolder()
      for (const file of files) symlinkSync(resolve('test/clients', file), join(folder, basename(file)))
      const { code, said } = await shell(folder, command)
      expect(code, said).toBe(0)
      const [name = ''] = readdirSync(join(folder, 'pacts'))
      pacts.push(JSON.parse(readFileSync(join(folder, 'pacts', name), 'utf8')) as Pact)
    }
  }, 600_000)

  /** Of each, one that the mock does not keep. */
  const broken = () => {
    const copies = structuredClone(pacts)
    for (const { interactions } of copies)
      for (const { response } of interactions) if (response.status === 204) response.status = 200
    return copies
  }

  it('are kept, and found broken, by ours', async () => {
    const good = await ours([folderOf(pacts)])
    const bad = await ours([folderOf(broken())])

    expect(good, good.said).toMatchObject({ code: 0 })
    expect(good.said).toContain(`${consumers.length * 3} of ${consumers.length * 3} interactions are kept.`)
    expect(bad, bad.said).toMatchObject({ code: 1 })
    expect(bad.said).toContain(`${consumers.length * 2} of ${consumers.length * 3} interactions are kept.`)
  })

  it.each(verifiers)('are kept, and found broken, by the verifier: $heading', async ({ heading, otherwise }) => {
    const good = await verify(heading, pacts)
    const bad = await verify(heading, broken())

    expect(good.code, good.said).toBe(0)
    expect(good.said.match(VERIFIED)).toHaveLength(consumers.length * 3)
    expect(bad.code, bad.said).toBe(1)
    expect(bad.said).toContain(otherwise)
  })
})

/** What makes each verifier send states as a query. */
const asQuery = (text: string) =>
  text
    .replace('--state-change-teardown', '$& --state-change-as-query')
    .replace('<stateChangeTeardown>', '<stateChangeUsesBody>false</stateChangeUsesBody>$&')
    .replace('body=True', 'body=False')

it('the blocks of the page have what is changed in them', () => {
  expect(asQuery(block('verifiers', 'The one in Rust', 'sh'))).toContain(' --state-change-as-query')
  expect(asQuery(block('verifiers', 'The one for the JVM', 'xml'))).toContain('<stateChangeUsesBody>false<')
  expect(asQuery(block('verifiers', 'The library for Python', 'python'))).toContain('body=False')
})

it.skipIf('missing' in clients.rust)(
  'the one in Rust may leave out the teardown: nothing changes in what is kept',
  async () => {
    const { code, said } = await verify('The one in Rust', [kept], (text) =>
      text.replace('--state-change-teardown', ''),
    )

    expect(code, said).toBe(0)
    expect(said.match(VERIFIED)).toHaveLength(kept.interactions.length)
  },
)

/** With the header of docs/verifiers.md, for requests of both kinds where a verifier has one set of headers. */
const withAdminToken: Change = (text) =>
  text
    .replace('--state-change-teardown', '$& --header x-mock-admin-token=secret')
    .replace(
      '<stateChangeUrl>',
      "<stateChangeRequestFilter>request.setHeader('x-mock-admin-token', 'secret')</stateChangeRequestFilter>$&",
    )
    .replace('.verify()', '.add_custom_header("x-mock-admin-token", "secret")$&')
    .replace('pactUrls:', "customProviderHeaders: { 'x-mock-admin-token': 'secret' },\n  $&")

describe('a mock with an admin token', () => {
  const short = {
    ...kept,
    interactions: kept.interactions.filter(({ description }) => /^(login|cancel)/.test(description)),
  }
  let closed: typeof mock
  beforeAll(async () => {
    closed = await serve({ vars: { ADMIN_TOKEN: 'secret', LOG_REQUESTS: 'off' } })
  })
  afterAll(() => closed.stop())

  it.each(verifiers.filter(({ heading }) => heading !== 'The library for Go'))(
    'sets up states for a verifier that sends it in a header, the login included: $heading',
    async ({ heading }) => {
      const { code, said } = await verify(heading, [short], withAdminToken, closed.url)

      expect(code, said).toBe(0)
      expect(said.match(VERIFIED)).toHaveLength(short.interactions.length)
    },
  )
})

/** As docs/no-generators.md says: its command, and what it adds to the pom and to the script. */
const withToken: Change = (text) =>
  text.startsWith('pact verifier')
    ? block('no-generators', 'The token', 'sh')
    : text
        .replace('<stateChangeUrl>', (url) => block('no-generators', 'The token', 'xml') + url)
        .replace('.verify()', (call) => block('no-generators', 'The token', 'python').trim() + call)

it.each(verifiers.filter(({ heading }) => !/Go|JavaScript/.test(heading)))(
  'a V2 pact, whose consumer writes no generators, is kept with the header of a login: $heading',
  async ({ heading }) => {
    const pact = JSON.parse(readFileSync('test/clients/pacts/ruby-v2.json', 'utf8')) as Pact

    // States are bodies or queries.
    for (const change of [withToken, (text: string) => asQuery(withToken(text))]) {
      const { code, said } = await verify(heading, [pact], change)

      expect(code, said).toBe(0)
      expect(said.match(VERIFIED)).toHaveLength(3)
    }
  },
)
