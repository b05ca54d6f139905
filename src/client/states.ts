// The provider states of the contract, each reached through the public API alone: any server can be asked to keep it.
import { login, type Client, type Credentials, type Fetch } from './client.ts'

export type Provider = {
  url: string
  credentials: Credentials
  /** The library to make items in; without it the first local one that there is. */
  libraryId?: string
  fetch?: Fetch
}
/** What a state hands to the interaction that asked for it: ids and tokens, by the names that pacts use. */
type Values = Record<string, string>

/** A provider with an API session open, and what must be undone when an interaction is over. */
export type Stage = Provider & { client: Client; undo: (() => Promise<unknown>)[] }
export const open = async (provider: Provider): Promise<Stage> => ({
  ...provider,
  client: await login(provider.url, provider.credentials, provider.fetch),
  undo: [],
})

/** Brings the provider into a state; throws where it is not one of ours, or cannot be reached. */
export async function setUp(stage: Stage, name: string, parameters: object): Promise<Values> {
  const found = states[name]
  if (!found) throw new Error(`There is no provider state "${name}". There are: ${Object.keys(states).join(', ')}.`)
  check(name, found.parameters, parameters)
  return found.setUp(stage, parameters)
}

/** Removes what the states made, the last first. What is gone already is as good as removed. */
export async function tearDown({ undo }: Stage): Promise<void> {
  for (const step of undo.splice(0).toReversed()) await step().catch(() => undefined)
}

/** What a pact may ask for, and with which parameters. */
export const known = (): { name: string; description: string; parameters: string[] }[] =>
  Object.entries(states).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: Object.keys(parameters),
  }))

/** Texts by name: any will do, or one of those that `among` lists. */
type Parameters = Record<string, { isRequired?: boolean; among?: string[] }>
type State = { description: string; parameters: Parameters; setUp: (stage: Stage, given: object) => Promise<Values> }
const state = <P extends Parameters>(
  description: string,
  parameters: P,
  setUp: (stage: Stage, given: { [K in keyof P]?: string }) => Promise<Values>,
): State => ({ description, parameters, setUp })

/** A state that is asked for in other words than these would be another one. */
function check(name: string, parameters: Parameters, given: object): void {
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    const parameter = parameters[key]
    if (!parameter) throw new Error(`The provider state "${name}" has no parameter "${key}".`)
    if (typeof value !== 'string' || parameter.among?.includes(value) === false)
      throw new Error(
        `The provider state "${name}" wants for "${key}" ${parameter.among?.join(', ') ?? 'a text'}, not ${JSON.stringify(value)}.`,
      )
  }
  const missing = Object.keys(parameters).find((key) => parameters[key]?.isRequired && !(key in given))
  if (missing !== undefined) throw new Error(`The provider state "${name}" wants the parameter "${missing}".`)
}

/** How a new session comes to be in a state. */
const ways: Record<string, (sessions: Client['updateSessions'], id: string) => Promise<unknown>> = {
  ACTIVE: async () => undefined,
  DONE: (sessions, id) => sessions.complete(id),
  ERROR: (sessions, id) => sessions.fail(id, 'The contract needs a session that failed.'),
  CANCELED: (sessions, id) => sessions.cancel(id),
}
const sessionState = { among: Object.keys(ways) }

