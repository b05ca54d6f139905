// The provider states of the contract: all that a client can reach through the public API, of any server, and some of this mock alone.
import { basic, type Client } from '../client/client.ts'
import { statusOf } from './reason.ts'
import { open, requireMock, seed, type Stage } from './stage.ts'
import { checkParameters, ownOf, state, type AskedState, type State, type Values } from './provider-state.ts'
import { until } from './until.ts'

/** Throws where it is none of ours. A V2 pact has one text for all: states joined by "and", then parameters as JSON. */
export function readStates(text: string, parameters: object): AskedState[] {
  const at = text.endsWith('}') ? text.indexOf('{') : -1
  const head = at === -1 ? text : text.slice(0, at).trim()
  const names = (at !== -1 && head.endsWith(' with') ? head.slice(0, -' with'.length) : head).split(' and ')
  const ofLast = { ...(at !== -1 && inName(text.slice(at))), ...parameters }
  return names.map((name, index) => {
    const found = ownOf(states, name)
    if (!found) throw new Error(`There is no provider state "${name}". There are: ${Object.keys(states).join(', ')}.`)
    return { name, given: checkParameters(name, found.parameters, index === names.length - 1 ? ofLast : {}) }
  })
}

/** In a query, a verifier writes the parameter `state` over the name. Two states have it, one of them a `name`. */
export const restored = (state: string, params: Record<string, string>): { state: string; params: object } =>
  Object.hasOwn(waysInto, state)
    ? { state: `an update session${'name' in params ? ' with a file' : ''}`, params: { ...params, state } }
    : { state, params }

function inName(text: string): object {
  try {
    return JSON.parse(text) as object // it begins and ends with a brace
  } catch {
    throw new Error(`Behind the name of a provider state stand its parameters as JSON, not ${text}.`)
  }
}

/** Brings the provider into what is asked for; throws where it cannot be brought there. */
export async function setUp(stage: Stage, asked: AskedState[]): Promise<Values> {
  let values: Values = {}
  for (const { name, given } of asked) values = { ...values, ...(await states[name]?.setUp(stage, given)) }
  return values
}

/** What a pact may ask for, and with which parameters. */
export const known = () =>
  Object.entries(states).map(([name, { description, reach, parameters }]) => ({
    name,
    description,
    ...(reach && { reach }),
    parameters: Object.entries(parameters).map(([name, more]) => ({ name, type: 'string', required: false, ...more })),
  }))

const DONE_MS = 10_000
/** How a new session comes to be in a state; `why` is what it says when it has failed. */
const waysInto: Record<string, (sessions: Client['updateSessions'], id: string, why?: string) => Promise<unknown>> = {
  ACTIVE: async () => undefined,
  DONE: async (sessions, id) => {
    await sessions.complete(id)
    // A completion may take its time: on a vCenter, and here where a test has set so.
    const isDone = await until(DONE_MS, async () => (await sessions.get(id)).state === 'DONE' || undefined)
    if (!isDone) throw new Error(`The session is not DONE ${DONE_MS / 1000} s after its completion.`)
  },
  ERROR: (sessions, id, why = 'The contract needs a session that failed.') => sessions.fail(id, why),
  CANCELED: (sessions, id) => sessions.cancel(id),
}
const sessionEnd = { state: { values: Object.keys(waysInto), default: 'ACTIVE' }, error_message: {} }
/** For pacts whose consumer writes no generators: then the ids in their requests are as they stand. */
const sessionId = { update_session_id: { reach: 'this mock' } } as const
const itemId = { library_item_id: { reach: 'this mock' } } as const

const noneOf = (field: string, what: string, getOf: (client: Client) => (id: string) => Promise<unknown>) =>
  state(`Hands out \`${field}\`, which no ${what} has.`, { [field]: {} }, async (stage, given) => {
    const isSession = field in sessionId
    const id = given[field] ?? (isSession ? `${anId()}:${anId()}` : anId())
    // In a pact without generators it is the one that another interaction has made.
    if (isSession) await stage.mock?.remove({ user: stage.credentials.user, sessionId: id })
    const status = await statusOf(getOf(stage.client)(id))
    if (status === 404) return { [field]: id }
    throw new Error(`There must be no ${what} with the id ${id}: a get is answered ${status}, not 404.`)
  })

