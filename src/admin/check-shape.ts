// Whether what a request of the admin API says has the shape that is asked for, and what would be right if not.
import * as z from 'zod'
import { quoted } from '../rules/failure.ts'
import { AdminFailure, unwrapped } from './route.ts'

/** The value as the schema has it; or a failure that names what would be right. */
export function checkShape<T extends z.ZodType>(schema: T, value: unknown, kind: string): z.output<T> {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data
  throw failureOf([schema], parsed.error.issues, kind)
}

/** Whether a value that has one of these shapes can have these fields, at their place: what is missing may be anything. */
export function checkPart(schemas: z.ZodType[], part: object, place: PropertyKey[]): void {
  const issues = schemas.map(
    (schema) =>
      schema.safeParse(part, { reportInput: true }).error?.issues.filter(({ input }) => input !== undefined) ?? [],
  )
  if (issues.some(({ length }) => length === 0)) return
  // That a field is wrong says more than that another shape has none of its name.
  throw failureOf(schemas, issues.find(([issue]) => !isUnknown(issue)) ?? issues.flat(), 'field', place)
}

const isUnknown = (issue: z.core.$ZodIssue | undefined) => issue?.code === 'unrecognized_keys'

function failureOf(schemas: z.ZodType[], issues: z.core.$ZodIssue[], kind: string, place: PropertyKey[] = []) {
  // A field that is missing may be the one that is misspelt.
  const issue = issues.find(isUnknown) ?? issues[0]
  const where = quoted([...place, ...(issue?.path ?? [])].join('.'))
  const isMissing = issue?.code === 'invalid_type' && issue.input === undefined
  const text =
    issue?.code === 'unrecognized_keys'
      ? `There is no ${kind} ${[where, issue.keys[0]].filter(Boolean).join('.')}.`
      : `${where === '' ? 'The body' : `The ${kind} ${where}`}${isMissing ? ' is missing' : `: ${issue?.message}`}.`
  if (issue?.code === 'invalid_value') return new AdminFailure(422, text, issue.values.map(String))
  if (!isUnknown(issue) && where !== '') return new AdminFailure(422, text)
  const names = schemas.flatMap((schema) => namesAt(schema, issue?.path ?? []))
  return new AdminFailure(422, text, [...new Set(names), ...(kind === 'field' ? [] : ['sandbox'])])
}

/** The names that an object has at this place of a schema. */
function namesAt(schema: z.ZodType | undefined, [first, ...rest]: PropertyKey[]): string[] {
  const bare = schema && unwrapped(schema)
  if (bare instanceof z.ZodArray) return namesAt(bare.element as z.ZodType, rest)
  if (bare instanceof z.ZodRecord) return namesAt(bare.valueType as z.ZodType, rest)
  if (!(bare instanceof z.ZodObject)) return []
  // A field that may not be given is there to say what to give instead.
  if (first === undefined) return Object.keys(bare.shape).filter((name) => !isForbidden(bare.shape[name]))
  return namesAt(bare.shape[String(first)] as z.ZodType | undefined, rest)
}

const isForbidden = (field: z.ZodType | undefined) => field !== undefined && unwrapped(field) instanceof z.ZodNever
