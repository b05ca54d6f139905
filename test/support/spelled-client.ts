// The clients of /rest and JSON-RPC: each method is an operation, spelled from the reference (spelling.ts).
import type { ErrorType } from '../../src/client/client.ts'
import { operations } from '../../src/operations/index.ts'
import { freshUser, Refusal, type Client } from './client.ts'
import { request } from './http.ts'
import { plain, type Answer } from './json-rpc.ts'
import { spell, type Binding } from './spelling.ts'

type Ask = <T = void>(operation: string, input?: object) => Promise<T>

/** Of the binding, what its answer holds; what a test then does with it is what it declares it to be. */
const valueOf = {
  '/rest': (response: Response, text: string): unknown => {
    const { value } = text === '' ? {} : (JSON.parse(text) as { value?: object })
    if (response.status === 200) return value
    throw new Refusal(response, value ?? {})
  },
  'JSON-RPC': (_: Response, text: string): unknown => {
    const { result, error } = JSON.parse(text) as Answer
    if (error) throw new Error(`${error.code}: ${error.message} ${error.data}`)
    if (!result?.error) return plain(result?.output)
    const [refusal] = Object.values(result.error.ERROR)
    const { error_type: type, messages } = plain(refusal) as Pick<Refusal, 'messages'> & { error_type: ErrorType }
    throw new Refusal(new Response(null, { status: STATUS[type] ?? 400 }), { error_type: type, messages })
  },
}
/** Where an error of vAPI goes in HTTP (reference 12.2): answers here are all 200, and tests speak of statuses. */
const STATUS: Partial<Record<ErrorType, number>> = {
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
}

export function clientsOf(binding: Exclude<Binding, '/api'>) {
  const askAs =
    (user: string, token: string): Ask =>
    async <T>(id: string, input: object = {}) => {
      const operation = operations.get(`com.vmware.${id}`)
      if (!operation) throw new Error(`There is no operation ${id}.`)
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
      const { path, ...init } = spell(binding, operation, given, { user, token })
      const response = await request(path, init)
      return valueOf[binding](response, await response.text()) as T
    }

  /** Logs in, as a fresh user unless one is named. */
  const connect = async (user: string = freshUser()): Promise<Client> =>
    clientOf(user, await askAs(user, '')(`${SESSION}.create`))

  /** A client that holds this token, whether or not it is good. */
  const clientOf = (user: string, token: string): Client => ({
    user,
    token,
    login: () => connect(user),
    ...methodsOf(askAs(user, token)),
  })

  return { connect, clientOf }
}

const SESSION = 'cis.session'
const UPDATE = 'content.library.item.update_session'
const FILE = 'content.library.item.updatesession.file'
const ITEM = 'content.library.item'
const LIBRARY = 'content.library'
const LOCAL_LIBRARY = 'content.local_library'

const methodsOf = (ask: Ask): Omit<Client, 'user' | 'token' | 'login'> => ({
  logout: () => ask(`${SESSION}.delete`),
  whoAmI: () => ask(`${SESSION}.get`),

  create: (create_spec, client_token) => ask(`${UPDATE}.create`, { create_spec, client_token }),
  get: (update_session_id) => ask(`${UPDATE}.get`, { update_session_id }),
  list: (library_item_id) => ask(`${UPDATE}.list`, { library_item_id }),
  update: (update_session_id, update_spec) => ask(`${UPDATE}.update`, { update_session_id, update_spec }),
  complete: (update_session_id) => ask(`${UPDATE}.complete`, { update_session_id }),
  keepAlive: (update_session_id, client_progress) =>
    ask(`${UPDATE}.keep_alive`, { update_session_id, client_progress }),
  cancel: (update_session_id) => ask(`${UPDATE}.cancel`, { update_session_id }),
  fail: (update_session_id, client_error_message) => ask(`${UPDATE}.fail`, { update_session_id, client_error_message }),
  delete: (update_session_id) => ask(`${UPDATE}.delete`, { update_session_id }),

  files: {
    list: (update_session_id) => ask(`${FILE}.list`, { update_session_id }),
    add: (update_session_id, file_spec) => ask(`${FILE}.add`, { update_session_id, file_spec }),
    get: (update_session_id, file_name) => ask(`${FILE}.get`, { update_session_id, file_name }),
    remove: (update_session_id, file_name) => ask(`${FILE}.remove`, { update_session_id, file_name }),
    validate: (update_session_id) => ask(`${FILE}.validate`, { update_session_id }),
  },
  itemFiles: {
    list: (library_item_id) => ask(`${ITEM}.file.list`, { library_item_id }),
    get: (library_item_id, name) => ask(`${ITEM}.file.get`, { library_item_id, name }),
  },
  storage: {
    list: (library_item_id) => ask(`${ITEM}.storage.list`, { library_item_id }),
    get: (library_item_id, file_name) => ask(`${ITEM}.storage.get`, { library_item_id, file_name }),
  },
  items: {
    create: (create_spec, client_token) => ask(`${ITEM}.create`, { create_spec, client_token }),
    get: (library_item_id) => ask(`${ITEM}.get`, { library_item_id }),
    find: (spec) => ask(`${ITEM}.find`, { spec }),
    update: (library_item_id, update_spec) => ask(`${ITEM}.update`, { library_item_id, update_spec }),
    delete: (library_item_id) => ask(`${ITEM}.delete`, { library_item_id }),
    list: (library_id) => ask(`${ITEM}.list`, { library_id }),
  },
  libraries: {
    create: (create_spec, client_token) => ask(`${LOCAL_LIBRARY}.create`, { create_spec, client_token }),
    get: (library_id) => ask(`${LIBRARY}.get`, { library_id }),
    find: (spec) => ask(`${LIBRARY}.find`, { spec }),
    update: (library_id, update_spec) => ask(`${LOCAL_LIBRARY}.update`, { library_id, update_spec }),
    delete: (library_id) => ask(`${LOCAL_LIBRARY}.delete`, { library_id }),
    list: () => ask(`${LIBRARY}.list`),
  },
})
