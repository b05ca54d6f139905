// The client of /rest, as reference 10.2 spells its calls.
import { basic, freshUser, Refusal, type Client } from './client.ts'
import { request } from './http.ts'

const LOGIN = '/rest/com/vmware/cis/session'
const CONTENT = '/rest/com/vmware/content'
const SESSIONS = `${CONTENT}/library/item/update-session`
const FILES = `${CONTENT}/library/item/updatesession/file`
const ITEMS = `${CONTENT}/library/item`
const LIBRARIES = `${CONTENT}/library`
const LOCAL_LIBRARIES = `${CONTENT}/local-library`

/** Logs in, as a fresh user unless one is named. */
export async function connect(user: string = freshUser()): Promise<Client> {
  const login = await request(LOGIN, { method: 'POST', headers: { authorization: basic(user) } })
  return clientOf(user, await valueOf<string>(login))
}

const spec = (create_spec: object, client_token?: string) => ({ create_spec, client_token })

/** A client that holds this token, whether or not it is good. */
export function clientOf(user: string, token: string): Client {
  const ask = async <T = void>(method: string, path: string, body?: object): Promise<T> => {
    const headers = new Headers({ 'vmware-api-session-id': token })
    if (body) headers.set('content-type', 'application/json')
    return valueOf<T>(await request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
  }
  const act = (id: string, action: string, body?: object) => ask('POST', `${SESSIONS}/id:${id}?~action=${action}`, body)

  return {
    user,
    token,
    login: () => connect(user),
    logout: () => ask('DELETE', LOGIN),
    whoAmI: () => ask('POST', `${LOGIN}?~action=get`),

    create: (create_spec, clientToken) => ask('POST', SESSIONS, spec(create_spec, clientToken)),
    get: (id) => ask('GET', `${SESSIONS}/id:${id}`),
    list: (itemId) => ask('GET', itemId === undefined ? SESSIONS : `${SESSIONS}?library_item_id=${itemId}`),
    update: (id, update_spec) => ask('PATCH', `${SESSIONS}/id:${id}`, { update_spec }),
    complete: (id) => act(id, 'complete'),
    keepAlive: (id, progress) =>
      act(id, 'keep-alive', progress === undefined ? undefined : { client_progress: progress }),
    cancel: (id) => act(id, 'cancel'),
    fail: (id, message) => act(id, 'fail', { client_error_message: message }),
    delete: (id) => ask('DELETE', `${SESSIONS}/id:${id}`),

    files: {
      list: (id) => ask('GET', `${FILES}?update_session_id=${id}`),
      add: (id, file_spec) => ask('POST', `${FILES}/id:${id}?~action=add`, { file_spec }),
      get: (id, name) => ask('POST', `${FILES}/id:${id}?~action=get`, { file_name: name }),
      remove: (id, name) => ask('POST', `${FILES}/id:${id}?~action=remove`, { file_name: name }),
      validate: (id) => ask('POST', `${FILES}/id:${id}?~action=validate`),
    },
    itemFiles: {
      list: (itemId) => ask('GET', `${ITEMS}/file?library_item_id=${itemId}`),
      get: (itemId, name) => ask('POST', `${ITEMS}/file/id:${itemId}?~action=get`, { name }),
    },
    storage: {
      list: (itemId) => ask('GET', `${ITEMS}/storage?library_item_id=${itemId}`),
      get: (itemId, name) => ask('POST', `${ITEMS}/storage/id:${itemId}?~action=get`, { file_name: name }),
    },
    items: {
      create: (create_spec, clientToken) => ask('POST', ITEMS, spec(create_spec, clientToken)),
      get: (id) => ask('GET', `${ITEMS}/id:${id}`),
      find: (find_spec) => ask('POST', `${ITEMS}?~action=find`, { spec: find_spec }),
      update: (id, update_spec) => ask('PATCH', `${ITEMS}/id:${id}`, { update_spec }),
      delete: (id) => ask('DELETE', `${ITEMS}/id:${id}`),
      list: (libraryId) => ask('GET', `${ITEMS}?library_id=${libraryId}`),
    },
    libraries: {
      create: (create_spec, clientToken) => ask('POST', LOCAL_LIBRARIES, spec(create_spec, clientToken)),
      get: (id) => ask('GET', `${LIBRARIES}/id:${id}`),
      find: (find_spec) => ask('POST', `${LIBRARIES}?~action=find`, { spec: find_spec }),
      update: (id, update_spec) => ask('PATCH', `${LOCAL_LIBRARIES}/id:${id}`, { update_spec }),
      delete: (id) => ask('DELETE', `${LOCAL_LIBRARIES}/id:${id}`),
      list: () => ask('GET', LIBRARIES),
    },
  }
}

/** What is in the envelope; what a test then does with it is what it declares it to be. */
async function valueOf<T>(response: Response): Promise<T> {
  const text = await response.text()
  if (response.status === 200) return (text === '' ? undefined : (JSON.parse(text) as { value: T }).value) as T
  throw new Refusal(response, (JSON.parse(text) as { value: object }).value)
}
