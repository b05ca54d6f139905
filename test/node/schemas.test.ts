// When the schemas of the operations are made.
import * as z from 'zod'
import { expect, it } from 'vitest'
import { all } from '../../src/operations/index.ts'

const made = (): string[] => Object.keys(z.toJSONSchema(z.globalRegistry, { unrepresentable: 'any' }).schemas)

it('makes the schemas of an operation when they are first needed, and once: the Worker starts without any', () => {
  expect(made()).toEqual([])

  const schemas = all.map(({ input, output }) => [input(), output()])

  expect(made()).toContain('Content.Library.Item.UpdateSessionModel')
  expect(all.every(({ input, output }, at) => schemas[at]?.[0] === input() && schemas[at][1] === output())).toBe(true)
})
