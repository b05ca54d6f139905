// What an operation is.
import type * as z from 'zod'
import { LATER_WORD, PATH_FIELD } from '../rules/expressions.ts'
import type { ErrorType, Result } from '../rules/failure.ts'
import type { Output } from '../rules/request-record.ts'
import type { Unreached } from '../rules/source.ts'
import { once } from './once.ts'
import type { Store } from './store.ts'

/** One vAPI operation. Every wire form, the OpenAPI document, fault rules and the journal are read off this entry. */
export type Operation = {
  /** The vAPI service id, as `com.vmware.content.library.item`. */
  service: string
  /** The vAPI operation id, in snake_case as on JSON-RPC. */
  name: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Of the `/api` form; a template over the input's fields. */
  path: string
  action?: string
  /** Clients send this action, too, where the specification has none. */
  otherAction?: string
  /** Input fields that travel in the query string. */
  query?: string[]
  /** The input field that is the whole `/api` body; without it the body is an object of the fields left over. */
  body?: string
  /** Schemas are made when they are first needed: the start of the Worker waits for none. */
  input: () => z.ZodObject
  output: () => z.ZodType
  /** The errors that the specification documents for it. */
  errors: ErrorType[]
  /** It makes something new: its success is 201 over /api, and a full sandbox refuses it. */
  creates?: true
  /** How the caller proves who they are: an API session, unless said otherwise. */
  login?: 'basic'
  /** Not part of /api: clients of the older bindings alone ask for it. */
  isLegacy?: true
  run: (store: Store, input: never) => Result<Output>
  /** What the Worker makes of the value when that takes the outside world, for which no sandbox waits. */
  afterwards?: (value: never, look: Look) => Promise<Output>
}

/** Asks a source for its headers: the status it answers with, or why there is none, in words and in one of the API's. */
export type Look = (uri: string) => Promise<{ status: number } | { why: string; cause: Unreached | undefined }>

/** These names stand for HTTP methods; every other one is an action. */
const METHODS: Record<string, Operation['method']> = {
  list: 'GET',
  get: 'GET',
  create: 'POST',
  add: 'POST',
  update: 'PATCH',
  delete: 'DELETE',
  remove: 'DELETE',
}

/** Declares an operation: the handler's input is what its schema says, its output what the other schema says. */
export function operation<I extends z.ZodObject, O extends z.ZodType>(
  entry: Omit<Operation, 'method' | 'action' | 'input' | 'output' | 'run'> & {
    input: () => I
    output: () => O
    run: (store: Store, input: z.output<I>) => Result<z.input<O> & Output>
  },
): Operation {
  const method = METHODS[entry.name]
  const schemas = { input: once(entry.input), output: once(entry.output) }
  return method
    ? { ...entry, ...schemas, method }
    : { ...entry, ...schemas, method: 'POST', action: entry.name.replaceAll('_', '-') }
}

export const id = (operation: Pick<Operation, 'service' | 'name'>): string => `${operation.service}.${operation.name}`

/** Its path in the OpenAPI document. As in the specification, what selects an operation besides its path stands there, query string and all. */
export function pathKey(operation: Operation): string {
  const path = operation.path.replaceAll(PATH_FIELD, (_, name: string) => `{${camel(name)}}`)
  const required = (operation.query ?? []).filter((name) => !isOptional(operation, name))
  const selectors = [...(operation.action === undefined ? [] : [`action=${operation.action}`]), ...required]
  return selectors.length === 0 ? path : `${path}?${selectors.join('&')}`
}

export const camel = (name: string): string => name.replaceAll(LATER_WORD, (_, letter: string) => letter.toUpperCase())

export const isOptional = ({ input }: Operation, field: string): boolean =>
  (input().shape[field] as z.ZodType | undefined)?.isOptional() ?? true
