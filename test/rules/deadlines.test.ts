import { describe, expect, it } from 'vitest'
import { earliest } from '../../src/rules/deadlines.ts'

describe('the earliest moment', () => {
  it.each([
    [[], undefined],
    [[undefined, undefined], undefined],
    [[3, undefined, 2], 2],
    [[0, 1], 0],
  ])('of %j is %s', (moments, first) => {
    expect(earliest(...moments)).toBe(first)
  })
})
