// An operation and its input as a request of one binding, spelled from the reference and not by the server's own code.
import * as z from 'zod'
import type { Operation } from '../../src/operations/operation.ts'
import { basic } from './client.ts'

export const BINDINGS = ['/api', '/rest', 'JSON-RPC'] as const
export type Binding = (typeof BINDINGS)[number]

/** `{{slot}}` in path, headers and body stands for what an earlier answer gave, on each server its own. */
export type Request = { name: string; method: string; path: string; headers: Record<string, string>; body?: string }
type Input = Record<string, unknown>
type Caller = { token: string; user: string }

export function spell(binding: Binding, operation: Operation, input: Input, caller: Caller): Request {
  const name = `${binding} ${operation.service.replace('com.vmware.', '')}.${operation.name}`
  if (binding === 'JSON-RPC') return { name, ...jsonRpc(operation, input, caller) }
  const { headers, body, ...line } = binding === '/api' ? api(operation, input) : rest(operation, input)
  const proof = operation.login ? { authorization: basic(caller.user) } : { 'vmware-api-session-id': caller.token }
  if (body === undefined) return { name, ...line, headers: { ...proof, ...headers } }
  const type = { 'content-type': 'application/json' }
  return { name, ...line, headers: { ...proof, ...type, ...headers }, body: JSON.stringify(body) }
}

type Spelled = { method: string; path: string; headers?: Record<string, string>; body?: unknown }

function api({ method, path, action, query = [], body }: Operation, input: Input): Spelled {
  const { client_token: token, ...fields } = input
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => escaped(take(fields, field)))
  const given = query
    .filter((field) => fields[field] !== undefined)
    .map((field) => [field, take(fields, field)] as const)
  const content = body === undefined ? fields : fields[body]
  const isEmpty = content === undefined || Object.keys(fields).length === 0
  return {
    method,
    path: `/api${filled}${queryOf([...(action === undefined ? [] : [['action', action] as const]), ...given])}`,
    ...(token !== undefined && { headers: { 'client-token': written(token) } }),
    ...(!isEmpty && { body: content }),
  }
}

/** Reference 10.2: these names stand for methods; every other one is an action. */
const METHODS: Record<string, string> = { create: 'POST', get: 'GET', update: 'PATCH', delete: 'DELETE' }

function rest({ service, name, path, query = [], input: schema }: Operation, input: Input): Spelled {
  const fields = { ...input }
  const base = `/rest/${service.replaceAll('.', '/').replaceAll('_', '-')}`
  const keys = [...Array.from(path.matchAll(/\{(\w+)\}/g), ([, key = '']) => key), ...query]
  const given = (names: string[]) =>
    names.filter((key) => fields[key] !== undefined).map((key) => [key, take(fields, key)] as const)
  if (name === 'list') return { method: 'GET', path: `${base}${queryOf(given(keys))}` }
  const [key] = keys
  const at = key === undefined ? base : `${base}/id:${escaped(take(fields, key))}`
  const method = METHODS[name]
  const isPlain = method !== undefined && keys.length <= 1 && !(method === 'GET' && key === undefined)
  return {
    method: isPlain ? method : 'POST',
    path: isPlain ? at : `${at}?~action=${name.replaceAll('_', '-')}`,
    ...(Object.keys(fields).length > 0 && { body: mapsToLists(schema(), fields) }),
  }
}

function take(fields: Input, name: string): unknown {
  const value = fields[name]
  delete fields[name]
  return value
}

/** As part of a URL, but for the slots in it. */
const escaped = (value: unknown): string =>
  written(value)
    .toWellFormed()
    .split(/(\{\{.*?\}\})/)
    .map((part, index) => (index % 2 === 1 ? part : encodeURIComponent(part)))
    .join('')

const written = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

const queryOf = (fields: (readonly [string, unknown])[]): string =>
  fields.length === 0 ? '' : `?${fields.map(([name, value]) => `${name}=${escaped(value)}`).join('&')}`

const mapsToLists = (schema: z.core.$ZodType, value: unknown): unknown => {
  if (schema instanceof z.ZodOptional) return mapsToLists(schema.def.innerType, value)
  if (!isRecord(value)) return value
  if (schema instanceof z.ZodRecord)
    return Object.entries(value).map(([key, each]) => ({ key, value: mapsToLists(schema.valueType, each) }))
  if (!(schema instanceof z.ZodObject)) return value
  const inner = (name: string, each: unknown) => {
    const field = schema.shape[name]
    return field ? mapsToLists(field, each) : each
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inner(name, each)]))
}

function jsonRpc({ service, name, input: schema, login }: Operation, input: Input, { token, user }: Caller) {
  return jsonRpcOf(service, name, dataValue(schema(), input), login ? withPassword(user) : withSession(token))
}

export const withPassword = (userName: string, password = 'secret') => ({
  schemeId: 'com.vmware.vapi.std.security.user_pass',
  userName,
  password,
})
export const withSession = (sessionId: string) => ({ schemeId: 'com.vmware.vapi.std.security.session_id', sessionId })

export const invocationOf = (serviceId: string, operationId: string, input: unknown, securityCtx?: object) => ({
  jsonrpc: '2.0',
  id: '1',
  method: 'invoke',
  params: { ctx: { appCtx: { opId: 'test' }, ...(securityCtx && { securityCtx }) }, serviceId, operationId, input },
})

export const jsonRpcOf = (...invocation: Parameters<typeof invocationOf>) => ({
  method: 'POST',
  path: '/api',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(invocationOf(...invocation)),
})

/** The data value of an input, also of one that does not fit its schema: what does not fit goes out as it is. */
export function dataValue(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional)
    return { OPTIONAL: value === undefined ? null : dataValue(schema.def.innerType, value) }
  const { id, legacyId = id, format } = (z.globalRegistry.get(schema) ?? {}) as Record<string, string | undefined>
  if (format === 'password') return { SECRET: value }
  if (schema instanceof z.ZodArray && Array.isArray(value)) return value.map((each) => dataValue(schema.element, each))
  if (!isRecord(value)) return value
  if (schema instanceof z.ZodRecord)
    return Object.entries(value).map(([key, each]) => ({
      STRUCTURE: { 'map-entry': { key, value: dataValue(schema.valueType, each) } },
    }))
  if (!(schema instanceof z.ZodObject)) return value
  const names = [...new Set([...Object.keys(schema.shape), ...Object.keys(value)])]
  const fields = names.map((name) => [name, dataValue(schema.shape[name] ?? z.unknown(), value[name])])
  const named = legacyId?.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
  return {
    STRUCTURE: { [named === undefined ? 'operation-input' : `com.vmware.${named}`]: Object.fromEntries(fields) },
  }
}

const isRecord = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
