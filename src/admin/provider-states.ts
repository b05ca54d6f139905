// Provider states over HTTP, as Pact's verifiers ask for them: any of them can hold this mock to any pact.
import * as z from 'zod'
import { known, readStates, restored, setUp } from '../contract/provider-states.ts'
import { open, tearDown, type Made, type Mock, type Stage } from '../contract/stage.ts'
import type { AskedState } from '../contract/provider-state.ts'
import { passwordOf } from '../rules/credentials.ts'
import { hexOf } from '../rules/hex.ts'
import { AdminFailure, nameOf, route, type AdminRequest } from './route.ts'
import { makeSession } from './sessions.ts'
import { SessionSpec, StateSpec } from './shapes.ts'

export const providerStates = [
  route('GET /pact/provider-states', {}, () => ({ states: known() })),
  // The state-change URL for Pact's verifiers; what a state hands out is in the answer.
  route(
    'POST /pact/provider-states',
    { query: () => z.looseObject({}), body: () => StateSpec().optional() },
    async (ask) => {
      const { state, params, action } = stateChangeOf(ask)
      if (state === '') return {}
      const asked = readAsked(state, params ?? {})
      const name = await recordName(asked)
      return action === 'teardown' ? tearDownRecorded(ask, name) : setUpRecorded(ask, asked, name)
    },
  ),
]

type StateChange = z.output<ReturnType<typeof StateSpec>>

/** In the body; or in the query, with the parameters beside the state, as some verifiers can be told to send it. */
function stateChangeOf({ body, query }: AdminRequest<StateChange | undefined, object>): StateChange {
  if (body) return body
  const { state = '', action, ...params } = query as Record<string, string> // as a query is
  const change = StateSpec().safeParse({ ...('state' in query && restored(state, params)), action })
  if (change.success) return change.data
  throw new AdminFailure(
    422,
    'Send {"state": "…", "params": {…}, "action": "setup"} or "teardown" in the body, or state and action in the query.',
  )
}

function readAsked(state: string, params: object): AskedState[] {
  try {
    return readStates(state, params)
  } catch (error) {
    return failState(error)
  }
}

/** The same for the same parameters, in whatever order a verifier writes them; and short, however long they are. */
async function recordName(asked: AskedState[]): Promise<string> {
  const text = JSON.stringify(
    asked.map(({ name, given }) => [name, Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))]),
  )
  return hexOf(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** Reached through the API, as a client would reach it. Where it is not, or cannot be recorded, nothing stays of it. */
async function setUpRecorded(ask: AdminRequest, asked: AskedState[], record: string): Promise<object> {
  const stage = await openStage(ask)
  // The login is a thing that was made, too; the last to go.
  stage.made.push({ what: 'API session', token: stage.client.token })
  try {
    const values = await setUp(stage, asked)
    await ask.sandbox.addTeardown({ name: record, made: stage.made })
    return values
  } catch (error) {
    await tearDown(stage)
    return failState(error)
  }
}

/** Removes what was recorded when this was set up; where there is no record, nothing. */
async function tearDownRecorded(ask: AdminRequest, record: string): Promise<object> {
  const found = (await ask.sandbox.takeTeardown(record))?.made as Made[] | undefined // recorded above, of this type
  if (!found) return {}
  const stage = await openStage(ask)
  await tearDown({ ...stage, made: found })
  await stage.client.logout()
  return {}
}

async function openStage(ask: AdminRequest): Promise<Stage> {
  const { env, origin: url, name: user, fetch } = ask
  const credentials = { user, password: passwordOf(user, env.CREDENTIALS) }
  return { ...(await open({ url, credentials, fetch }).catch(failState)), mock: mockOf(ask) }
}

const mockOf = (ask: AdminRequest): Mock => ({
  seed: async ({ user = ask.name, ...given }) => {
    const sandbox = ask.env.SANDBOXES.getByName(nameOf(user))
    if (given.id !== undefined) await sandbox.removeSession({ sessionId: given.id })
    const spec = SessionSpec().safeParse(given)
    if (!spec.success) throw new Error(spec.error.issues.map(inParameters)[0])
    const { seeded } = await makeSession({ ...ask, name: user, sandbox }, spec.data)
    return { user, ...seeded }
  },
  remove: ({ user, ...seeded }) => ask.env.SANDBOXES.getByName(user).removeSession(seeded),
})

/** The parameters of states have other names. */
function inParameters({ path, message }: z.core.$ZodIssue): string {
  const name = path.at(-1)
  return typeof name === 'string' ? `The parameter ${name === 'id' ? 'update_session_id' : name}: ${message}.` : message
}

function failState(error: unknown): never {
  if (error instanceof AdminFailure) throw error
  throw new AdminFailure(422, error instanceof Error ? error.message : String(error))
}
