import { expect, it, vi } from 'vitest'
import { isSameText } from '../../src/rules/same-text.ts'

it.each([
  ['a-secret', true],
  ['a-secreT', false],
  ['A-secret', false],
  ['a-secret-', false],
  ['', false],
])('compares %j with a secret in a time that tells nothing of where they differ', (given, isSame) => {
  const read = vi.spyOn(String.prototype, 'charCodeAt')

  expect(isSameText(given, 'a-secret')).toBe(isSame)

  expect(read).toHaveBeenCalledTimes(2 * given.length)
  read.mockRestore()
})
