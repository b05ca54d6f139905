// The legacy `/rest` binding: id: paths, ~action, {value} envelopes, all read off the operation table.
import { Hono } from 'hono'
import { tryDecodeURIComponent } from 'hono/utils/url'
import { all } from '../../operations/index.ts'
import type { Operation } from '../../operations/operation.ts'
import { PATH_ID } from '../../rules/expressions.ts'
import type { ErrorType } from '../../rules/failure.ts'
import { errorFields, errorName, httpStatus, json, withoutBody, type Render } from '../../http/render.ts'
import { listsToMaps } from './maps.ts'
import { pathFields, serveForms, type Form } from './routes.ts'

/** These operations have the method of /api; every other name is an action (reference 10.2). */
const PLAIN = ['create', 'get', 'update', 'delete']
/** The rest of the errors is 400 (reference 10.1); an internal one is a bug of ours and says so. */
const KEPT_STATUSES: readonly ErrorType[] = [
  'INTERNAL_SERVER_ERROR',
  'NOT_FOUND',
  'OPERATION_NOT_FOUND',
  'SERVICE_UNAVAILABLE',
  'TIMED_OUT',
  'UNAUTHENTICATED',
  'UNAUTHORIZED',
]
const restStatus = (type: ErrorType): number => (KEPT_STATUSES.includes(type) ? httpStatus[type] : 400)

export const renderRest: Render = (result, operation, { headers }) => {
  if (result.ok) return result.value === undefined || !operation ? withoutBody(200) : json(200, { value: result.value })
  const { type } = result.failure
  return json(restStatus(type), { type: errorName(type), value: errorFields(result.failure) }, headers)
}

/** The path is the service's id; the first key of an input is the id in it, and everything else is in the body. */
export function formsOf(operation: Operation): Form[] {
  const { service, name, method, input } = operation
  const fields = () => Object.keys(input().shape)
  const keys = [...pathFields(operation.path), ...(operation.query ?? [])]
  const [key] = keys
  const all = `/${service.replaceAll('.', '/').replaceAll('_', '-')}`
  const path = key === undefined ? all : `${all}/{${key}}`
  const body = () => fields().filter((field) => field !== key)

  if (name === 'list') return [{ operation, method: 'GET', path: all, query: keys, body: () => [] }]
  // A read of what has no key, or several, does not fit into GET.
  if (PLAIN.includes(name) && keys.length <= 1 && !(method === 'GET' && key === undefined))
    return [{ operation, method, path, query: [], body }]
  const action: Form = { operation, method: 'POST', path, action: name.replaceAll('_', '-'), query: [], body }
  // The key may come in the body as well (reference 10.2).
  return key === undefined ? [action] : [action, { ...action, path: all, body: fields }]
}

export const rest = new Hono<{ Bindings: Env }>()
serveForms(rest, all.flatMap(formsOf), {
  binding: 'rest',
  render: renderRest,
  action: '~action',
  value: (text) => {
    const [, id] = PATH_ID.exec(text) ?? []
    return id && tryDecodeURIComponent(id)
  },
  input: (_, operation, fields) => listsToMaps(operation.input(), fields) as object, // an object's walk ends in one
})
