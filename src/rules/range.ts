// What a download is asked for: all of a file, or a range of it (RFC 9110, section 14).
import { DIGITS } from './expressions.ts'

export type Range = { offset: number; lengthBytes: number }

/** What a request wants; `all` also where RFC 9110 lets it be ignored, nothing where the file has none of it. */
export function readRange(header: string | undefined, sizeBytes: number): Range | 'all' | undefined {
  const [unit, wanted = '', ...more] = (header ?? '').split('=')
  const [first = '', last, ...others] = wanted.trim().split('-')
  if (unit?.trim().toLowerCase() !== 'bytes' || last === undefined || others.length + more.length > 0) return 'all'
  if (![first, last].every((text) => text === '' || DIGITS.test(text)) || wanted.trim() === '-') return 'all'
  const isSuffix = first === ''
  if (!isSuffix && last !== '' && Number(last) < Number(first)) return 'all'
  const offset = isSuffix ? Math.max(0, sizeBytes - Number(last)) : Number(first)
  const end = isSuffix || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1)
  return offset < end ? { offset, lengthBytes: end - offset } : undefined
}
