// The client of JSON-RPC on POST /api, as the vendor's SDKs write their calls (reference 12.1).
import { freshUser, Refusal, type Client } from './client.ts'
import type { ErrorType } from '../../src/client/client.ts'
import { request } from './http.ts'

export const SESSION = 'com.vmware.cis.session'
const LIBRARY = 'com.vmware.content.library'
const LOCAL_LIBRARY = 'com.vmware.content.local_library'
const ITEM = 'com.vmware.content.library.item'
export const UPDATE_SESSION = 'com.vmware.content.library.item.update_session'

const FILE = 'com.vmware.content.library.item.updatesession.file'

type Invocation = { service: string; operation: string; input?: object; securityCtx?: object; headers?: object }

/** The parts of an answer; which of them are there is for the test to say. */
export type Answer = {
  jsonrpc: string
  id: string | number | null
  result?: { output?: unknown; error?: { ERROR: Record<string, { messages: unknown; error_type: unknown }> } }
  error?: { code: number; message: string; data?: string }
}

/** One POST of this body, whatever it is. */
export const post = (body: BodyInit, headers: object = {}): Promise<Response> =>
  request('/api', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })

export const invocation = ({ service, operation, input = {}, securityCtx }: Invocation) => ({
  jsonrpc: '2.0',
  id: '1',
  method: 'invoke',
  params: {
    ctx: { appCtx: { opId: 'test' }, ...(securityCtx && { securityCtx }) },
    serviceId: service,
    operationId: operation,
    input: { STRUCTURE: { 'operation-input': input } },
  },
})

export async function invoke(call: Invocation): Promise<Answer> {
  const response = await post(JSON.stringify(invocation(call)), call.headers)
  return response.json()
}

export const withPassword = (userName: string, password = 'secret') => ({
  schemeId: 'com.vmware.vapi.std.security.user_pass',
  userName,
  password,
})
export const withSession = (sessionId: string) => ({
  schemeId: 'com.vmware.vapi.std.security.session_id',
  sessionId,
})

/** Logs in, as a fresh user unless one is named. */
export async function connect(user: string = freshUser()): Promise<Client> {
  const login = await invoke({ service: SESSION, operation: 'create', securityCtx: withPassword(user) })
  return clientOf(user, valueOf(login) as string)
}

/** A client that holds this token, whether or not it is good. */
export function clientOf(user: string, token: string): Client {
  const ask = async <T = void>(service: string, operation: string, input: object = {}): Promise<T> =>
    valueOf(await invoke({ service, operation, input, securityCtx: withSession(token) })) as T
  const act = (operation: string, id: string, more: object = {}) =>
    ask(UPDATE_SESSION, operation, { update_session_id: id, ...more })
  const create = (service: string, create_spec: object, clientToken?: string) =>
    ask<string>(service, 'create', { create_spec, client_token: optional(clientToken) })

  return {
    user,
    token,
    login: () => connect(user),
    logout: () => ask(SESSION, 'delete'),
    whoAmI: () => ask(SESSION, 'get'),

    create: (spec, clientToken) => create(UPDATE_SESSION, updateSessionModel(spec), clientToken),
    get: (id) => ask(UPDATE_SESSION, 'get', { update_session_id: id }),
    list: (itemId) => ask(UPDATE_SESSION, 'list', { library_item_id: optional(itemId) }),
    update: (id, spec) => act('update', id, { update_spec: updateSessionModel(spec) }),
    complete: (id) => act('complete', id),
    keepAlive: (id, progress) => act('keep_alive', id, { client_progress: optional(progress) }),
    cancel: (id) => act('cancel', id),
    fail: (id, message) => act('fail', id, { client_error_message: message }),
    delete: (id) => act('delete', id),

    files: {
      list: (id) => ask(FILE, 'list', { update_session_id: id }),
      add: (id, spec) => ask(FILE, 'add', { update_session_id: id, file_spec: addSpec(spec) }),
      get: (id, name) => ask(FILE, 'get', { update_session_id: id, file_name: name }),
      remove: (id, name) => ask(FILE, 'remove', { update_session_id: id, file_name: name }),
      validate: (id) => ask(FILE, 'validate', { update_session_id: id }),
    },
    itemFiles: {
      list: (itemId) => ask(`${ITEM}.file`, 'list', { library_item_id: itemId }),
      get: (itemId, name) => ask(`${ITEM}.file`, 'get', { library_item_id: itemId, name }),
    },
    storage: {
      list: (itemId) => ask(`${ITEM}.storage`, 'list', { library_item_id: itemId }),
      get: (itemId, name) => ask(`${ITEM}.storage`, 'get', { library_item_id: itemId, file_name: name }),
    },
    items: {
      create: (spec, clientToken) => create(ITEM, itemModel(spec), clientToken),
      get: (id) => ask(ITEM, 'get', { library_item_id: id }),
      find: (spec) => ask(ITEM, 'find', { spec: model('content.library.item.find_spec', spec) }),
      update: (id, spec) => ask(ITEM, 'update', { library_item_id: id, update_spec: itemModel(spec) }),
      delete: (id) => ask(ITEM, 'delete', { library_item_id: id }),
      list: (libraryId) => ask(ITEM, 'list', { library_id: libraryId }),
    },
    libraries: {
      create: (spec, clientToken) => create(LOCAL_LIBRARY, libraryModel(spec), clientToken),
      get: (id) => ask(LIBRARY, 'get', { library_id: id }),
      find: (spec) => ask(LIBRARY, 'find', { spec: model('content.library.find_spec', spec) }),
      update: (id, spec) => ask(LOCAL_LIBRARY, 'update', { library_id: id, update_spec: libraryModel(spec) }),
      delete: (id) => ask(LOCAL_LIBRARY, 'delete', { library_id: id }),
      list: () => ask(LIBRARY, 'list'),
    },
  }
}

