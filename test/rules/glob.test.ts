import { assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitsGlob } from '../../src/rules/glob.ts'

/** Whether it fits, by trying every length of every star: right, and for short texts only. */
function fitsSlowly(text: string, glob: string): boolean {
  if (glob === '') return text === ''
  const [first] = glob
  if (first !== '*') return text.startsWith(first ?? '') && fitsSlowly(text.slice(1), glob.slice(1))
  return Array.from({ length: text.length + 1 }, (_, at) => text.slice(at)).some((rest) =>
    fitsSlowly(rest, glob.slice(1)),
  )
}

describe('a glob', () => {
  it.each([
    ['abc', 'a*c', true],
    ['a.c', 'a?c', false],
    ['a?c', 'a?c', true],
    ['abc', 'a.c', false],
    ['line\nline', 'line*line', true],
  ])('on %j, as %j, fits: %s', (text, glob, expected) => {
    expect(fitsGlob(text, glob)).toBe(expected)
  })

  it('fits what it says, for any text', () => {
    const letters = string({ unit: constantFrom('a', 'b', '*'), maxLength: 8 })
    assert(property(letters, letters, (text, glob) => fitsGlob(text, glob) === fitsSlowly(text, glob)))
  })
})
