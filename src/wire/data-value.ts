// The data values of vAPI's JSON-RPC: how they are written, and what they mean by an operation's schema.
import * as z from 'zod'
import { fieldMismatch, type Message } from '../rules/failure.ts'

export type DataValue =
  | null
  | boolean
  | number
  | string
  | DataValue[]
  | { OPTIONAL: DataValue }
  | { SECRET: string }
  | { BINARY: string }
  | { STRUCTURE: Structure }
  | { ERROR: Structure }
/** One property: the structure's name, and below it its fields. */
type Structure = Record<string, Fields>
type Fields = Record<string, DataValue>

/** Whether something is a data value at all; whether it is the right one is `decode`'s to say. */
export const DataValue: z.ZodType<DataValue> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(DataValue),
    z.strictObject({ OPTIONAL: DataValue }),
    z.strictObject({ SECRET: z.string() }),
    z.strictObject({ BINARY: z.base64() }),
    z.strictObject({ STRUCTURE: Structure }),
    z.strictObject({ ERROR: Structure }),
  ]),
)
const Structure = z
  .record(z.string(), z.record(z.string(), DataValue))
  .refine((structure) => Object.keys(structure).length === 1)

/** What the names of all errors begin with. */
export const ERRORS = 'com.vmware.vapi.std.errors'
export const MAP_ENTRY = 'map-entry'

/** The data value of something that fits the schema. */
export function encode(schema: z.core.$ZodType, value: unknown): DataValue {
  if (schema instanceof z.ZodOptional)
    return { OPTIONAL: value === undefined ? null : encode(schema.def.innerType, value) }
  if (value === undefined) return null
  if (isSecret(schema)) return { SECRET: value as string }
  if (schema instanceof z.ZodArray) return (value as unknown[]).map((each) => encode(schema.element, each))
  if (schema instanceof z.ZodRecord)
    return Object.entries(value as object).map(([key, each]) =>
      structure(MAP_ENTRY, { key, value: encode(schema.valueType, each) }),
    )
  if (schema instanceof z.ZodObject) {
    const given = value as Record<string, unknown>
    const fields = Object.entries(schema.shape).map(([field, each]) => [field, encode(each, given[field])] as const)
    return structure(structureName(schema), Object.fromEntries(fields))
  }
  return value as DataValue
}

/**
 * What a data value says where the schema is asked for. Only its form is looked at, and what is wrong with that goes to
 * `problems`; a value of the right form may still be no input of the operation.
 */
export function decode(schema: z.core.$ZodType, value: DataValue, at: string, problems: Message[]): unknown {
  const wrong = (expected: string) => void problems.push(fieldMismatch(at, `expected ${expected}`))
  if (schema instanceof z.ZodOptional) {
    const inner = contentOf(value, 'OPTIONAL')
    if (inner === undefined) return wrong('an OPTIONAL')
    return inner === null ? undefined : decode(schema.def.innerType, inner, at, problems)
  }
  if (isSecret(schema)) return contentOf(value, 'SECRET') ?? wrong('a SECRET')
  if (schema instanceof z.ZodArray)
    return Array.isArray(value)
      ? value.map((each, index) => decode(schema.element, each, join(at, index), problems))
      : wrong('a list')
  if (schema instanceof z.ZodRecord) {
    if (!Array.isArray(value)) return wrong('a list')
    const entries = value.map((each, index) => {
      const { key, value: content = null } = fieldsOf(each, MAP_ENTRY) ?? {}
      return typeof key === 'string' && ([key, decode(schema.valueType, content, join(at, index), problems)] as const)
    })
    return entries.every((each) => each !== false) ? Object.fromEntries(entries) : wrong(`a list of ${MAP_ENTRY}`)
  }
  if (schema instanceof z.ZodObject) {
    const name = structureName(schema)
    const fields = fieldsOf(value, name)
    if (!fields) return wrong(`the structure ${name}`)
    const decoded = Object.entries(fields).map(([field, each]) =>
      // What the schema does not know is left for the operation to refuse by name.
      [field, Object.hasOwn(schema.shape, field) ? decode(schema.shape[field], each, join(at, field), problems) : each],
    )
    // An optional that is not set is a field that is not there.
    return Object.fromEntries(decoded.filter(([, each]) => each !== undefined))
  }
  return value
}

export const structure = (name: string, fields: Fields): DataValue => ({ STRUCTURE: { [name]: fields } })

/** An operation's input has no name of its own. */
const INPUT = 'operation-input'

/** `Content.Library.Item.TransferEndpoint` is `com.vmware.content.library.item.transfer_endpoint` here. */
export function structureName(schema: z.core.$ZodType): string {
  const { id, legacyId: name = id } = z.globalRegistry.get(schema) ?? {}
  return typeof name !== 'string' ? INPUT : `com.vmware.${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()}`
}

export const isSecret = (schema: z.core.$ZodType): boolean => z.globalRegistry.get(schema)?.['format'] === 'password'

const join = (at: string, field: string | number) => (at === '' ? `${field}` : `${at}.${field}`)

function contentOf(value: DataValue, kind: 'OPTIONAL' | 'SECRET'): DataValue | undefined {
  return typeof value === 'object' && value !== null && kind in value ? (value as Fields)[kind] : undefined
}

const fieldsOf = (value: DataValue, name: string): Fields | undefined =>
  typeof value === 'object' && value !== null && 'STRUCTURE' in value && Object.hasOwn(value.STRUCTURE, name)
    ? value.STRUCTURE[name]
    : undefined
