// Which bytes of a file a Range header means.
import { describe, expect, it } from 'vitest'
import { readRange } from '../../src/rules/range.ts'

const SIZE = 1000
const piece = (offset: number, lengthBytes: number) => ({ offset, lengthBytes })

describe('of a file of 1,000 bytes, the range', () => {
  it.each([
    ['bytes=0-0', piece(0, 1)],
    ['bytes=0-999', piece(0, 1000)],
    ['bytes=0-1000000', piece(0, 1000)],
    ['bytes=999-', piece(999, 1)],
    ['bytes=-1', piece(999, 1)],
    ['bytes=-5000', piece(0, 1000)],
    [' Bytes = 5-6 ', piece(5, 2)],
    ['bytes=1000-', undefined],
    ['bytes=-0', undefined],
    [undefined, 'all'],
    ['', 'all'],
    ['bytes', 'all'],
    ['bytes=-', 'all'],
    ['bytes=5', 'all'],
    ['bytes=6-5', 'all'],
    ['bytes=a-b', 'all'],
    ['bytes=0-1,5-6', 'all'],
    ['bytes=1-2-3', 'all'],
    ['bytes=1-2=3', 'all'],
    ['lines=0-1', 'all'],
  ])('%j means %j', (header, expected) => {
    expect(readRange(header, SIZE)).toEqual(expected)
  })

  it('of an empty file is none of it', () => {
    expect(readRange('bytes=0-', 0)).toBeUndefined()
  })
})
