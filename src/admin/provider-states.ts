// Provider states over HTTP, as Pact's verifiers ask for them: any of them can hold this mock to any pact.
import * as z from 'zod'
import { known, open, setUp } from '../client/states.ts'
import { passwordOf } from '../rules/credentials.ts'
import { Refused, route, type Ask } from './route.ts'
import { makeSession } from './sessions.ts'

/** What verifiers send; some add fields of their own. An interaction without a state is announced with an empty one. */
const Change = z.object({
  state: z.string().max(200),
  params: z.record(z.string(), z.json()).nullish(),
  action: z.enum(['setup', 'teardown']).default('setup'),
})

type Values = Record<string, string>
type OwnState = { description: string; parameters: z.ZodObject; setUp: (ask: Ask, given: never) => Promise<Values> }
const own = <P extends z.ZodRawShape>(
  description: string,
  parameters: P,
  run: (ask: Ask, given: z.output<z.ZodObject<P>>) => Promise<Values>,
): OwnState => ({ description, parameters: z.strictObject(parameters), setUp: run })

/** States that no client can reach: the mock's own. */
const ownStates: Record<string, OwnState> = {
  'an update session that has expired': own(
    'There was one, and its time is over; hands out `update_session_id`.',
    {},
    async (ask) => {
      const id = idIn(await makeSession(ask, { ...plain, state: 'ACTIVE' }))
      await ask.sandbox.expireSession(id)
      return { update_session_id: id }
    },
  ),
  'an update session with a file in transfer': own(
    'Of the file `name`, `bytes_transferred` of `size` are there; hands out `update_session_id`.',
    { name: z.string(), size: z.int().min(1).default(1024), bytes_transferred: z.int().min(0).default(512) },
    async (ask, { name, size, bytes_transferred }) => {
      const file = { name, size, bytes_transferred, status: 'TRANSFERRING' as const, content: '' }
      return { update_session_id: idIn(await makeSession(ask, { ...plain, state: 'ACTIVE', files: [file] })) }
    },
  ),
  "another user's update session": own(
    "In that user's own vCenter; hands out `update_session_id`, which nobody else can see.",
    { user: z.string().min(1).max(256).default('somebody-else') },
    async (ask, { user }) => {
      const sandbox = ask.env.SANDBOXES.getByName(user)
      return {
        update_session_id: idIn(await makeSession({ ...ask, name: user, sandbox }, { ...plain, state: 'ACTIVE' })),
      }
    },
  ),
}
const plain = { error_message: '', files: [] }
const idIn = (session: object): string => ('id' in session ? String(session.id) : '')

export const providerStates = [
  route({
    method: 'GET',
    path: '/pact/provider-states',
    summary: 'The provider states there are, and what each takes.',
    run: () => ({
      states: [
        ...known(),
        ...Object.entries(ownStates).map(([name, { description, parameters }]) => ({
          name,
          description,
          parameters: Object.keys(parameters.shape),
        })),
      ],
    }),
  }),
  route({
    method: 'POST',
    path: '/pact/provider-states',
    summary: "The state-change URL for Pact's verifiers; what a state hands out is in the answer.",
    body: Change,
    run: async (ask) => {
      const { state, params, action } = ask.body
      // What a state has made stays until the sandbox is reset: each makes things of its own, so none is in the way.
      if (action === 'teardown' || state === '') return {}
      const mine = ownStates[state]
      return mine ? setUpOwn(ask, state, mine, params ?? {}) : setUpShared(ask, state, params ?? {})
    },
  }),
]

async function setUpOwn(ask: Ask, name: string, state: OwnState, params: object): Promise<Values> {
  const given = state.parameters.safeParse(params)
  if (!given.success) throw new Refused(422, `Provider state "${name}": ${z.prettifyError(given.error)}`)
  return state.setUp(ask, given.data as never) // what its own schema just said it is
}

/** Reached through the API, as a client would reach it. */
async function setUpShared({ env, origin, name, fetch }: Ask, state: string, params: object): Promise<Values> {
  const names = [...known().map((each) => each.name), ...Object.keys(ownStates)]
  if (!names.includes(state)) throw new Refused(422, `There is no provider state "${state}".`, names)
  const credentials = { user: name, password: passwordOf(name, env.CREDENTIALS) }
  try {
    return await setUp(await open({ url: origin, credentials, fetch }), state, params)
  } catch (error) {
    throw new Refused(422, error instanceof Error ? error.message : String(error))
  }
}
