// What JSON is on /rest: a map is a list of {key, value} (reference 10.1), and a number may be sent as a text.
import * as z from 'zod'
import { PROTOTYPE } from '../../http/body.ts'
import { WHOLE_NUMBER } from '../../rules/expressions.ts'

/** What is no such list where a map is due becomes nothing, which the schema refuses. */
export function listsToMaps(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional) return listsToMaps(schema.def.innerType, value)
  if (schema instanceof z.ZodNumber && typeof value === 'string')
    return WHOLE_NUMBER.test(value) ? Number(value) : value
  if (schema instanceof z.ZodRecord) {
    const { data: entries } = Entries.safeParse(value)
    return entries
      ? Object.fromEntries(entries.map((each) => [each.key, listsToMaps(schema.valueType, each.value)]))
      : null
  }
  if (schema instanceof z.ZodArray)
    return Array.isArray(value) ? value.map((each) => listsToMaps(schema.element, each)) : value
  if (schema instanceof z.ZodObject && typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        Object.hasOwn(schema.shape, name) ? listsToMaps(schema.shape[name], each) : each,
      ]),
    )
  return value
}

const Entries = z.array(z.strictObject({ key: z.string().refine((key) => key !== PROTOTYPE), value: z.unknown() }))
