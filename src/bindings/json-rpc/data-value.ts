// The data values of vAPI's JSON-RPC: how they are written, and what they mean by an operation's schema.
import * as z from 'zod'
import { WORD_BREAK } from '../../rules/expressions.ts'
import { fieldMismatch, type Message } from '../../rules/failure.ts'
import { PROTOTYPE } from '../../http/body.ts'

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

/** Made once: a megabyte of JSON holds many thousands of values. */
const Base64 = z.base64()

/**
 * Where JSON is no data value, nothing where it is one; whether it is the right one is `decode`'s to say. By hand: a union of
 * schemas tries each of its kinds and keeps what every one has against the value, which takes a minute for a megabyte of wrong ones.
 */
function placeOfNone(value: unknown, at: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return placeInside(value, at)
  const [kind, content] = onlyEntry(value)
  const place = placesByKind.get(kind)
  return place ? place(content, `${at}.${kind}`) : at
}
const placesByKind = new Map<string | undefined, typeof placeOfNone>([
  ['OPTIONAL', placeOfNone],
  ['SECRET', (content, at) => (typeof content === 'string' ? undefined : at)],
  ['BINARY', (content, at) => (Base64.safeParse(content).success ? undefined : at)],
  ['STRUCTURE', placeInStructure],
  ['ERROR', placeInStructure],
])
function placeInStructure(value: unknown, at: string): string | undefined {
  const [name, fields] = onlyEntry(value)
  if (name === undefined) return at
  return isRecord(fields) ? placeInside(fields, `${at}.${name}`) : `${at}.${name}`
}
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** Of an object with one property; nothing of anything else. */
function onlyEntry(value: unknown): [name: string, content: unknown] | [] {
  const [entry, ...more] = isRecord(value) ? Object.entries(value) : []
  return entry && more.length === 0 ? entry : []
}
function placeInside(values: object, at: string): string | undefined {
  for (const [name, each] of Object.entries(values)) {
    const place = placeOfNone(each, `${at}.${name}`)
    if (place !== undefined) return place
  }
  return undefined
}
export const DataValue = z.custom<DataValue>((value) => placeOfNone(value, '') === undefined, {
  error: ({ input }) =>
    `${placeOfNone(input, 'input')} is no data value: an object must have one property, OPTIONAL, SECRET, BINARY, ERROR or ` +
    'STRUCTURE. Send an input as {"STRUCTURE": {"operation-input": {…}}}',
})

export const MAP_ENTRY = 'map-entry'

/** No answer of this mock has a map. */
export function encode(schema: z.core.$ZodType, value: unknown): DataValue {
  if (schema instanceof z.ZodOptional)
    return { OPTIONAL: value === undefined ? null : encode(schema.def.innerType, value) }
  if (value === undefined) return null
  if (isSecretField(schema)) return { SECRET: value as string }
  if (schema instanceof z.ZodArray) return (value as unknown[]).map((each) => encode(schema.element, each))
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
  const wrong = (expected: string) => void problems.push(fieldMismatch(at || 'input', `expected ${expected}`))
  if (schema instanceof z.ZodOptional) {
    const inner = contentOf(value, 'OPTIONAL')
    if (inner === undefined) return wrong('an OPTIONAL')
    return inner === null ? undefined : decode(schema.def.innerType, inner, at, problems)
  }
  if (isSecretField(schema)) return contentOf(value, 'SECRET') ?? wrong('a SECRET')
  if (schema instanceof z.ZodArray)
    return Array.isArray(value)
      ? value.map((each, index) => decode(schema.element, each, pathTo(at, index), problems))
      : wrong('a list')
  if (schema instanceof z.ZodRecord) {
    if (!Array.isArray(value)) return wrong('a list')
    const entries = value.map((each, index) => {
      const { key, value: content = null } = fieldsOf(each, MAP_ENTRY) ?? {}
      const isKey = typeof key === 'string' && key !== PROTOTYPE
      return isKey && ([key, decode(schema.valueType, content, pathTo(at, index), problems)] as const)
    })
    return entries.every((each) => each !== false) ? Object.fromEntries(entries) : wrong(`a list of ${MAP_ENTRY}`)
  }
  if (schema instanceof z.ZodObject) {
    const name = structureName(schema)
    const fields = fieldsOf(value, name)
    if (!fields) return wrong(`the structure ${name}`)
    const decoded = Object.entries(fields).map(([field, each]) =>
      // What the schema does not know is left for the operation to refuse by name.
      [
        field,
        Object.hasOwn(schema.shape, field) ? decode(schema.shape[field], each, pathTo(at, field), problems) : each,
      ],
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
  return typeof name !== 'string' ? INPUT : `com.vmware.${name.replaceAll(WORD_BREAK, '_').toLowerCase()}`
}

export const isSecretField = (schema: z.core.$ZodType): boolean =>
  z.globalRegistry.get(schema)?.['format'] === 'password'

const pathTo = (at: string, field: string | number) => (at === '' ? `${field}` : `${at}.${field}`)

const contentOf = (value: DataValue, kind: 'OPTIONAL' | 'SECRET'): DataValue | undefined =>
  typeof value === 'object' && value !== null && kind in value ? (value as Fields)[kind] : undefined

const fieldsOf = (value: DataValue, name: string): Fields | undefined =>
  typeof value === 'object' && value !== null && 'STRUCTURE' in value && Object.hasOwn(value.STRUCTURE, name)
    ? value.STRUCTURE[name]
    : undefined