const states: Record<string, State> = {
  'a user': state('Somebody who may log in; hands out `authorization`.', {}, async ({ credentials }) => ({
    authorization: `Basic ${btoa(`${credentials.user}:${credentials.password}`)}`,
  })),
  'an API session': state('A user is logged in; hands out `token`.', {}, async ({ client }) => ({
    token: client.token,
  })),
  'an API session to end': state("Its `token` is no other interaction's.", {}, async (stage) => {
    const { client } = await open(stage)
    stage.undo.push(client.logout)
    return { token: client.token }
  }),
  'an API session that has ended': state('A user has logged out; hands out `token`.', {}, async (stage) => {
    const { client } = await open(stage)
    await client.logout()
    return { token: client.token }
  }),

  'a library': state('Hands out `library_id`, and `new_item_name` that nothing in it has.', {}, async (stage) => {
    const library_id = await libraryOf(stage)
    const { items } = stage.client
    const new_item_name = aName()
    stage.undo.push(() => removeAll(items.find({ library_id, name: new_item_name }), items.delete))
    return { library_id, new_item_name }
  }),
  'a library to change': state('New and empty; hands out `library_id` and `library_name`.', {}, async (stage) => {
    const { libraries } = stage.client
    const library_name = aName()
    const library_id = await libraries.create({
      name: library_name,
      storage_backings: [{ type: 'DATASTORE', datastore_id: await datastoreOf(stage) }],
    })
    stage.undo.push(() => libraries.delete(library_id))
    return { library_id, library_name }
  }),
  'room for a library': state(
    'Hands out `datastore_id` to put one on, and `new_library_name` that none has.',
    {},
    async (stage) => {
      const { libraries } = stage.client
      const new_library_name = aName()
      stage.undo.push(() => removeAll(libraries.find({ name: new_library_name }), libraries.delete))
      return { datastore_id: await datastoreOf(stage), new_library_name }
    },
  ),
  'no library': state('Hands out a `library_id` that no library has.', {}, async () => ({ library_id: anId() })),

  'a library item': state('New; hands out `library_item_id`, its `library_item_name` and `library_id`.', {}, anItem),
  'no library item': state('Hands out a `library_item_id` that no item has.', {}, async () => ({
    library_item_id: anId(),
  })),

  'an update session': state(
    'Of a new item, without files; hands out `update_session_id`, and what the item does.',
    { state: sessionState },
    async (stage, given) => {
      const values = await aSession(stage)
      await bring(stage, values, given.state)
      return values
    },
  ),
  'an update session with a file': state(
    'As "an update session", with the file `name`: pushed if its `content` is given, else awaited.',
    { state: sessionState, name: { isRequired: true }, content: {} },
    async (stage, given) => {
      const values = await aSession(stage)
      await addFile(stage, values, given.name ?? '', given.content)
      await bring(stage, values, given.state)
      return values
    },
  ),
  'no update session': state('Hands out an `update_session_id` that no session has.', {}, async () => ({
    update_session_id: `${anId()}:${anId()}`,
  })),
}

const anId = () => crypto.randomUUID()
const aName = () => `contract-${anId()}`

async function libraryOf({ client, libraryId }: Stage): Promise<string> {
  const [first] = libraryId === undefined ? await client.libraries.find({ type: 'LOCAL' }) : [libraryId]
  if (first === undefined) throw new Error('The server has no local library, and none was named.')
  return first
}

async function datastoreOf(stage: Stage): Promise<string> {
  const { storage_backings: [backing] = [] } = await stage.client.libraries.get(await libraryOf(stage))
  if (backing?.datastore_id === undefined) throw new Error('The library is on no datastore; name one that is.')
  return backing.datastore_id
}

async function anItem(stage: Stage) {
  const { items, updateSessions } = stage.client
  const library_id = await libraryOf(stage)
  const library_item_name = aName()
  const library_item_id = await items.create({ library_id, name: library_item_name })
  stage.undo.push(
    () => items.delete(library_item_id),
    () => removeAll(updateSessions.list(library_item_id), updateSessions.delete),
    () => removeAll(updateSessions.list(library_item_id), updateSessions.cancel),
  )
  return { library_id, library_item_id, library_item_name }
}

async function aSession(stage: Stage) {
  const { updateSessions } = stage.client
  const item = await anItem(stage)
  const { library_item_id } = item
  return { ...item, update_session_id: await updateSessions.create({ library_item_id }) }
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

const bring = ({ client }: Stage, session: { update_session_id: string }, to = 'ACTIVE') =>
  ways[to]?.(client.updateSessions, session.update_session_id)

/** One that cannot be removed does not keep the others. */
const removeAll = async (ids: Promise<string[]>, remove: (id: string) => Promise<unknown>) =>
  Promise.allSettled((await ids).map(remove))