export const optional = (value: unknown) => ({ OPTIONAL: value ?? null })

/** A structure whose fields are all optional, but for one. */
export const model = (name: string, fields: object, required?: string) =>
  structure(
    name,
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [field, field === required ? value : optional(value)]),
    ),
  )
export const structure = (name: string, fields: object) => ({ STRUCTURE: { [`com.vmware.${name}`]: fields } })

function updateSessionModel({ warning_behavior: behavior, ...fields }: { warning_behavior?: object[] }) {
  const list = behavior && { warning_behavior: behavior.map(warningBehavior) }
  return model('content.library.item.update_session_model', { ...fields, ...list })
}
const warningBehavior = (fields: object) => structure('content.library.item.updatesession.warning_behavior', fields)
type AddSpec = { source_endpoint?: { uri?: string }; checksum_info?: { checksum?: string }; size?: number }
function addSpec({ source_endpoint: source, checksum_info: checksum, size, ...fields }: AddSpec) {
  return structure('content.library.item.updatesession.file.add_spec', {
    ...fields,
    size: optional(size),
    source_endpoint: optional(source && model('content.library.item.transfer_endpoint', source, 'uri')),
    checksum_info: optional(checksum && model('content.library.item.file.checksum_info', checksum, 'checksum')),
  })
}
const itemModel = (fields: object) => model('content.library.item_model', fields)
function libraryModel({ storage_backings: backings, ...fields }: { storage_backings?: object[] }) {
  const list = backings && { storage_backings: backings.map(storageBacking) }
  return model('content.library_model', { ...fields, ...list })
}
const storageBacking = (fields: object) => model('content.library.storage_backing', fields)

/** Where an error of vAPI goes in HTTP (reference 12.2): answers here are all 200, and tests speak of statuses. */
const STATUS: Partial<Record<ErrorType, number>> = {
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
}

/** What an answer says without its wrappings; what a test then does with it is what it declares it to be. */
function valueOf({ result, error }: Answer): unknown {
  if (error) throw new Error(`${error.code}: ${error.message} ${error.data}`)
  if (!result?.error) return plain(result?.output)
  const [refusal] = Object.values(result.error.ERROR)
  const { error_type: type, messages } = plain(refusal) as Pick<Refusal, 'messages'> & { error_type: ErrorType }
  throw new Refusal(new Response(null, { status: STATUS[type] ?? 400 }), { error_type: type, messages })
}

export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if ('OPTIONAL' in value) return plain(value.OPTIONAL)
  if ('SECRET' in value) return value.SECRET
  const fields = 'STRUCTURE' in value ? Object.values(value.STRUCTURE as object)[0] : value
  return Object.fromEntries(
    Object.entries(fields as object)
      .map(([name, each]) => [name, plain(each)])
      .filter(([, each]) => each !== undefined),
  )
}
