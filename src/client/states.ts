// The provider states of the contract, each reached through the public API alone: any server can be asked to keep it.
import { z } from 'zod'
import { login, type Client, type Credentials, type Fetch } from './client.ts'

export type Provider = {
  url: string
  credentials: Credentials
  /** The library to make items in; without it the first that there is. */
  libraryId?: string
  fetch?: Fetch
}
/** What a state hands to the interaction that asked for it: ids and tokens, by the names that pacts use. */
export type Values = Record<string, string>

/** A provider with an API session open, ready to be brought into states. */
export type Stage = Provider & { client: Client }
export const open = async (provider: Provider): Promise<Stage> => ({
  ...provider,
  client: await login(provider.url, provider.credentials, provider.fetch),
})

type State = { description: string; parameters: z.ZodObject; setUp: (stage: Stage, given: never) => Promise<Values> }
const state = <P extends z.ZodRawShape>(
  description: string,
  parameters: P,
  setUp: (stage: Stage, given: z.output<z.ZodObject<P>>) => Promise<Values>,
): State => ({ description, parameters: z.strictObject(parameters), setUp })

const sessionState = z.enum(['ACTIVE', 'DONE', 'ERROR', 'CANCELED']).default('ACTIVE')

const states: Record<string, State> = {
  'a user': state('Somebody who may log in; hands out `authorization`.', {}, async ({ credentials }) => ({
    authorization: `Basic ${btoa(`${credentials.user}:${credentials.password}`)}`,
  })),
  'an API session': state('A user is logged in; hands out `token`.', {}, async ({ client }) => ({
    token: client.token,
  })),
  'an API session that has ended': state('A user has logged out; hands out `token`.', {}, async (stage) => {
    const { client } = await open(stage)
    await client.logout()
    return { token: client.token }
  }),

  'a library': state('Hands out `library_id`.', {}, async (stage) => ({ library_id: await libraryOf(stage) })),
  'no library': state('Hands out a `library_id` that no library has.', {}, async () => ({ library_id: anId() })),
  'a library item': state('New and empty; hands out `library_item_id`.', {}, anItem),
  'no library item': state('Hands out a `library_item_id` that no item has.', {}, async () => ({
    library_item_id: anId(),
  })),

  'an update session': state(
    'Without files, of a new item; hands out `update_session_id` and `library_item_id`.',
    { state: sessionState },
    async (stage, given) => {
      const values = await aSession(stage)
      await bring(stage, values, given.state)
      return values
    },
  ),
  'no update session': state('Hands out an `update_session_id` that no session has.', {}, async () => ({
    update_session_id: `${anId()}:${anId()}`,
  })),
  'an update session with a file': state(
    'As "an update session", with the file `name`: pushed if `content` is given, else awaited.',
    { state: sessionState, name: z.string(), content: z.string().optional() },
    async (stage, given) => {
      const values = await aSession(stage)
      await addFile(stage, values, given.name, given.content)
      await bring(stage, values, given.state)
      return values
    },
  ),
}

export async function setUp(stage: Stage, name: string, parameters: object): Promise<Values> {
  const found = states[name]
  if (!found) throw new Error(`There is no provider state "${name}". There are: ${Object.keys(states).join(', ')}.`)
  const given = found.parameters.safeParse(parameters)
  if (!given.success) throw new Error(`Provider state "${name}": ${z.prettifyError(given.error)}`)
  return found.setUp(stage, given.data as never) // what its own schema just said it is
}

/** Removes what a state made. What is gone already, by the interaction itself, say, is as good as removed. */
export async function tearDown({ client }: Stage, values: Values): Promise<void> {
  const { update_session_id: session, library_item_id: item } = values
  if (session !== undefined) {
    await client.updateSessions.cancel(session).catch(asGoodAsDone)
    await client.updateSessions.delete(session).catch(asGoodAsDone)
  }
  if (item !== undefined) await client.items.delete(item).catch(asGoodAsDone)
}

const asGoodAsDone = () => undefined

async function libraryOf({ client, libraryId }: Stage): Promise<string> {
  const [first] = libraryId === undefined ? await client.libraries.find({ type: 'LOCAL' }) : [libraryId]
  if (first === undefined) throw new Error('The server has no local library, and none was named.')
  return first
}

async function anItem(stage: Stage) {
  const spec = { library_id: await libraryOf(stage), name: `contract-${anId()}` }
  return { library_item_id: await stage.client.items.create(spec) }
}

async function aSession(stage: Stage) {
  const item = await anItem(stage)
  return { ...item, update_session_id: await stage.client.updateSessions.create(item) }
}

async function addFile(stage: Stage, session: { update_session_id: string }, name: string, content?: string) {
  const { fetch = globalThis.fetch, client } = stage
  const file = await client.updateSessionFiles.add(session.update_session_id, { name, source_type: 'PUSH' })
  if (content === undefined) return
  const uri = file.upload_endpoint?.uri
  if (uri === undefined) throw new Error(`The server gave the file ${name} no upload endpoint.`)
  const answer = await fetch(new Request(uri, { method: 'PUT', body: content }))
  if (!answer.ok) throw new Error(`The upload of ${name} was answered with ${answer.status}.`)
}

async function bring({ client }: Stage, session: { update_session_id: string }, to: z.output<typeof sessionState>) {
  const { update_session_id: id } = session
  switch (to) {
    case 'ACTIVE':
      return
    case 'DONE':
      return client.updateSessions.complete(id)
    case 'ERROR':
      return client.updateSessions.fail(id, 'The contract needs a session that failed.')
    case 'CANCELED':
      return client.updateSessions.cancel(id)
  }
}

const anId = () => crypto.randomUUID()
