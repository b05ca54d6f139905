// The `/api` binding: paths, statuses and {messages, data, error_type}, all read off the operation table.
import { Hono, type Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { all } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import {
  fail,
  noOperation,
  notAnObject,
  ok,
  unsupportedProperty,
  type ErrorType,
  type Failure,
  type Result,
} from '../rules/failure.ts'
import { readJson } from './body.ts'
import { call, type AppContext } from './call.ts'

/** Reference 9.2; the types it does not show in a table go where vAPI sends them (clients 3.1). */
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

/** The input fields that the path of an operation carries, in order. */
export const pathFields = ({ path }: Operation): string[] =>
  Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name)

/** The input fields that travel in the body of an operation. */
export const bodyFields = (operation: Operation): string[] => {
  const elsewhere = [...pathFields(operation), ...(operation.query ?? []), CLIENT_TOKEN]
  return Object.keys(operation.input.shape).filter((field) => !elsewhere.includes(field))
}

const CLIENT_TOKEN = 'client_token'
const isVoid = (operation: Operation) => operation.output.type === 'undefined'

export const refuse = (c: Context, { type, messages, challenge }: Failure) =>
  c.json({ error_type: type, messages, ...(challenge && { challenge }) }, httpStatus[type])

export const api = new Hono<{ Bindings: Env }>()
for (const [path, at] of byPath()) {
  api.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
    const found = choose(at, c)
    if (!found.ok) {
      c.header('allow', [...new Set(at.map(({ method }) => method))].join(', '))
      return refuse(c, found.failure)
    }
    const operation = found.value
    const result = await call(c, operation, await read(c, operation))
    if (!result.ok) return refuse(c, result.failure)
    const status = successStatus(operation)
    return status === 204 ? c.body(null, 204) : c.json(result.value ?? null, status)
  })
}

/** Routes in the order in which they must be tried: what is spelled out comes before what is a parameter. */
function byPath(): [string, Operation[]][] {
  const paths = Map.groupBy(all, ({ path }) => path)
  return [...paths].toSorted(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))
}

function rank(path: string): string {
  return path.replaceAll('{', '\u{10ffff}{')
}

/** Of the operations on one path, the one that this method and these query parameters mean. */
function choose(at: Operation[], c: AppContext): Result<Operation> {
  const action = c.req.query('action')
  const query = Object.keys(c.req.query())
  const fitting = at.filter((operation) => operation.method === c.req.method && operation.action === action)
  // Reads of one thing and of all share a path and differ in their query: the one that uses most of it is meant.
  const [operation] = fitting.toSorted((a, b) => overlap(b, query) - overlap(a, query))
  if (operation) return ok(operation)
  const asked = `${c.req.method} ${c.req.path}${action === undefined ? '' : `?action=${action}`}`
  return fail(
    noOperation(
      asked,
      at.map(({ method, action: known }) => (known === undefined ? method : `${method} ?action=${known}`)),
    ),
  )
}

const overlap = ({ query = [] }: Operation, names: string[]) => query.filter((name) => names.includes(name)).length

/** The operation's input as this request spells it, unchecked but for what has no place in it. */
async function read(c: AppContext, operation: Operation): Promise<Result<object>> {
  const { action: _, ...query } = c.req.query()
  const unknown = Object.keys(query).find((name) => !operation.query?.includes(name))
  if (unknown !== undefined) return fail(unsupportedProperty(unknown))

  const body = await readJson(c.req.raw, Number(c.env.MAX_BODY_BYTES))
  if (!body.ok) return body
  const fields = placed(operation, body.value)
  if (!fields.ok) return fields
  const token = operation.input.shape[CLIENT_TOKEN] && c.req.header('client-token')
  return ok({
    ...fields.value,
    ...query,
    ...Object.fromEntries(pathFields(operation).map((name) => [name, c.req.param(name)])),
    ...(token !== undefined && { [CLIENT_TOKEN]: token }),
  })
}

/** Where the body's value belongs in the input: whole, or property by property. */
function placed(operation: Operation, body: unknown): Result<object> {
  if (body === undefined) return ok({})
  if (operation.body !== undefined) return ok({ [operation.body]: body })
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return fail(notAnObject())
  // A field that travels elsewhere is as unknown in the body as any other.
  const fields = bodyFields(operation)
  const unknown = Object.keys(body).find((name) => !fields.includes(name))
  return unknown === undefined ? ok(body) : fail(unsupportedProperty(unknown))
}
