// Answers as plain data, and the plainest of them: a failure as /api and all that has no binding render it.
import type { Operation } from '../operations/operation.ts'
import type { ErrorType, Failure, Result } from '../rules/failure.ts'
import type { Output, Facts } from '../rules/request-record.ts'

/** `body` is null where there is none, or where it is a stream. */
export type Rendered = { status: number; headers: Record<string, string>; body: string | null }
/** What a binding makes of a result, now for the client and later for the journal. */
export type Render = (result: Result<Output>, operation: Operation | undefined, facts: Facts) => Rendered

/** Reference 9.2; the types it does not show in a table go where vAPI sends them (reference 12.2). */
export const httpStatus: Record<ErrorType, number> = {
  ALREADY_EXISTS: 400,
  ALREADY_IN_DESIRED_STATE: 400,
  CANCELED: 400,
  CONCURRENT_CHANGE: 409,
  ERROR: 500,
  FEATURE_IN_USE: 400,
  INTERNAL_SERVER_ERROR: 500,
  INVALID_ARGUMENT: 400,
  INVALID_ELEMENT_CONFIGURATION: 400,
  INVALID_ELEMENT_TYPE: 400,
  INVALID_REQUEST: 400,
  NOT_ALLOWED_IN_CURRENT_STATE: 400,
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  RESOURCE_BUSY: 500,
  RESOURCE_INACCESSIBLE: 500,
  RESOURCE_IN_USE: 400,
  SERVICE_UNAVAILABLE: 503,
  TIMED_OUT: 504,
  UNABLE_TO_ALLOCATE_RESOURCE: 400,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  UNEXPECTED_INPUT: 400,
  UNSUPPORTED: 400,
  UNVERIFIED_PEER: 400,
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Rendered => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
})
export const withoutBody = (status: number): Rendered => ({ status, headers: {}, body: null })

/** What vAPI calls an error of this type where it is a structure. */
export const errorName = (type: ErrorType): string => `com.vmware.vapi.std.errors.${type.toLowerCase()}`
export const errorFields = ({ type, messages, challenge }: Failure) => ({ error_type: type, messages, challenge })

/** `facts` may name headers that go with the failure. */
export const renderFailure = (failure: Failure, { headers }: Facts = {}): Rendered =>
  json(httpStatus[failure.type], errorFields(failure), headers)
