// What a text of a client may cost: time in proportion to its length, whatever it says.
import { describe, expect, it } from 'vitest'
import { fitsGlob } from '../../src/rules/glob.ts'
import { isOurOwn } from '../../src/rules/loop.ts'
import { excerpt } from '../../src/rules/redact.ts'
import { inspect } from '../../src/rules/validation.ts'
import { aFile } from '../support/a-file.ts'

describe('the cost of looking for secrets', () => {
  const UNITS = [
    ' ',
    '<password ',
    '<password "',
    '<pwd "/',
    'pwd= ',
    String.raw`:\\`,
    ...`;key ?key= key=key a " \\" < <password> </ & : :// . .a %2e \\ "password": "password":" "password":{`.split(
      ' ',
    ),
    ...`"password":[{" <![CDATA[ <!-- @ = =' pwd=" pwd=' \\u0077 % \\\\"pwd":\\" ://a@ aB -`.split(' '),
  ]

  it.each(UNITS)('grows with the length of a row of %j', (unit) => {
    for (const [begin, end] of [
      ['', ''],
      ['"password":"', '"'],
      ['<password>', '</password>'],
      ['', '"/>'],
    ] as const) {
      const text = `${begin}${unit.repeat(262_144 / unit.length)}${end}`

      const startedAt = performance.now()
      excerpt(text, text.length)

      // Some milliseconds where the cost is linear; minutes where it is not.
      expect(performance.now() - startedAt).toBeLessThan(5_000)
    }
  })
})

describe('a glob', () => {
  it.each([
    ['*'.repeat(65_536), 'a'.repeat(65_536)],
    ['*a'.repeat(128), 'a'.repeat(65_536)],
    [`${'*'.repeat(100)}Z`, 'a'.repeat(65_536)],
    [`*b${'a'.repeat(255)}*`, 'a'.repeat(65_536)],
    [`*${'a'.repeat(255)}b*`, 'a'.repeat(65_536)],
    [`*${'ab'.repeat(127)}b*`, 'ab'.repeat(32_768)],
  ])('costs no more than its length and that of the text: %.20s', (glob, text) => {
    const startedAt = performance.now()

    for (let count = 0; count < 10; count++) fitsGlob(text, glob)

    // Some milliseconds; as a regular expression, days.
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('whether a request comes from a mock', () => {
  it.each([',', ';', '"', '\\"', '"\\', ' ', 'a'])('is found out in one pass over many of %j', (text) => {
    const startedAt = performance.now()

    isOurOwn(text.repeat(1_000_000))

    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})

it('a manifest of many lines for many files is looked through in no time', () => {
  const files = Array.from({ length: 5000 }, (_, index) => aFile('READY', { name: `disk-${index}.vmdk` }))
  const lines = Array.from(
    { length: 100_000 },
    () => ({ name: 'disk.vmdk', algorithm: 'SHA1', checksum: 'b' }) as const,
  )
  const startedAt = performance.now()

  inspect('ovf', [...files, aFile('READY', { name: 'vm.mf', descriptor: { manifest: lines } })])

  // Some milliseconds, where each line does not look through all files.
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})
