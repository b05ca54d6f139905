// The package's own client of /api, and the list of every binding's.
import { exports } from 'cloudflare:workers'
import * as product from '../../src/client/client.ts'
import { freshUser, type Client } from './client.ts'
import { ORIGIN, request } from './http.ts'
import { clientsOf } from './spelled-client.ts'

export { basic, freshUser } from './client.ts'
export { request } from './http.ts'

/** Every binding that has the same operations: `describe.each(bindings)`. */
export const bindings: Binding[] = [
  { name: '/api', connect: (user) => connect(user), clientOf: (...given) => clientOf(...given) },
  { name: '/rest', ...clientsOf('/rest') },
  { name: 'JSON-RPC', ...clientsOf('JSON-RPC') },
]
export type Binding = {
  name: string
  connect: (user?: string) => Promise<Client>
  clientOf: (user: string, token: string) => Client
}

export const SESSIONS = '/api/content/library/item/update-session'
const ITEMS = '/api/content/library/item'

const fetch = (asked: Request) => exports.default.fetch(asked)

/** Logs in, as a fresh user unless one is named. */
export async function connect(user: string = freshUser()): Promise<Client> {
  const { token } = await product.login(ORIGIN, { user, password: 'secret' }, fetch)
  return clientOf(user, token)
}

/** A client that holds this token, whether or not it is good. */
function clientOf(user: string, token: string): Client {
  const { updateSessions, updateSessionFiles: files, ...client } = product.clientOf(ORIGIN, token, fetch)
  /** The package's client has no calls for the files of items. */
  const read = async (path: string) =>
    valueOf(await request(`${ITEMS}/${path}`, { headers: { 'vmware-api-session-id': token } }))
  return {
    ...client,
    ...updateSessions,
    user,
    login: () => connect(user),
    files,
    itemFiles: {
      list: (itemId: string) => read(`${itemId}/file`),
      get: (itemId: string, name: string) => read(`${itemId}/file?name=${encodeURIComponent(name)}`),
    },
    storage: {
      list: (itemId: string) => read(`${itemId}/storage`),
      get: (itemId: string, name: string) => read(`${itemId}/storage?file_name=${encodeURIComponent(name)}`),
    },
  } as Client // which also sends specs that are wrong
}

/** The value of a success; what a test then does with it is what it declares it to be. */
export async function valueOf<T>(response: Response): Promise<T> {
  const text = await response.text()
  if (!response.ok) throw new product.Refusal(response, JSON.parse(text) as object)
  return (text === '' ? undefined : JSON.parse(text)) as T
}
