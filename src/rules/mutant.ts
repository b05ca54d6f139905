// Wrong answers on purpose: with each of them the tests of a consumer should fail.

/** By the name of the setting; what is wrong, for the people whose tests miss it. */
export const MUTANTS = {
  status: 'a refusal has another status: 409 for 400, 400 for 404, 403 for 401',
  'error-type': 'a refusal has another error type',
  'missing-id': 'ids are left out of answers',
  'state-kept': 'an update session is not changed, and the answer says that it is',
  body: 'an answer without a body, 204, is 200 with an empty object',
} as const
export type Mutant = keyof typeof MUTANTS
export const MUTANT_NAMES = Object.keys(MUTANTS) as Mutant[] // as a record's keys are

type RenderedAnswer = { status: number; headers: Record<string, string>; body: string | null }

/** The answer with the mutant in it: of /api and /rest all of it, of other bindings the status. */
export function applyMutant<A extends RenderedAnswer>(answer: A, mutant: Mutant): A {
  const { status, body } = answer
  switch (mutant) {
    case 'status':
      return { ...answer, status: OTHER_STATUS[status] ?? status }
    case 'error-type':
      return status < 400 ? answer : edit(answer, otherType)
    case 'missing-id':
      return edit(answer, withoutIds)
    case 'state-kept':
      return answer
    case 'body':
      return status === 204 && body === null
        ? { ...answer, status: 200, headers: { ...answer.headers, 'content-type': 'application/json' }, body: '{}' }
        : answer
  }
}

const OTHER_STATUS: Record<number, number> = { 400: 409, 401: 403, 403: 401, 404: 400, 409: 400, 500: 503, 503: 500 }

function edit<A extends RenderedAnswer>(answer: A, change: (value: unknown) => unknown): A {
  const { body, headers } = answer
  if (body === null || !headers['content-type']?.startsWith('application/json')) return answer
  return { ...answer, body: JSON.stringify(change(JSON.parse(body))) }
}

/** `error_type` of /api, `type` of /rest. */
function otherType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('error_type' in value)
    return { ...value, error_type: value.error_type === 'INVALID_ARGUMENT' ? 'NOT_FOUND' : 'INVALID_ARGUMENT' }
  return 'type' in value ? { ...value, type: `${REST_ERRORS}invalid_element_type` } : value
}
const REST_ERRORS = 'com.vmware.vapi.std.errors.'

/** What is answered to a create is an id, and nothing else. */
function withoutIds(value: unknown): unknown {
  if (typeof value === 'string') return ''
  return JSON.parse(JSON.stringify(value, (name, each: unknown) => (name === 'id' ? undefined : each)))
}
