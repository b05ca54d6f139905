import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64Url, encodeBase64Url } from '../../src/rules/base64url.ts'

describe('base64url', () => {
  it.each([
    ['', ''],
    ['user', 'dXNlcg'],
    ['>>>???', 'Pj4-Pz8_'],
    ['Größe', 'R3LDtsOfZQ'],
    ['\u{feff}user', '77u_dXNlcg'],
  ])('of "%s" is "%s", and back', (text, encoded) => {
    expect(encodeBase64Url(text)).toBe(encoded)
    expect(decodeBase64Url(encoded)).toBe(text)
  })

  it('of any text is read as that text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeBase64Url(encodeBase64Url(text))).toBe(text)
      }),
    )
  })
})
