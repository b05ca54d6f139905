// The status of an answer in the journal: it keeps what became of an operation, and each binding has its own form.
import { operations } from '../operations/index.ts'
import type { Entry } from '../sandbox/journal.ts'
import { httpStatus, successStatus } from '../bindings/rest/api.ts'
import { restStatus } from '../bindings/rest/legacy.ts'

export function statusOf({ url, status, failure, operation: name }: Entry): number {
  if (status !== undefined) return status
  const isRest = url.startsWith('/rest/')
  // What became of a JSON-RPC call is in the body.
  if (url === '/api') return 200
  if (url === '/sdk') return failure ? 500 : 200
  if (failure) return (isRest ? restStatus : (type: typeof failure.type) => httpStatus[type])(failure.type)
  const operation = name === undefined ? undefined : operations.get(name)
  return operation && !isRest ? successStatus(operation) : 200
}
