// Whether a mock that is deployed works for those who reach it: one check after the other, each with what mends it.
import { adminRequest } from '../client/admin.ts'
import { login, type Client } from '../client/client.ts'
import { readStates, setUp } from './provider-states.ts'
import { reasonOf } from './reason.ts'
import { tearDown, type Provider, type Stage } from './stage.ts'

export type Target = Provider & {
  fetch: NonNullable<Provider['fetch']>
  adminToken?: string
  /** A file that the mock is to pull. */
  sourceUrl?: string
  /** Whether to send 101 MB. */
  isBig: boolean
  trickle: Record<(typeof PROTOCOLS)[number], Trickle>
  /** Ends the run after the check that is under way: it removes what it has made. */
  signal?: AbortSignal
}
export const PROTOCOLS = ['HTTP/1.1', 'HTTP/2'] as const
/** Sends a body that flows slowly until the signal ends it; answers nothing where the server does not speak the protocol. */
export type Trickle = (uri: string, signal: AbortSignal) => Promise<{ status: Promise<number> } | undefined>

/** What a check has: a stage of its own, whose things are removed when it is over; and plain requests. */
export type Scene = { target: Target; stage: Stage; client: Client; ask: Ask; askAdmin: AskAdmin }
type Ask = (path: string, init?: RequestInit) => Promise<Response>
/** JSON of the admin API, about the sandbox of the user. */
type AskAdmin = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>

export type Check = {
  name: string
  meaning: string
  /** The heading of docs/deploy.md that says how to mend it: `PROXY`, unless it names another. */
  mendedBy?: string
  /** The check that must have passed: the login, for those that come after it and name no other. */
  needs?: string
  /** Answers what it saw. */
  run: (scene: Scene) => Promise<string>
}
export type CheckOutcome = Pick<Required<Check>, 'name' | 'meaning' | 'mendedBy'> & {
  result: 'passed' | 'failed' | 'skipped'
  /** What was seen, or why it is not as it should be, or why it was not tried. */
  detail: string
  durationMs: number
}

/** It cannot be tried here. */
export class Skip extends Error {}

const PATIENCE_MS = 30_000
/** The check that all others need which name none. */
export const LOGIN = 'a login, and a call with its token'
export const PROXY = 'What a proxy must let through'

/** Runs the checks in their order, and tells each outcome. Throws where nothing answers at the address. */
export async function runChecks(
  target: Target,
  checks: Check[],
  onOutcome: (outcome: CheckOutcome) => void,
): Promise<CheckOutcome[]> {
  const outcomes: CheckOutcome[] = []
  const ask: Ask = (path, init) =>
    target.fetch(
      new Request(`${target.url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS), ...init }),
    )
  await ask('/__admin/health')
  const client = await login(target.url, target.credentials, withPlainColons(target.fetch)).catch(
    (error: unknown) => error,
  )
  const loggedIn = client instanceof Error ? undefined : (client as Client) // as login answers
  const outcomeOf = async ({ needs = LOGIN, run }: Check): Promise<Pick<CheckOutcome, 'result' | 'detail'>> => {
    if (outcomes.some(({ name, result }) => name === needs && result !== 'passed'))
      return { result: 'skipped', detail: `not tried without: ${needs}` }
    // A check that comes before the login is known to work does not ask this client.
    const stage: Stage = { ...target, client: client as Client, made: [] }
    try {
      const scene = { target, stage, client: stage.client, ask, askAdmin: askAdminOf(target, ask) }
      return { result: 'passed', detail: await run(scene) }
    } catch (error) {
      return { result: error instanceof Skip ? 'skipped' : 'failed', detail: reasonOf(error) }
    } finally {
      if (loggedIn) await tearDown(stage)
    }
  }
  for (const check of checks) {
    if (target.signal?.aborted) break
    const began = performance.now()
    const { name, meaning, mendedBy = PROXY } = check
    const seen = await outcomeOf(check)
    const outcome = { name, meaning, mendedBy, ...seen, durationMs: Math.round(performance.now() - began) }
    outcomes.push(outcome)
    onOutcome(outcome)
  }
  await loggedIn?.logout().catch(() => undefined)
  return outcomes
}

/** The client writes ids with `%3A`. That a proxy lets these through is a check of its own, and of no other. By itself it waits without end. */
export const withPlainColons =
  (fetch: Target['fetch']): Target['fetch'] =>
  async (request) => {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    if (!request.url.includes('%3A')) return fetch(new Request(request, { signal }))
    const { method, headers } = request
    const body = await request.text()
    return fetch(
      new Request(request.url.replaceAll('%3A', ':'), { method, headers, signal, ...(body !== '' && { body }) }),
    )
  }

export const withToken = (token: string) => ({ 'vmware-api-session-id': token })

/** An update session to try the mock with. */
export async function makeSession(stage: Stage, state = 'ACTIVE'): Promise<string> {
  const { update_session_id = '' } = await setUp(stage, readStates('an update session', { state }))
  return update_session_id
}

const askAdminOf =
  ({ adminToken = '', credentials }: Target, ask: Ask): AskAdmin =>
  async (method, path, body) => {
    const answer = await ask(`/__admin${path}`, adminRequest(credentials.user, adminToken, method, body))
    expectStatus(`${method} /__admin${path}`, answer.status, 200, 201)
    const value: Record<string, unknown> = await answer.json()
    return value
  }

export function expectStatus(what: string, status: number, ...wanted: number[]): void {
  if (!wanted.includes(status)) throw new Error(`${what} was answered ${status}, not ${wanted.join(' or ')}`)
}
