// The verification holds each wire form to its own pact: what is wrong on /rest alone is found out, and only there.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { start } from '../../src/cli/embedded.ts'
import { goBetween, honest, withBody, type Spoil } from './go-between.ts'
import { at, cancelsOf, CREDENTIALS, verify, written, type Pact, type Run } from './verify.ts'

let worker: Awaited<ReturnType<typeof start>>
let directory: string
let cancels: Record<'api' | 'rest', Pact>
beforeAll(async () => {
  worker = await start({ CREDENTIALS })
  directory = await mkdtemp(join(tmpdir(), 'pacts-'))
  cancels = {
    api: await cancelsOf('update-session-client'),
    rest: await cancelsOf('update-session-client-rest'),
  }
})
afterAll(async () => {
  await worker.stop()
  await rm(directory, { recursive: true })
})

/** Holds a provider to both pacts that spoils its answers on /rest, and those alone. */
async function verifySpoiledOnRest(spoil: Spoil): Promise<Run> {
  const provider = await goBetween(worker.url, (answer, request) =>
    request.url.pathname.startsWith('/rest/') ? spoil(answer, request) : answer,
  )
  onTestFinished(provider.stop)
  const pacts = await Promise.all(Object.values(cancels).map((pact) => written(directory, pact)))
  return verify([...at(provider.url), ...pacts])
}

const isCancel = (url: URL) => url.searchParams.get('~action') === 'cancel'

describe('a provider of both wire forms', () => {
  it('passes where it keeps both pacts, with a line for every interaction of each', async () => {
    const run = await verifySpoiledOnRest(honest)

    expect(run).toMatchObject({ code: 0, complained: '' })
    for (const { description } of cancels.api.interactions)
      expect(run.said).toContain(`✓ update-session-client: ${description}\n`)
    for (const { description } of cancels.rest.interactions)
      expect(run.said).toContain(`✓ update-session-client-rest: ${description}\n`)
  })

  it.each<[string, Spoil, string]>([
    [
      'answers a cancel with 204, as /api does,',
      (answer, { url }) => (isCancel(url) && answer.status === 200 ? { status: 204, body: '' } : answer),
      'expected 200 but was 204',
    ],
    [
      'accepts a cancel twice',
      (answer, { url }) => (isCancel(url) && answer.status === 400 ? { status: 200, body: '' } : answer),
      'expected 400 but was 200',
    ],
    [
      'lets strangers cancel',
      (answer, { url }) => (isCancel(url) && answer.status === 401 ? { status: 200, body: '' } : answer),
      'expected 401 but was 200',
    ],
    [
      'refuses without the envelope, as /api does,',
      (answer) => (answer.status === 400 ? withBody(answer, ({ value }) => value as object) : answer),
      'Actual map is missing the following keys: type, value',
    ],
    [
      'gives the error another type',
      (answer) =>
        answer.status === 404 ? withBody(answer, (body) => ({ ...body, type: 'com.vmware.NotFound' })) : answer,
      "$.type: Expected 'com.vmware.NotFound' (String) to be equal to 'com.vmware.vapi.std.errors.not_found' (String)",
    ],
  ])('that %s on /rest alone breaks the pact of /rest alone', async (_, spoil, reason) => {
    const run = await verifySpoiledOnRest(spoil)

    expect(run.code).toBe(1)
    expect(run.said).toContain('✗ update-session-client-rest: cancel ')
    expect(run.said).not.toContain('✗ update-session-client: ')
    expect(run.said).toContain(reason)
  })
})
