// Pact's verifiers in other languages, run as docs/verifiers.md says, with nothing of ours but the URL for state changes.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
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

/** As the page says, in a new vCenter. */
async function verify(heading: string, pact: Pact): Promise<{ code: number; said: string }> {
  const folder = newFolder()
  mkdirSync(join(folder, 'pacts'))
  writeFileSync(join(folder, 'pacts', 'pact.json'), JSON.stringify(pact))
  writeFileSync(join(folder, 'pom.xml'), block('verifiers', 'The one for the JVM', 'xml'))
  const env = {
    ...environment({ url: mock.url, user: `verifier-${randomUUID()}`, password: PASSWORD }),
    PATH: `${INSTALLED}/python/bin:${process.env['PATH']}`,
    PYTHONWARNINGS: 'ignore',
    PACT_DO_NOT_TRACK: 'true',
    // The one in Rust reads all authorities anew for every request: with one to read it takes a third of the time.
    SSL_CERT_FILE: server.caFile,
    MAVEN_OPTS,
  }
  const ran = await run('bash', ['-euo', 'pipefail', '-c', block('verifiers', heading, 'sh')], env, folder)
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
