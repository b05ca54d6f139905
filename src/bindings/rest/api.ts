// The `/api` binding: paths, statuses and {messages, data, error_type}, all read off the operation table.
import { Hono, type Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { current } from '../../operations/index.ts'
import type { Operation } from '../../operations/operation.ts'
import type { ErrorType, Failure } from '../../rules/failure.ts'
import { pathFields, serve, type Form } from './routes.ts'

/** Reference 9.2; the types it does not show in a table go where vAPI sends them (reference 12.2). */
export const httpStatus: Record<ErrorType, ContentfulStatusCode> = {
  ALREADY_EXISTS: 400,
  CONCURRENT_CHANGE: 409,
  INTERNAL_SERVER_ERROR: 500,
  INVALID_ARGUMENT: 400,
  INVALID_ELEMENT_TYPE: 400,
  INVALID_REQUEST: 400,
  NOT_ALLOWED_IN_CURRENT_STATE: 400,
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  RESOURCE_BUSY: 500,
  SERVICE_UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  UNSUPPORTED: 400,
}

/** What a success answers: a creation 201, nothing to say 204, else 200. */
export const successStatus = (operation: Operation): 200 | 201 | 204 => {
  if (isVoid(operation)) return 204
  return operation.method === 'POST' && operation.action === undefined ? 201 : 200
}

/** The input fields that travel in the body of an operation. */
export const bodyFields = (operation: Operation): string[] => {
  const elsewhere = [...pathFields(operation), ...(operation.query ?? []), CLIENT_TOKEN]
  return Object.keys(operation.input.shape).filter((field) => !elsewhere.includes(field))
}

const CLIENT_TOKEN = 'client_token'
const isVoid = (operation: Operation) => operation.output.type === 'undefined'

export const refuse = (c: Context, { type, messages, challenge }: Failure) =>
  c.json({ error_type: type, messages, ...(challenge && { challenge }) }, httpStatus[type])

export const formOf = (operation: Operation): Form => ({
  operation,
  method: operation.method,
  path: operation.path,
  ...(operation.action !== undefined && { action: operation.action }),
  query: operation.query ?? [],
  body: operation.body ?? bodyFields(operation),
})

export const api = new Hono<{ Bindings: Env }>()
serve(api, current.map(formOf), {
  base: '/api',
  action: 'action',
  parameter: '[^/]+',
  value: (text) => text,
  input: (c, operation, fields) => {
    const token = operation.input.shape[CLIENT_TOKEN] && c.req.header('client-token')
    return token === undefined ? fields : { ...fields, [CLIENT_TOKEN]: token }
  },
  answer: (c, operation, value) => {
    const status = successStatus(operation)
    return status === 204 ? c.body(null, 204) : c.json(value ?? null, status)
  },
  refuse,
})
