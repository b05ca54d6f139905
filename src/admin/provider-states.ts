// Provider states over HTTP, as Pact's verifiers ask for them: any of them can hold this mock to any pact.
import * as z from 'zod'
import { known, open, setUp, tearDown, type Known, type Made, type Provider } from '../contract/provider-states.ts'
import { Name, text } from '../operations/schemas.ts'
import { isUserName, passwordOf, USER_BYTES } from '../rules/credentials.ts'
import type { Seeded } from '../sandbox/seeded-sessions.ts'
import { AdminFailure, route, type AdminRequest } from './route.ts'
import { makeSession } from './sessions.ts'
import { StateSpec, type SessionSpec } from './shapes.ts'

type Values = Record<string, string>
/** What a state has made: through the API as any client could, or seeded in a sandbox. */
type TeardownStep = { through: 'API'; made: Made } | { through: 'seed'; sandbox: string; seeded: Seeded }
type SetUp = { values: Values; teardown: TeardownStep[] }
type OwnState = {
  description: string
  parameters: z.ZodObject
  setUp: (ask: AdminRequest, given: never) => Promise<SetUp>
}
const own = <P extends z.ZodRawShape>(
  description: string,
  parameters: P,
  run: (ask: AdminRequest, given: z.output<z.ZodObject<P>>) => Promise<SetUp>,
): OwnState => ({ description, parameters: z.strictObject(parameters), setUp: run })

/** States that no client can reach: the mock's own. */
const ownStates: Record<string, OwnState> = {
  'an update session that has expired': own(
    'There was one, and its time is over; hands out `update_session_id`.',
    {},
    async (ask) => {
      const { values, teardown } = await seedActive(ask, [])
      await ask.sandbox.removeSession({ sessionId: values['update_session_id'] ?? '' })
      return { values, teardown }
    },
  ),
  'an update session with a file in transfer': own(
    'Of the file `name`, `bytes_transferred` of `size` are there; hands out `update_session_id`.',
    { name: Name, size: z.int().min(1).default(1024), bytes_transferred: z.int().min(0).default(512) },
    (ask, file) => seedActive(ask, [{ ...file, status: 'TRANSFERRING', content: '' }]),
  ),
  "another user's update session": own(
    "In that user's own vCenter; hands out `update_session_id`, which no other user can see.",
    { user: text(USER_BYTES).refine(isUserName, 'no user has this name').default('somebody-else') },
    (ask, { user }) => seedActive({ ...ask, name: user, sandbox: ask.env.SANDBOXES.getByName(user) }, []),
  ),
}

async function seedActive(ask: AdminRequest, files: z.output<typeof SessionSpec>['files']): Promise<SetUp> {
  const { session, seeded } = await makeSession(ask, { state: 'ACTIVE', error_message: '', files })
  return { values: { update_session_id: session.id }, teardown: [{ through: 'seed', sandbox: ask.name, seeded }] }
}

const ownKnown = (): Known[] =>
  Object.entries(ownStates).map(([name, { description, parameters }]) => {
    const { properties = {}, required = [] } = z.toJSONSchema(parameters, { io: 'input' })
    return {
      name,
      description,
      parameters: Object.entries(properties).map(([parameter, schema]) => {
        const { type, default: otherwise } = schema as { type: string; default?: string | number } // as each above is
        return {
          name: parameter,
          type,
          required: required.includes(parameter),
          ...(otherwise !== undefined && { default: otherwise }),
        }
      }),
    }
  })

export const providerStates = [
  route({
    method: 'GET',
    path: '/pact/provider-states',
    summary: 'The provider states there are, and what each takes.',
    run: () => ({ states: [...known(), ...ownKnown()] }),
  }),
  route({
    method: 'POST',
    path: '/pact/provider-states',
    summary: "The state-change URL for Pact's verifiers; what a state hands out is in the answer.",
    body: StateSpec,
    run: async (ask) => {
      const { state, params, action } = ask.body
      if (state === '') return {}
      const name = await teardownName(state, params ?? {})
      if (action === 'teardown') return tearDownState(ask, name)
      const mine = Object.hasOwn(ownStates, state) ? ownStates[state] : undefined
      const { values, teardown: made } = await (mine
        ? setUpOwn(ask, state, mine, params ?? {})
        : setUpShared(ask, state, params ?? {}))
      await ask.sandbox.addTeardown({ name, made })
      return values
    },
  }),
]

/** The same for the same parameters, in whatever order a verifier writes them; and short, however long they are. */
async function teardownName(state: string, params: object): Promise<string> {
  const text = JSON.stringify([state, Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1))])
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}

async function setUpOwn(ask: AdminRequest, name: string, state: OwnState, params: object): Promise<SetUp> {
  const given = state.parameters.safeParse(params)
  if (!given.success) throw new AdminFailure(422, `Provider state "${name}": ${z.prettifyError(given.error)}`)
  return state.setUp(ask, given.data as never) // what its own schema just said it is
}

/** Reached through the API, as a client would reach it. */
async function setUpShared(ask: AdminRequest, state: string, params: object): Promise<SetUp> {
  const names = [...known(), ...ownKnown()].map(({ name }) => name)
  if (!names.includes(state)) throw new AdminFailure(422, `There is no provider state "${state}".`, names)
  const stage = await open(provider(ask)).catch(failState)
  // The login is a thing that was made, too; the last to go.
  stage.made.push({ what: 'API session', token: stage.client.token })
  try {
    const values = await setUp(stage, state, params)
    return { values, teardown: stage.made.map((made) => ({ through: 'API', made })) }
  } catch (error) {
    await tearDown(stage)
    return failState(error)
  }
}

/** Removes what was made when this was set up; nothing where the sandbox does not know of it. */
async function tearDownState(ask: AdminRequest, name: string): Promise<object> {
  const found = (await ask.sandbox.takeTeardown(name))?.made as TeardownStep[] | undefined // stored above, of this type
  if (!found) return {}
  const made = found.flatMap((each) => (each.through === 'API' ? [each.made] : []))
  if (made.length > 0) {
    const stage = await open(provider(ask)).catch(failState)
    await tearDown({ ...stage, made })
    await stage.client.logout()
  }
  for (const each of found)
    if (each.through === 'seed') await ask.env.SANDBOXES.getByName(each.sandbox).removeSession(each.seeded)
  return {}
}

const provider = ({ env, origin, name, fetch }: AdminRequest): Provider => ({
  url: origin,
  credentials: { user: name, password: passwordOf(name, env.CREDENTIALS) },
  fetch,
})

function failState(error: unknown): never {
  throw new AdminFailure(422, error instanceof Error ? error.message : String(error))
}
