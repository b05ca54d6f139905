// The client of /api, and the list of every binding's.
import { basic, freshUser, Refusal, type Client, type Message } from './client.ts'
import { request } from './http.ts'
import { clientOf as jsonRpcClientOf, connect as connectJsonRpc } from './json-rpc.ts'
import { restOver } from './rest.ts'

export { basic, freshUser } from './client.ts'
export { request } from './http.ts'

/** Every wire form that exposes the same operations: `describe.each(bindings)`. */
export const bindings: Binding[] = [
  { name: '/api', connect: (user) => connect(user), clientOf: (...given) => clientOf(...given), busyStatus: 500 },
  { name: '/rest', ...restOver(request), busyStatus: 400 },
  { name: 'JSON-RPC', connect: connectJsonRpc, clientOf: jsonRpcClientOf, busyStatus: 400 },
]
export type Binding = {
  name: string
  connect: (user?: string) => Promise<Client>
  clientOf: (user: string, token: string) => Client
  /** The one status in which the wire forms differ by documentation (reference 11.2): that of RESOURCE_BUSY. */
  busyStatus: number
}

export const SESSIONS = '/api/content/library/item/update-session'
const ITEMS = '/api/content/library/item'
const LIBRARIES = '/api/content/library'
const LOCAL_LIBRARIES = '/api/content/local-library'

/** Logs in, as a fresh user unless one is named. */
export async function connect(user: string = freshUser()): Promise<Client> {
  const login = await request('/api/session', { method: 'POST', headers: { authorization: basic(user) } })
  const token = await valueOf<string>(login)
  return clientOf(user, token)
}

const session = (id: string) => `${SESSIONS}/${id}`

/** A client that holds this token, whether or not it is good. */
function clientOf(user: string, token: string): Client {
  const ask = async <T = void>(method: string, path: string, body?: object, clientToken?: string): Promise<T> => {
    const headers = new Headers({ 'vmware-api-session-id': token })
    if (body) headers.set('content-type', 'application/json')
    if (clientToken !== undefined) headers.set('client-token', clientToken)
    return valueOf<T>(await request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
  }
  const act = (id: string, action: string, body?: object) => ask('POST', `${session(id)}?action=${action}`, body)

  return {
    user,
    token,
    login: () => connect(user),
    logout: () => ask('DELETE', '/api/session'),
    whoAmI: () => ask('GET', '/api/session'),

    create: (spec, clientToken) => ask('POST', SESSIONS, spec, clientToken),
    get: (id) => ask('GET', session(id)),
    list: (itemId) => ask('GET', itemId === undefined ? SESSIONS : `${SESSIONS}?library_item_id=${itemId}`),
    update: (id, spec) => ask('PATCH', session(id), spec),
    complete: (id) => act(id, 'complete'),
    keepAlive: (id, progress) =>
      act(id, 'keep-alive', progress === undefined ? undefined : { client_progress: progress }),
    cancel: (id) => act(id, 'cancel'),
    fail: (id, message) => act(id, 'fail', { client_error_message: message }),
    delete: (id) => ask('DELETE', session(id)),

    files: {
      list: (id) => ask('GET', `${session(id)}/file`),
      add: (id, spec) => ask('POST', `${session(id)}/file`, spec),
      get: (id, name) => ask('GET', `${session(id)}/file/${encodeURIComponent(name)}`),
      remove: (id, name) => ask('DELETE', `${session(id)}/file/${encodeURIComponent(name)}`),
      validate: (id) => ask('POST', `${session(id)}/file?action=validate`),
    },
    itemFiles: {
      list: (itemId) => ask('GET', `${ITEMS}/${itemId}/file`),
      get: (itemId, name) => ask('GET', `${ITEMS}/${itemId}/file?name=${encodeURIComponent(name)}`),
    },
    storage: {
      list: (itemId) => ask('GET', `${ITEMS}/${itemId}/storage`),
      get: (itemId, name) => ask('GET', `${ITEMS}/${itemId}/storage?file_name=${encodeURIComponent(name)}`),
    },
    items: {
      create: (spec, clientToken) => ask('POST', ITEMS, spec, clientToken),
      get: (id) => ask('GET', `${ITEMS}/${id}`),
      find: (spec) => ask('POST', `${ITEMS}?action=find`, spec),
      update: (id, spec) => ask('PATCH', `${ITEMS}/${id}`, spec),
      delete: (id) => ask('DELETE', `${ITEMS}/${id}`),
      list: (libraryId) => ask('GET', `${ITEMS}?library_id=${libraryId}`),
    },
    libraries: {
      create: (spec, clientToken) => ask('POST', LOCAL_LIBRARIES, spec, clientToken),
      get: (id) => ask('GET', `${LIBRARIES}/${id}`),
      find: (spec) => ask('POST', `${LIBRARIES}?action=find`, spec),
      update: (id, spec) => ask('PATCH', `${LOCAL_LIBRARIES}/${id}`, spec),
      delete: (id) => ask('DELETE', `${LOCAL_LIBRARIES}/${id}`),
      list: () => ask('GET', LIBRARIES),
    },
  }
}

/** The value of a success; what a test then does with it is what it declares it to be. */
export async function valueOf<T>(response: Response): Promise<T> {
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  const { error_type, messages } = JSON.parse(text) as { error_type: string; messages: Message[] }
  throw new Refusal(response.status, error_type, messages)
}
