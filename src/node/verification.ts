// One run of Pact's verifier, in a process of its own: its native part prints on stdout and reads the environment.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Verifier, type VerifierOptions } from '@pact-foundation/pact'
import { open, setUp, tearDown, type Provider, type Stage } from '../contract/provider-states.ts'
import { serve } from './server.ts'

/** What to verify, and what against: without a provider the worker of this checkout. */
export type Order = { provider?: Omit<Provider, 'fetch'>; verifier: VerifierOptions }
export type Verification = { url: string; results: InteractionResult[]; failedStates: string[] }
/** As the verifier's report has it; what is not used is left out. */
export type InteractionResult = {
  consumer: string
  description: string
  result: 'OK' | 'Error'
  pending: boolean
  mismatch?: { message?: string; mismatches?: { mismatch: string; path?: string }[] }
}

process.once('message', (order: Order) => {
  runOrder(order)
    .catch((error: unknown) => ({ reason: reasonOf(error) }))
    .then((outcome) => process.send?.(outcome, () => process.exit()))
    .catch(() => process.exit(1))
})

async function runOrder({ provider, verifier }: Order): Promise<Verification> {
  if (provider) return verifyAt(provider, verifier)
  const mock = await serve({ vars: { CREDENTIALS: '', LOG_REQUESTS: 'off' } })
  try {
    return await verifyAt({ url: mock.url, credentials: { user: 'contract', password: 'contract' } }, verifier)
  } finally {
    await mock.stop()
  }
}

async function verifyAt(provider: Provider, verifier: VerifierOptions): Promise<Verification> {
  // Before anything else: the verifier hangs where a provider cannot be reached.
  const stage = await open(provider).catch((error: unknown) => {
    throw new Error(`There is no logging in to ${provider.url}: ${reasonOf(error)}`)
  })
  const states = await serveStates(stage)
  try {
    const urls = { providerBaseUrl: provider.url, providerStatesSetupUrl: states.url }
    return { url: provider.url, results: await runVerifier({ ...verifier, ...urls }), failedStates: states.failed }
  } finally {
    await states.stop()
    // Also where the run throws, which may have been between the setup of a state and its teardown. A provider that
    // cannot be reached any more says nothing about the contract.
    await tearDown(stage)
    await stage.client.logout().catch(() => undefined)
  }
}

/** Our own state changes instead of pact-js' handlers: those take a state that is unknown, or throws, for reached. */
async function serveStates(stage: Stage) {
  const failed: string[] = []
  const change = async ({ action, state, params }: { action: string; state: string; params?: object }) => {
    if (state === '') return {} // an interaction without a state is announced all the same
    if (action === 'setup') return setUp(stage, state, params ?? {})
    await tearDown(stage)
    return {}
  }
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    request.setEncoding('utf8')
    void request
      .reduce((text: string, chunk: string) => text + chunk, '')
      .then(async (text) => answer(200, await change(JSON.parse(text) as Parameters<typeof change>[0])))
      .catch((error: unknown) => {
        failed.push(reasonOf(error))
        // Not 500, which the verifier would try again for two minutes.
        answer(400, { reason: reasonOf(error) })
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    failed,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** The verifier answers with its report as JSON, and rejects with the same when something is wrong. */
async function runVerifier(options: VerifierOptions): Promise<InteractionResult[]> {
  const report = await new Verifier(options).verifyProvider().catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('{')) return error.message
    throw error
  })
  return (JSON.parse(report) as { interactionResults: InteractionResult[] }).interactionResults
}

/** A failed fetch says why in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  return cause instanceof Error
    ? `${message}: ${cause.message || ('code' in cause ? String(cause.code) : cause.name)}`
    : message
}
