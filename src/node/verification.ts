// One run of Pact's verifier, in a process of its own: its native part prints on stdout and reads the environment.
import { once } from 'node:events'
import { createServer, request as requestByHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as requestByHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { pipeline } from 'node:stream'
import { json } from 'node:stream/consumers'
import type { VerifierOptions } from '@pact-foundation/pact'
import { adminRequest, wrongIn } from '../client/admin.ts'
import { reasonOf } from '../contract/reason.ts'
import { readStates, setUp } from '../contract/provider-states.ts'
import { open, tearDown, type Provider, type Stage } from '../contract/stage.ts'
import type { Values } from '../contract/provider-state.ts'
import { interruption } from './interruption.ts'
import { serve, type Embedded } from './server.ts'

/** What to verify, and what against: without a provider this mock. `pact` is where the package is found. */
export type Order = {
  pact: string
  provider?: Provider
  /** How many states each interaction has, in their order. */
  states: number[]
  /** Sent with every request instead of what the pact has. */
  headers: Record<string, string>
  /** Of the provider. */
  name: string
  /** Files. */
  pacts: string[]
}
/** What the parent is told: how many requests were sent so far, and at last how it went. */
export type Told =
  | { type: 'progress'; done: number }
  | { type: 'verified'; url: string; results: InteractionResult[] }
  | { type: 'impossible'; reason: string }
type RunOutcome = Exclude<Told, { type: 'progress' }>
/** As the verifier's report has it; what is not used is left out. */
type Reported = {
  result: 'OK' | 'Error'
  mismatch?: { message?: string; mismatches?: { mismatch: string; path?: string }[] }
}
/** Why its states could not be set up; what was sent, and the status of its answer. */
type Played = { failed: string[]; asked?: string }
export type InteractionResult = Reported & Partial<Played>

const interrupted = interruption()
/** Rejects when the run is to end: what was begun is then undone. */
const { promise: end, reject } = Promise.withResolvers<never>()
end.catch(() => undefined)
interrupted.addEventListener('abort', () => reject(interrupted.reason))
// The parent was killed.
process.once('disconnect', () => process.emit('SIGTERM', 'SIGTERM'))

process.once('message', (order: Order) => {
  carryOut(order)
    .catch((error: unknown): RunOutcome => ({ type: 'impossible', reason: reasonOf(error) }))
    .then((outcome) => {
      // An exit waits for the verifier, which works through the whole pact. All is undone by now.
      if (interrupted.aborted) return process.kill(process.pid, 'SIGKILL')
      return process.send?.(outcome, () => process.exit())
    })
    .catch(() => process.exit(1))
})

async function carryOut(order: Order): Promise<RunOutcome> {
  if (order.provider) return verifyAt(order.provider, order)
  const worker = await serve({ vars: { CREDENTIALS: '', LOG_REQUESTS: 'off' } })
  try {
    return await verifyAt(worker, order)
  } finally {
    await worker.stop()
  }
}

const PATIENCE_MS = 30_000

/** Any server can be asked for what its clients can do. */
const logIn = (provider: Provider): Promise<Stage> =>
  Promise.race([
    open({ ...provider, fetch: (request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }) }),
    end,
  ]).catch((error: unknown) => {
    throw new Error(`There is no logging in to ${provider.url}: ${reasonOf(error)}`)
  })

/** This mock can do more: its own state-change URL, as other verifiers use it. */
async function changeOwn({ ask }: Embedded, change: StateChange): Promise<Values> {
  const request = adminRequest('contract', '', 'POST', change)
  const { status, text } = await ask('/__admin/pact/provider-states', request)
  if (status >= 400) throw new Error(wrongIn(text).join(' ') || text)
  return JSON.parse(text) as Values // of the same version
}

async function verifyAt(provider: Embedded | Provider, order: Order): Promise<RunOutcome> {
  // Before anything else: the verifier hangs where a provider cannot be reached.
  const stage = 'ask' in provider ? undefined : await logIn(provider)
  const undo = async () => stage && tearDown(stage)
  try {
    const change = async (asked: StateChange) => {
      if ('ask' in provider) return changeOwn(provider, asked)
      if (asked.action === 'setup') return setUp(stage as Stage, readStates(asked.state, asked.params ?? {}))
      await undo()
      return {}
    }
    const server = await serveVerifier(change, provider.url, order)
    try {
      const verified = runVerifier(order.pact, {
        provider: order.name,
        pactUrls: order.pacts,
        logLevel: 'error',
        providerBaseUrl: server.url,
        providerStatesSetupUrl: server.url + STATES,
      })
      const results = await Promise.race([verified, end])
      const { played } = server
      return { type: 'verified', url: provider.url, results: results.map((each, at) => ({ ...each, ...played[at] })) }
    } finally {
      await server.stop()
    }
  } finally {
    // Also where the run throws, which may have been between the setup of a state and its teardown. A provider that cannot be
    // reached any more says nothing about the contract.
    await undo()
    await stage?.client.logout().catch(() => undefined)
  }
}

