// The provider states of the contract, each reached through the public API alone: any server can be asked to keep it.
import { basic, clientOf, login, type Client, type Credentials, type Fetch } from '../client/client.ts'

export type Provider = {
  url: string
  credentials: Credentials
  /** The library to make items in; without it the first local one that there is. */
  libraryId?: string
  fetch?: Fetch
}
/** What a state hands to the interaction that asked for it: ids and tokens, by the names that pacts use. */
type Values = Record<string, string>

/** What a state has made, for its removal: plain data, since teardown may come as a request of its own. */
export type Made =
  | { what: 'API session'; token: string }
  | { what: 'library' | 'item'; id: string }
  | { what: 'libraries named'; name: string }
  | { what: 'items named'; name: string; libraryId: string }

/** A provider with an API session open, and what must be removed when an interaction is over. */
export type Stage = Provider & { client: Client; made: Made[] }
export const open = async (provider: Provider): Promise<Stage> => ({
  ...provider,
  client: await login(provider.url, provider.credentials, provider.fetch),
  made: [],
})

/** Brings the provider into a state; throws where it is not one of ours, or cannot be reached. */
export async function setUp(stage: Stage, name: string, parameters: object): Promise<Values> {
  const found = ownOf(states, name)
  if (!found) throw new Error(`There is no provider state "${name}". There are: ${Object.keys(states).join(', ')}.`)
  checkParameters(name, found.parameters, parameters)
  return found.setUp(stage, parameters)
}

/** Removes what the states made, the last first. What is gone already is as good as removed. */
export async function tearDown(stage: Stage): Promise<void> {
  for (const made of stage.made.splice(0).toReversed()) await remove(stage, made).catch(() => undefined)
}

async function remove({ client, url, fetch }: Stage, made: Made): Promise<unknown> {
  const { items, libraries } = client
  switch (made.what) {
    case 'API session':
      return clientOf(url, made.token, fetch).logout()
    case 'library':
      return libraries.delete(made.id)
    case 'libraries named':
      return onEach(libraries.find({ name: made.name }), libraries.delete)
    case 'item':
      return removeItem(client, made.id)
    case 'items named':
      return onEach(items.find({ library_id: made.libraryId, name: made.name }), items.delete)
  }
}

/** Its sessions go first, as a vCenter wants it. */
async function removeItem({ items, updateSessions }: Client, id: string): Promise<void> {
  await onEach(updateSessions.list(id), updateSessions.cancel)
  await onEach(updateSessions.list(id), updateSessions.delete)
  await items.delete(id)
}

/** One that cannot be removed does not keep the others. */
const onEach = async (ids: Promise<string[]>, run: (id: string) => Promise<unknown>) =>
  Promise.allSettled((await ids).map(run))

/** What a pact may ask for, and with which parameters. */
export type Known = { name: string; description: string; parameters: KnownParameter[] }
type KnownParameter = {
  name: string
  type: string
  required: boolean
  values?: string[]
  default?: string | number
}
export const known = (): Known[] =>
  Object.entries(states).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: Object.entries(parameters).map(([parameter, { isRequired = false, among, otherwise }]) => ({
      name: parameter,
      type: 'string',
      required: isRequired,
      ...(among && { values: among }),
      ...(otherwise !== undefined && { default: otherwise }),
    })),
  }))

/** Texts by name: any will do, or one of those that `among` lists; `otherwise` is what one is that is not given. */
type Parameters = Record<string, { isRequired?: boolean; among?: string[]; otherwise?: string }>
type State = { description: string; parameters: Parameters; setUp: (stage: Stage, given: object) => Promise<Values> }
const state = <P extends Parameters>(
  description: string,
  parameters: P,
  setUp: (stage: Stage, given: { [K in keyof P]?: string }) => Promise<Values>,
): State => ({ description, parameters, setUp })

