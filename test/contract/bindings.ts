// The wire forms that the contract is told in: a client for each, and what becomes in it of an answer.
import { clientOf, login, type Client as ApiClient, type ErrorType } from '../../src/client/client.ts'
import { restOver } from '../support/rest.ts'

/** The operations of a client, whatever form it speaks; what they answer is for an exchange to say. */
type Asking<T> = T extends (...given: infer Given) => Promise<unknown>
  ? (...given: Given) => Promise<unknown>
  : { [K in keyof T]: Asking<T[K]> }
export type Client = Asking<ApiClient>

export type BindingName = '/api' | '/rest'
export type Binding = {
  name: BindingName
  /** Whose pact it is. */
  consumer: string
  login: (url: string) => Promise<Client>
  clientOf: (url: string, token: string) => Client
  /** A success, given as `/api` has it. */
  success: (status: number, value: unknown) => Answer
  /** A refusal, likewise. */
  refusal: (status: number, error: { error_type: ErrorType; messages: unknown }) => Answer
}
type Answer = { status: number; body: unknown }

/** The client of `/rest` by which the stories over HTTP are told; the package has none. */
const rest = (url: string) => restOver((path, init) => fetch(`${url}${path}`, init))
type RestClient = ReturnType<ReturnType<typeof rest>['clientOf']>
const asking = ({ token, whoAmI, logout, files, items, libraries, ...updateSessions }: RestClient): Client => ({
  token,
  whoAmI,
  logout,
  updateSessions,
  updateSessionFiles: files,
  items,
  libraries,
})

export const bindings: Binding[] = [
  {
    name: '/api',
    consumer: 'update-session-client',
    login: (url) => login(url, { user: 'user', password: 'password' }),
    clientOf,
    success: (status, value) => ({ status, body: value }),
    refusal: (status, error) => ({ status, body: error }),
  },
  {
    name: '/rest',
    consumer: 'update-session-client-rest',
    login: async (url) => asking(await rest(url).connect('user')),
    clientOf: (url, token) => asking(rest(url).clientOf('user', token)),
    success: (_, value) => ({ status: 200, body: value === undefined ? undefined : { value } }),
    refusal: (status, error) => ({
      status: [401, 404].includes(status) ? status : 400,
      body: { type: `com.vmware.vapi.std.errors.${error.error_type.toLowerCase()}`, value: error },
    }),
  },
]