/** Brings the server into a state, or back when an interaction is over. */
type StateChange = { action: string; state: string; params?: object }

/** No path of the API. */
const STATES = '/_states'

/**
 * What the verifier asks: our own state changes, and requests handed on to the provider, instead of pact-js. Its handlers take a state
 * that is unknown, or throws, for reached; its proxy answers bodies of more than 100 KiB and JSON that is none by itself.
 */
async function serveVerifier(
  bring: (change: StateChange) => Promise<Values>,
  provider: string,
  { headers, states }: Order,
) {
  const played: Played[] = []
  /** How many states of this interaction are still to come: each is announced, also after one that has failed. */
  let toCome = 0
  /** What the states of this interaction have handed out, and all tokens so far. */
  let values: Values = {}
  const tokens = new Set<string>()
  const change = async (asked: StateChange) => {
    // The verifier goes on all the same: what it is refused now needs no removal.
    interrupted.throwIfAborted()
    if (asked.action !== 'setup') return bring(asked)
    if (toCome === 0) {
      toCome = states[played.push({ failed: [] }) - 1] || 1 // one without a state is announced all the same
      values = {}
    }
    toCome -= 1
    if (asked.state === '') return {}
    try {
      const found = await bring(asked)
      values = { ...values, ...found }
      if (found['token'] !== undefined) tokens.add(found['token'])
      return found
    } catch (error) {
      played.at(-1)?.failed.push(reasonOf(error))
      throw error
    }
  }
  let underWay: Promise<unknown> = Promise.resolve()
  const changeState = (request: IncomingMessage, response: ServerResponse) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    void json(request)
      .then(async (sent) => {
        const changed = change(sent as StateChange)
        underWay = changed.catch(() => undefined)
        return answer(200, await changed)
      })
      // Not 500, which the verifier would try again for two minutes.
      .catch((error: unknown) => answer(400, { reason: reasonOf(error) }))
  }
  /** A pact without generators has a token in it that is none. */
  const handOn = (request: IncomingMessage, response: ServerResponse) => {
    const what = `${request.method} ${request.url}`
    const asking: Played = played.at(-1) ?? { failed: [] }
    asking.asked = `${what} was not answered.`
    const { host: _, ...sent } = request.headers
    const given = sent[TOKEN_HEADER]
    const { token } = values
    if (token !== undefined && typeof given === 'string' && !tokens.has(given)) sent[TOKEN_HEADER] = token
    for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = value
    const send = provider.startsWith('https:') ? requestByHttps : requestByHttp
    const sending = send(
      provider.replace(/\/$/, '') + request.url,
      { method: request.method, headers: sent, timeout: PATIENCE_MS },
      (answer) => {
        const { statusCode = 502 } = answer
        const answered = `${what} was answered ${statusCode}`
        asking.asked = `${answered}.`
        if (statusCode >= 400)
          answer.once('data', (chunk) => (asking.asked = `${answered}: ${String(chunk).slice(0, SAID_CHARS)}`))
        response.writeHead(statusCode, answer.rawHeaders)
        pipeline(answer, response, () => undefined)
      },
    )
      .on('timeout', () => sending.destroy())
      .on('error', () => {
        if (!response.headersSent) response.destroy()
      })
    request.pipe(sending)
    process.send?.({ type: 'progress', done: played.length } satisfies Told)
  }
  const server = createServer((request, response) => (request.url === STATES ? changeState : handOn)(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    played,
    stop: async () => {
      server.close()
      await underWay
      server.closeAllConnections()
    },
  }
}

/** Of a refusal. */
const SAID_CHARS = 500
const TOKEN_HEADER = 'vmware-api-session-id'

/** The verifier answers with its report as JSON, and rejects with the same when something is wrong. */
async function runVerifier(pact: string, options: VerifierOptions): Promise<Reported[]> {
  const { default: core } = createRequire(pact)('@pact-foundation/pact-core') as Core
  core.logLevel(options.logLevel)
  const report = await core.verifyPacts(options).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('{')) return error.message
    throw error
  })
  return (JSON.parse(report) as { interactionResults: Reported[] }).interactionResults
}
type Core = {
  default: {
    logLevel: (level: VerifierOptions['logLevel']) => void
    verifyPacts: (options: VerifierOptions) => Promise<string>
  }
}