/** By a name from outside: every object inherits properties such as `constructor`. */
const ownOf = <T>(all: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined

/** A state that is asked for in other words than these would be another one. */
function checkParameters(name: string, parameters: Parameters, given: object): void {
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    const parameter = ownOf(parameters, key)
    if (!parameter) throw new Error(`The provider state "${name}" has no parameter "${key}".`)
    if (typeof value !== 'string' || parameter.among?.includes(value) === false)
      throw new Error(
        `The provider state "${name}" wants for "${key}" ${parameter.among?.join(', ') ?? 'a text'}, not ${JSON.stringify(value)}.`,
      )
  }
  const missing = Object.keys(parameters).find((key) => parameters[key]?.isRequired && !Object.hasOwn(given, key))
  if (missing !== undefined) throw new Error(`The provider state "${name}" wants the parameter "${missing}".`)
}

/** How a new session comes to be in a state; `why` is what it says when it has failed. */
const waysInto: Record<string, (sessions: Client['updateSessions'], id: string, why: string) => Promise<unknown>> = {
  ACTIVE: async () => undefined,
  DONE: (sessions, id) => sessions.complete(id),
  ERROR: (sessions, id, why) => sessions.fail(id, why),
  CANCELED: (sessions, id) => sessions.cancel(id),
}
const WHY = 'The contract needs a session that failed.'
const sessionEnd = { state: { among: Object.keys(waysInto), otherwise: 'ACTIVE' }, error_message: { otherwise: WHY } }

const states: Record<string, State> = {
  'a user': state('A user who may log in; hands out `authorization`.', {}, async ({ credentials }) => ({
    authorization: basic(credentials.user, credentials.password),
  })),
  'an API session': state('A user is logged in; hands out `token`.', {}, async ({ client }) => ({
    token: client.token,
  })),
  'an API session to end': state("Its `token` is no other interaction's.", {}, async (stage) => {
    const { token } = (await open(stage)).client
    stage.made.push({ what: 'API session', token })
    return { token }
  }),
  'an API session that has ended': state('A user has logged out; hands out `token`.', {}, async (stage) => {
    const { client } = await open(stage)
    await client.logout()
    return { token: client.token }
  }),

  'a library': state('Hands out `library_id`, and `new_item_name` that nothing in it has.', {}, async (stage) => {
    const library_id = await libraryOf(stage)
    const new_item_name = aName()
    stage.made.push({ what: 'items named', name: new_item_name, libraryId: library_id })
    return { library_id, new_item_name }
  }),
  'a library to change': state('New and empty; hands out `library_id` and `library_name`.', {}, async (stage) => {
    const library_name = aName()
    const library_id = await stage.client.libraries.create({
      name: library_name,
      storage_backings: [{ type: 'DATASTORE', datastore_id: await datastoreOf(stage) }],
    })
    stage.made.push({ what: 'library', id: library_id })
    return { library_id, library_name }
  }),
  'room for a library': state(
    'Hands out `datastore_id` to put one on, and `new_library_name` that none has.',
    {},
    async (stage) => {
      const new_library_name = aName()
      stage.made.push({ what: 'libraries named', name: new_library_name })
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
    sessionEnd,
    async (stage, given) => {
      const values = await aSession(stage)
      await bring(stage, values, given)
      return values
    },
  ),
  'an update session with a file': state(
    'As "an update session", with the file `name`: pushed if its `content` is given, else awaited.',
    { ...sessionEnd, name: { isRequired: true }, content: {} },
    async (stage, given) => {
      const values = await aSession(stage)
      await addFile(stage, values, given.name ?? '', given.content)
      await bring(stage, values, given)
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
  const library_id = await libraryOf(stage)
  const library_item_name = aName()
  const library_item_id = await stage.client.items.create({ library_id, name: library_item_name })
  stage.made.push({ what: 'item', id: library_item_id })
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

type End = { state?: string; error_message?: string }
const bring = ({ client }: Stage, { update_session_id: id }: { update_session_id: string }, end: End) =>
  waysInto[end.state ?? 'ACTIVE']?.(client.updateSessions, id, end.error_message ?? WHY)
