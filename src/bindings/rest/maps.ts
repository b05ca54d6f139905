// What JSON is on /rest: a map is a list of {key, value} (reference 10.1), and a number may be sent as a text.
import * as z from 'zod'
import { PROTOTYPE } from '../../http/body.ts'
import { WHOLE_NUMBER } from '../../rules/expressions.ts'

export const mapsToLists = (schema: z.core.$ZodType, value: unknown): unknown =>
  walk(schema, value, (map, inner) => Object.entries(map as object).map(([key, each]) => ({ key, value: inner(each) })))

/** What is no such list where a map is due becomes nothing, which the schema refuses. */
export const listsToMaps = (schema: z.core.$ZodType, value: unknown): unknown =>
  walk(schema, value, (list, inner) => {
    const entries = Entries.safeParse(list)
    return entries.success ? Object.fromEntries(entries.data.map(({ key, value: each }) => [key, inner(each)])) : null
  })

const Entries = z.array(z.strictObject({ key: z.string().refine((key) => key !== PROTOTYPE), value: z.unknown() }))

type AtMap = (value: unknown, inner: (value: unknown) => unknown) => unknown

function walk(schema: z.core.$ZodType, value: unknown, atMap: AtMap): unknown {
  if (value === undefined) return undefined
  if (schema instanceof z.ZodOptional) return walk(schema.def.innerType, value, atMap)
  if (schema instanceof z.ZodNumber)
    return typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value
  if (schema instanceof z.ZodRecord) return atMap(value, (each) => walk(schema.valueType, each, atMap))
  if (schema instanceof z.ZodArray)
    return Array.isArray(value) ? value.map((each) => walk(schema.element, each, atMap)) : value
  if (schema instanceof z.ZodObject && typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        Object.hasOwn(schema.shape, name) ? walk(schema.shape[name], each, atMap) : each,
      ]),
    )
  return value
}
