import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Message } from '../../../src/rules/failure.ts'
import { decode } from '../../../src/bindings/json-rpc/data-value.ts'
import { listsToMaps } from '../../../src/bindings/rest/maps.ts'

const schema = z.object({
  name: z.string(),
  counts: z.record(z.string(), z.object({ by: z.record(z.string(), z.number()).optional() })).optional(),
  more: z.array(z.record(z.string(), z.string())),
})
const maps = { name: 'x', counts: { a: { by: { b: 1 } }, c: {} }, more: [{ d: 'e' }, {}] }
const entry = (key: string, value: unknown) => ({ key, value })
const lists = {
  name: 'x',
  counts: [entry('a', { by: [entry('b', 1)] }), entry('c', {})],
  more: [[entry('d', 'e')], []],
}

it('reads lists of entries as maps, however deep they lie', () => {
  expect(listsToMaps(schema, lists)).toEqual(maps)
})

it.each([
  ['an inherited name', { constructor: [entry('a', 1)] }],
  ['an unknown one', { other: [entry('a', 1)] }],
  ['a list where there is none', { name: [] }],
])('leaves alone what the schema does not know as a map: %s', (_, value) => {
  expect(listsToMaps(schema, value)).toEqual(value)
})

it('takes no key `__proto__`, which a map would lose, on /rest or over JSON-RPC', () => {
  const map = z.record(z.string(), z.number())
  const problems: Message[] = []

  expect(listsToMaps(map, [entry('__proto__', 1)])).toBeNull()
  decode(map, [{ STRUCTURE: { 'map-entry': { key: '__proto__', value: 1 } } }], 'params', problems)
  expect(problems).toHaveLength(1)
})
