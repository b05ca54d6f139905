// One operation for one caller: met by a fault, authenticated, validated, run.
import { operations } from '../operations/index.ts'
import type { Caller, Store } from '../operations/store.ts'
import { validateInput } from '../operations/validate.ts'
import { fail, sandboxFull, unauthenticated, type Result } from '../rules/failure.ts'
import type { Answer, RequestFacts } from '../rules/request-record.ts'
import { anotherToken } from '../rules/token.ts'
import type { Tables } from './tables/open.ts'

/** `input` is what the request held, unchecked; or why it could not be read, told only to callers who are logged in. */
export type Call = {
  caller: Caller
  operation: string
  input: Result<object>
  origin: string
  request: RequestFacts | undefined
  /** No fault is for it. */
  isSpared?: true
}
/** Of a login also the moment, on the sandbox's clock. */
export type CallAnswer = Answer & { loggedInAt?: number }

export const NOT_AUTHENTICATED = {
  result: fail(unauthenticated()),
  refusedBy: 'authentication',
  isAuthenticated: false,
} as const

/** What the rules say to a caller who may ask them. */
export const byRule = <T>(result: Result<T>, isAuthenticated = true): Answer<T> => ({
  result,
  refusedBy: result.ok ? undefined : 'rule',
  isAuthenticated,
})

/** A fault that refuses comes before everything else, as a server that is down does. */
export function answerCall(call: Call, tables: Tables): CallAnswer {
  const { caller, operation, input, isSpared } = call
  const { fault, failure } = tables.faults.matching(operation, input.ok ? input.value : {}, isSpared)
  if (!failure) return { ...run(call, tables), fault }
  const isAuthenticated = caller.user !== undefined || tables.apiSessions.alive(caller.token) !== undefined
  return { result: fail(failure), refusedBy: 'fault', isAuthenticated, fault }
}

function run({ caller, operation: name, input, origin }: Call, tables: Tables): CallAnswer {
  const { token, user } = caller
  // A new one is alive once it is inserted: a login that is refused leaves none.
  const begun = user !== undefined && { token, user, createdAt: tables.now, lastAccessedAt: tables.now }
  const session = begun || tables.apiSessions.touch(token)
  if (!session) return NOT_AUTHENTICATED
  const known = { isAuthenticated: true, user: session.user, ...(begun && { loggedInAt: begun.createdAt }) }
  if (!input.ok) return { result: input, refusedBy: 'reading', ...known }
  const operation = operations.get(name)
  if (!operation) throw new Error(`A binding asked for an operation that is not in the table: ${name}`)
  const valid = validateInput(operation, input.value)
  if (!valid.ok) return { result: valid, refusedBy: 'validation', ...known }
  if (operation.creates && !operation.login && tables.isFull()) return { ...byRule(fail(sandboxFull())), ...known }
  const newUploadToken = () => anotherToken(token, tables.newId())
  const store: Store = { ...tables, caller: session, origin, newUploadToken }
  const result = operation.run(store, valid.value as never) // what its own schema just said it is
  return { ...byRule(result), ...known }
}