const states: Record<string, State> = {
  'a user': state('A user who may log in; hands out `authorization`.', {}, async ({ credentials }) => ({
    authorization: basic(credentials.user, credentials.password),
  })),
  'an API session': state('A user is logged in; hands out `token`.', {}, async ({ client }) => ({
    token: client.token,
  })),
  'an API session to end': state("Its `token` is no other interaction's.", {}, async (stage) => {
    const { token } = await newLogin(stage)
    return { token }
  }),
  'an API session that has ended': state('A user has logged out; hands out `token`.', {}, async (stage) => {
    const { token, logout } = await newLogin(stage)
    await logout()
    return { token }
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
  'no library': noneOf('library_id', 'library', ({ libraries }) => libraries.get),

  'a library item': state(
    'New; hands out `library_item_id`, its `library_item_name` and `library_id`.',
    itemId,
    anItem,
  ),
  'no library item': noneOf('library_item_id', 'item', ({ items }) => items.get),

  'an update session': state(
    'Of a new item, without files; hands out `update_session_id`, and what the item does.',
    { ...sessionEnd, ...sessionId, ...itemId },
    async (stage, given) => {
      const values = await aSession(stage, given)
      await bring(stage, values, given)
      return values
    },
  ),
  'an update session with a file': state(
    'As "an update session", with the file `name`: pushed if its `content` is given, else awaited. Hands out `upload_uri` and `upload_path` too, and `download_path` of content that is in the item.',
    { ...sessionEnd, ...sessionId, ...itemId, name: { required: true }, content: {} },
    async (stage, given) => {
      const { name, content } = given
      const session = await aSession(stage, given)
      const upload = await addFile(stage, session, name, content)
      await bring(stage, session, given)
      const isPublished = content !== undefined && given.state === 'DONE'
      return { ...session, ...upload, ...(isPublished && (await downloadOf(stage, session, name))) }
    },
  ),
  'an update session with a file in transfer': state(
    'Of the file `name`, `bytes_transferred` of `size` are there, or half of them; hands out `update_session_id`.',
    {
      name: { required: true },
      size: { type: 'integer', default: 1024 },
      bytes_transferred: { type: 'integer' },
      ...sessionId,
    },
    async (stage, { update_session_id: id, name, size, bytes_transferred: bytes = Number(size) / 2 }) =>
      seed(stage, {
        id,
        files: [{ name, status: 'TRANSFERRING', size: Number(size), bytes_transferred: Math.floor(Number(bytes)) }],
      }),
    'this mock',
  ),
  'an update session that has expired': state(
    'There was one, and its time is over; hands out `update_session_id`.',
    sessionId,
    async (stage, { update_session_id: id }) => {
      const values = await seed(stage, { id })
      await requireMock(stage).remove({ user: stage.credentials.user, sessionId: values.update_session_id })
      return values
    },
    'this mock',
  ),
  "another user's update session": state(
    "In that user's own vCenter; hands out `update_session_id`, which no other user can see.",
    { user: { default: 'somebody-else' }, ...sessionId },
    async (stage, { user, update_session_id: id }) => {
      if (user === stage.credentials.user) throw new Error(`The user ${user} is the one who asks. Name another one.`)
      return seed(stage, { user, id })
    },
    'this mock',
  ),
  'no update session': noneOf('update_session_id', 'update session', ({ updateSessions }) => updateSessions.get),
}

async function newLogin(stage: Stage): Promise<Client> {
  const { client } = await open(stage)
  stage.made.push({ what: 'API session', token: client.token })
  return client
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

type Ids = { update_session_id?: string | undefined; library_item_id?: string | undefined }

async function anItem(stage: Stage, { library_item_id: id }: Ids = {}) {
  const { client, made, credentials } = stage
  if (id !== undefined) {
    const mock = requireMock(stage)
    // One that is there already is not ours to remove.
    if ((await statusOf(client.items.get(id))) !== 200) {
      const { sessionId } = await mock.seed({ library_item_id: id })
      made.push({ what: 'item', id })
      // The item stays.
      await mock.remove({ user: credentials.user, sessionId })
    }
    return detailsOf(stage, id)
  }
  const library_id = await libraryOf(stage)
  const library_item_name = aName()
  const library_item_id = await client.items.create({ library_id, name: library_item_name })
  made.push({ what: 'item', id: library_item_id })
  return { library_id, library_item_id, library_item_name }
}

async function detailsOf({ client }: Stage, library_item_id: string) {
  const { library_id = '', name = '' } = await client.items.get(library_item_id)
  return { library_id, library_item_id, library_item_name: name }
}

async function aSession(stage: Stage, given: Ids) {
  const { updateSessions } = stage.client
  if (given.update_session_id === undefined && given.library_item_id === undefined) {
    const item = await anItem(stage)
    return { ...item, update_session_id: await updateSessions.create({ library_item_id: item.library_item_id }) }
  }
  const { update_session_id } = await seed(stage, {
    id: given.update_session_id,
    library_item_id: given.library_item_id,
  })
  const { library_item_id = '' } = await updateSessions.get(update_session_id)
  return { ...(await detailsOf(stage, library_item_id)), update_session_id }
}

async function addFile(stage: Stage, session: { update_session_id: string }, name: string, content?: string) {
  const { fetch = globalThis.fetch, client } = stage
  const file = await client.updateSessionFiles.add(session.update_session_id, { name, source_type: 'PUSH' })
  const uri = file.upload_endpoint?.uri
  if (uri === undefined) throw new Error(`The server gave the file ${name} no upload endpoint.`)
  if (content !== undefined) {
    const answer = await fetch(new Request(uri, { method: 'PUT', body: content }))
    if (!answer.ok) throw new Error(`The upload of ${name} was answered with ${answer.status}.`)
  }
  return { upload_uri: uri, upload_path: pathOf(uri) }
}

/** Without a query: the verifier for the JVM would make it a part of the path. */
const pathOf = (uri: string): string => new URL(uri).pathname

/** Where the content lies, for a caller with an API session. */
async function downloadOf({ client }: Stage, item: { library_item_id: string }, name: string): Promise<Values> {
  const files = await client.items.files(item.library_item_id)
  const uri = files.find((file) => file.name === name)?.file_download_endpoint
  return uri === undefined ? {} : { download_path: pathOf(uri) }
}

type End = { state: string; error_message: string | undefined }
function bring({ client }: Stage, { update_session_id: id }: { update_session_id: string }, end: End) {
  const { state, error_message: why } = end
  if (why !== undefined && state !== 'ERROR') throw new Error('error_message is of the state ERROR.')
  return waysInto[state]?.(client.updateSessions, id, why)
}
