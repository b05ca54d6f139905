// Pact's verifiers in other languages, run as docs/verifiers.md says, with nothing of ours but the URL for state changes.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve } from '../../src/node/server.ts'
import { environment } from '../../src/node/environment.ts'
import { newFolder, PASSWORD, run, server } from './harness.ts'
import { INSTALLED, MAVEN_OPTS } from './install.ts'
import { block } from './page.ts'

const clients = inject('clients')

type Interaction = { description: string; providerStates?: object[]; response: { status: number } }
type Pact = { interactions: Interaction[] }
const kept = JSON.parse(readFileSync('pacts/update-session-client-content-library.json', 'utf8')) as Pact

/** Said of each interaction that was played, by both. */
const VERIFIED = /returns a response which/g

let mock: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  // Over http: what they make of a certificate is not the matter.
  mock = await serve()
})
afterAll(() => mock.stop())

/** What is changed in the blocks of the page: the command, the pom and the script. */
type Change = (text: string) => string

/** As the page says, in a new vCenter. */
async function verify(
  heading: string,
  pact: object,
  change: Change = (text) => text,
): Promise<{ code: number; said: string }> {
  const folder = newFolder()
  mkdirSync(join(folder, 'pacts'))
  writeFileSync(join(folder, 'pacts', 'pact.json'), JSON.stringify(pact))
  writeFileSync(join(folder, 'pom.xml'), change(block('verifiers', 'The one for the JVM', 'xml')))
  writeFileSync(join(folder, 'verify.py'), change(block('verifiers', 'The library for Python', 'python')))
  const user = `verifier-${randomUUID()}`
  const { token } = await login(mock.url, { user, password: PASSWORD })
  const env = {
    ...environment({ url: mock.url, user, password: PASSWORD }),
    TOKEN: token,
    PATH: `${INSTALLED}/python/bin:${process.env['PATH']}`,
    PYTHONWARNINGS: 'ignore',
    PACT_DO_NOT_TRACK: 'true',
    // The one in Rust reads all authorities anew for every request: with one to read it takes a third of the time.
    SSL_CERT_FILE: server.caFile,
    MAVEN_OPTS,
  }
  const ran = await run('bash', ['-euo', 'pipefail', '-c', change(block('verifiers', heading, 'sh'))], env, folder)
  return { code: ran.code, said: stripVTControlCharacters(`${ran.stdout}\n${ran.stderr}`) }
}

function interaction(description: string): Interaction {
  const found = kept.interactions.find((each) => each.description === description)
  if (!found) throw new Error(`The pact has no interaction "${description}".`)
  return structuredClone(found)
}

describe.each([
  { heading: 'The one in Rust', client: clients.rust, otherwise: 'expected 200 but was 204' },
  { heading: 'The one for the JVM', client: clients.jvm, otherwise: 'expected status of 200 but was 204' },
  { heading: 'The library for Python', client: clients.rust, otherwise: 'expected 200 but was 204' },
])("Pact's verifiers: $heading", ({ heading, client, otherwise }) => {
  it.skipIf('missing' in client)('finds every interaction of the pact kept, and the one on the page', async () => {
    const shown = JSON.parse(block('verifiers', 'The states', 'json')) as Interaction
    const interactions = [...kept.interactions, shown]

    const { code, said } = await verify(heading, { ...kept, interactions })

    expect(code, said).toBe(0)
    expect(said.match(VERIFIED)).toHaveLength(interactions.length)
  })

  it.skipIf('missing' in client)('finds out an answer that is not the one in the pact', async () => {
    const cancel = interaction('cancel of an ACTIVE update session')
    cancel.response.status = 200

    const { code, said } = await verify(heading, { ...kept, interactions: [cancel] })

    expect(code, said).toBe(1)
    expect(said).toContain(otherwise)
  })

  it.skipIf('missing' in client)('finds out a state that there is not', async () => {
    // Refused in whatever state: without its state it would pass.
    const cancel = interaction('cancel after a logout')
    cancel.providerStates = [{ name: 'a full moon' }]

    const { code, said } = await verify(heading, { ...kept, interactions: [cancel] })

    expect(code, said).toBe(1)
    expect(said).toContain('422')
  })
})

/** The rows of the table of options that change what a verifier sends. */
describe.each([
  {
    row: 'Rust, --state-change-as-query',
    heading: 'The one in Rust',
    client: clients.rust,
    change: (text: string) =>
      text.replace('--state-change-teardown', '--state-change-teardown --state-change-as-query'),
  },
  {
    row: 'Rust, without a teardown',
    heading: 'The one in Rust',
    client: clients.rust,
    change: (text: string) => text.replace('--state-change-teardown', ''),
  },
  {
    row: 'JVM, stateChangeUsesBody',
    heading: 'The one for the JVM',
    client: clients.jvm,
    change: (text: string) =>
      text.replace('<stateChangeTeardown>', '<stateChangeUsesBody>false</stateChangeUsesBody>$&'),
  },
  {
    row: 'Python, body=False',
    heading: 'The library for Python',
    client: clients.rust,
    change: (text: string) => text.replace('body=True', 'body=False'),
  },
])('the option: $row', ({ heading, client, change }) => {
  it.skipIf('missing' in client)('changes nothing in what is kept', async () => {
    const { code, said } = await verify(heading, kept, change)

    expect(code, said).toBe(0)
    expect(said.match(VERIFIED)).toHaveLength(kept.interactions.length)
  })
})

const withHeader: Change = (text) =>
  text.replace('--state-change-teardown', '$& --header "vmware-api-session-id=$TOKEN"')

describe.each(['ruby-v2', 'dotnet-v2'])('the V2 pact %s', (name) => {
  const pact = JSON.parse(readFileSync(`test/clients/pacts/${name}.json`, 'utf8')) as Pact

  it.skipIf('missing' in clients.rust)('is kept with the header of a login: Rust', async () => {
    const { code, said } = await verify('The one in Rust', pact, withHeader)

    expect(code, said).toBe(0)
    expect(said.match(VERIFIED)).toHaveLength(3)
  })

  it.skipIf('missing' in clients.rust)('is kept with the header of a login: Python', async () => {
    const header = '.add_custom_header("vmware-api-session-id", os.environ["TOKEN"])'

    const { code, said } = await verify('The library for Python', pact, (text) =>
      text.replace('.verify()', `${header}$&`),
    )

    expect(code, said).toBe(0)
    expect(said.match(VERIFIED)).toHaveLength(3)
  })
})
