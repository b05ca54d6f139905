// Whether an input is what an operation asks for, and what is wrong with it if not.
import type * as z from 'zod'
import {
  fail,
  fieldMismatch,
  fieldMissing,
  invalidField,
  invalidInput,
  ok,
  PROBLEMS_LIMIT,
  type Message,
  type Result,
} from '../rules/failure.ts'
import { id, type Operation } from './operation.ts'

export function validateInput(operation: Pick<Operation, 'service' | 'name' | 'input'>, input: object): Result<object> {
  const parsed = operation.input.safeParse(input, { reportInput: true })
  if (parsed.success) return ok(parsed.data)
  return fail(invalidInput(id(operation), parsed.error.issues.flatMap(problems)))
}

function problems(issue: z.core.$ZodIssue): Message[] {
  const at = (name?: string) => [...issue.path, ...(name === undefined ? [] : [name])].join('.')
  if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, PROBLEMS_LIMIT).map((key) => invalidField(at(key)))
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => fieldMismatch(at(), `as a key, ${message}`))
  if (issue.code === 'invalid_type' && issue.input === undefined) return [fieldMissing(at())]
  return [fieldMismatch(at(), issue.message)]
}
