// The clients of /rest and JSON-RPC: each method is an operation, spelled from the reference (spelling.ts).
import type { ErrorType } from '../../src/client/client.ts'
import { operations } from '../../src/operations/index.ts'
import { freshUser, methodsOf, Refusal, type Ask, type Client } from './client.ts'
import { request } from './http.ts'
import { plain, type Answer } from './json-rpc.ts'
import { spell, type Binding } from './spelling.ts'

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
    clientOf(user, await askAs(user, '')('cis.session.create'))

  /** A client that holds this token, whether or not it is good. */
  const clientOf = (user: string, token: string): Client => ({
    user,
    token,
    login: () => connect(user),
    ...methodsOf(askAs(user, token)),
  })

  return { connect, clientOf }
}
