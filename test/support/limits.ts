// Where a schema has no limit.
import * as z from 'zod'

/** The places of a schema whose strings, lists or maps have no limit. */
export function unbounded(schema: z.core.$ZodType, at = 'it', seen = new Set<z.core.$ZodType>()): string[] {
  if (seen.has(schema)) return []
  seen.add(schema)
  const inner = (part: z.core.$ZodType, name: string) => unbounded(part, `${at}.${name}`, seen)
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return schema.maxLength === null ? [at] : []
  if (schema instanceof z.ZodArray) return [...(isLimited(schema) ? [] : [at]), ...inner(schema.element, '[]')]
  if (schema instanceof z.ZodRecord) {
    const limit = z.globalRegistry.get(schema)?.['maxProperties']
    return [
      ...(typeof limit === 'number' ? [] : [at]),
      ...inner(schema.keyType, 'key'),
      ...inner(schema.valueType, '{}'),
    ]
  }
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape).flatMap(([name, part]) => inner(part, name))
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((part, index) => inner(part, `${index}`))
  if (schema instanceof z.ZodPipe) return inner(schema.in, 'in')
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return inner(schema.def.innerType, 'value')
  // Of these no text gets in but what they name.
  const isClosed = [z.ZodEnum, z.ZodLiteral, z.ZodNumber, z.ZodBoolean, z.ZodNull, z.ZodUndefined].some(
    (kind) => schema instanceof kind,
  )
  // Anything else is asked.
  return isClosed || !z.safeParse(schema, 'x'.repeat(1_048_576)).success ? [] : [at]
}

const isLimited = ({ def: { checks = [] } }: z.ZodArray): boolean =>
  checks.some((check) => check._zod.def.check === 'max_length') // oxlint-disable-line no-underscore-dangle -- zod's own name for what it is made of
