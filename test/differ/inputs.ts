// Inputs of operations by their schemas, right and wrong, the same for the same seed.
import * as z from 'zod'
import { createRandom } from '../support/random.ts'

export type Random = ReturnType<typeof randomOf>

export function randomOf(seed: number) {
  const random = createRandom(seed)
  return {
    chance: (probability: number) => random(2 ** 32) < probability * 2 ** 32,
    /** One of them, of which there is at least one. */
    pick: <T>(all: readonly [T, ...T[]] | readonly T[]): T => all[random(all.length)] as T,
  }
}

/** What a field holds, by its name, wherever it stands. */
export type Known = Record<string, (() => unknown) | undefined>

const DEPTH = 5

/** A value that fits the schema, or nearly: what the schema leaves open is chosen among few. */
export function valueFor(schema: z.core.$ZodType, random: Random, known: Known, field = '', depth = 0): unknown {
  if (schema instanceof z.ZodOptional)
    return depth > DEPTH || !random.chance(0.35)
      ? undefined
      : valueFor(schema.def.innerType, random, known, field, depth)
  const inner = (each: z.core.$ZodType, name: string) => valueFor(each, random, known, name, depth + 1)
  if (schema instanceof z.ZodEnum) return random.pick(schema.options)
  const given = known[field]
  if (given) return given()
  if (schema instanceof z.ZodObject)
    return Object.fromEntries(
      Object.entries(schema.shape)
        .map(([name, each]) => [name, inner(each, name)] as const)
        .filter(([, value]) => value !== undefined),
    )
  if (schema instanceof z.ZodArray) return random.chance(0.8) ? [inner(schema.element, '')] : []
  if (schema instanceof z.ZodRecord) return random.chance(0.5) ? { key: inner(schema.valueType, '') } : {}
  if (schema instanceof z.ZodBoolean) return random.chance(0.5)
  if (schema instanceof z.ZodISODateTime) return '2031-01-01T00:00:00Z'
  if (schema instanceof z.ZodNumber) return random.pick([0, 1, 5, 50, 100, 101, -1])
  return random.pick(['x', 'hello', 'ünï', 'a b', '1'])
}

const WRONG = [
  undefined,
  null,
  7,
  -1,
  1.5,
  true,
  '',
  '\u{0}',
  '\ud800',
  'x'.repeat(300),
  'y'.repeat(20_000),
  {},
  [],
  ['x'],
]

/** The same with one value in it exchanged, dropped or added. */
export function malformed(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.15)) return random.pick(WRONG)
  if (Array.isArray(value))
    return random.chance(0.3) ? Array(101).fill(value[0]) : value.map((each) => malformed(each, random))
  const names = Object.keys(value)
  const name = names.length === 0 || random.chance(0.15) ? 'unknown_field' : random.pick(names)
  return { ...value, [name]: malformed((value as Record<string, unknown>)[name], random) }
}
