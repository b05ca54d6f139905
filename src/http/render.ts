// Answers as plain data, and the plainest of them: a failure as /api and all that has no binding render it.
import type { Operation } from '../operations/operation.ts'
import { httpStatus, type ErrorType, type Failure, type Result } from '../rules/failure.ts'
import type { Output, Facts } from '../rules/request-record.ts'

/** `body` is null where there is none, or where it is a stream. */
export type Rendered = { status: number; headers: Record<string, string>; body: string | null }
/** What a binding makes of a result, now for the client and later for the journal. */
export type Render = (result: Result<Output>, operation: Operation | undefined, facts: Facts) => Rendered

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
