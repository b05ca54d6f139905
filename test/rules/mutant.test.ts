import { expect, it } from 'vitest'
import { applyMutant, type Mutant } from '../../src/rules/mutant.ts'

type Answer = [status: number, body: unknown]
const INVALID = { error_type: 'INVALID_ARGUMENT' }
const MISSING = { error_type: 'NOT_FOUND' }

it.each<[Mutant, Answer, Answer]>([
  ['status', [400, INVALID], [409, INVALID]],
  ['status', [401, {}], [403, {}]],
  ['status', [404, MISSING], [400, MISSING]],
  ['status', [500, {}], [503, {}]],
  ['status', [200, {}], [200, {}]],
  ['error-type', [400, INVALID], [400, MISSING]],
  ['error-type', [404, MISSING], [404, INVALID]],
  ['error-type', [404, { type: 'a.not_found' }], [404, { type: 'com.vmware.vapi.std.errors.invalid_element_type' }]],
  ['error-type', [200, { type: 'LOCAL' }], [200, { type: 'LOCAL' }]],
  ['missing-id', [201, 'an id'], [201, '']],
  ['missing-id', [200, [{ id: 'a', name: 'b' }]], [200, [{ name: 'b' }]]],
  ['state-kept', [404, MISSING], [404, MISSING]],
  ['body', [204, null], [200, {}]],
  ['body', [200, 'a'], [200, 'a']],
])('the mutant %s makes of %j %j', (mutant, [status, body], [wrongly, other]) => {
  const headers = { 'content-type': 'application/json' }
  const answer = { status, headers, body: body === null ? body : JSON.stringify(body) }

  expect(applyMutant(answer, mutant)).toEqual({ status: wrongly, headers, body: JSON.stringify(other) })
})
