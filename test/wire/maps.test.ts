import { expect, it } from 'vitest'
import { z } from 'zod'
import { listsToMaps, mapsToLists } from '../../src/wire/maps.ts'

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
