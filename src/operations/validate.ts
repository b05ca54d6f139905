// Whether an input is what an operation asks for, and what is wrong with it if not.
import type * as z from 'zod'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Message, type Result } from '../rules/failure.ts'
import { id, type Operation } from './operation.ts'

export function validateInput(operation: Pick<Operation, 'service' | 'name' | 'input'>, input: object): Result<object> {
  const parsed = operation.input().safeParse(input, { reportInput: true })
  if (parsed.success) return ok(parsed.data)
  return fail(failures.invalidInput(id(operation), parsed.error.issues.flatMap(problems)))
}

function problems(issue: z.core.$ZodIssue): Message[] {
  const at = (name?: string) => [...issue.path, ...(name === undefined ? [] : [name])].join('.')
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => failures.invalidField(at(key)))
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => failures.fieldMismatch(at(), `as a key, ${message}`))
  if (issue.input === undefined) return failures.missingField(at()).messages
  return [failures.fieldMismatch(at(), issue.message)]
}
