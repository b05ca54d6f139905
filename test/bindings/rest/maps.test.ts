import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Message } from '../../../src/rules/failure.ts'
import { decode } from '../../../src/bindings/json-rpc/data-value.ts'
import { listsToMaps, mapsToLists } from '../../../src/bindings/rest/maps.ts'

const schema = z.object({
  name: z.string(),
  counts: z.record(z.string(), z.object({ by: z.record(z.string(), z.number()).optional() })).optional(),
  more: z.array(z.record(z.string(), z.string())),
})
const maps = { name: 'x', counts: { a: { by: { b: 1 } }, c: {} }, more: [{ d: 'e' }, {}] }
const lists = {
  name: 'x',
  counts: [
    { key: 'a', value: { by: [{ key: 'b', value: 1 }] } },
    { key: 'c', value: {} },
  ],
  more: [[{ key: 'd', value: 'e' }], []],
}

it('writes maps as lists of their entries, however deep they lie', () => {
  expect(mapsToLists(schema, maps)).toEqual(lists)
})

it('reads them back', () => {
  expect(listsToMaps(schema, lists)).toEqual(maps)
})

it.each([
  ['an inherited name', { constructor: [{ key: 'a', value: 1 }] }],
  ['an unknown one', { other: [{ key: 'a', value: 1 }] }],
  ['a list where there is none', { name: [] }],
])('leaves alone what the schema does not know as a map: %s', (_, value) => {
  expect(listsToMaps(schema, value)).toEqual(value)
})

it('takes no key `__proto__`, which a map would lose, on /rest or over JSON-RPC', () => {
  const map = z.record(z.string(), z.number())
  const problems: Message[] = []
  const entry = { STRUCTURE: { 'map-entry': { key: '__proto__', value: 1 } } }

  expect(listsToMaps(map, [{ key: '__proto__', value: 1 }])).toBeNull()
  decode(map, [entry], 'params', problems)
  expect(problems).toHaveLength(1)
})
