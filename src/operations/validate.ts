// Whether an input is what an operation asks for, and what is wrong with it if not.
import type * as z from 'zod'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Message, type Result } from '../rules/failure.ts'
import { id, type Operation } from './operation.ts'

export function validateInput(
  operation: Pick<Operation, 'service' | 'name' | 'input' | 'body'>,
  input: object,
): Result<object> {
  const parsed = operation.input().safeParse(input, { reportInput: true })
  if (parsed.success) return ok(parsed.data)
  const found = parsed.error.issues.flatMap((issue) => problems(issue, operation.body))
  return fail(failures.invalidInput(id(operation), found))
}

/** A field is named within the specification it belongs to: a client of /api sends that alone. */
function problems(issue: z.core.$ZodIssue, specification = ''): Message[] {
  const path = issue.path[0] === specification ? issue.path.slice(1) : issue.path
  const at = (...names: string[]) => [...path, ...names].join('.') || specification
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => failures.invalidField(at(key)))
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => failures.fieldMismatch(at(), `as a key, ${message}`))
  if (issue.input === undefined) return [failures.missingField(at())]
  return [failures.fieldMismatch(at(), issue.message)]
}
