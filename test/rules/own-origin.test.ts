import { describe, expect, it } from 'vitest'
import { isOwnOrigin } from '../../src/rules/own-origin.ts'

const URL_ASKED = 'http://127.0.0.1:8989/api/session'
const PUBLIC_URL = 'https://mocks.example.com/mock'

describe('a request counts as one of this mock', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['of a client that names no page', {}, true],
    ['of a page of its own address', { origin: 'http://127.0.0.1:8989' }, true],
    ['of a page of the public address', { origin: 'https://mocks.example.com' }, true],
    ['of a page of another site', { origin: 'https://evil.example' }, false],
    ['of a page of another port', { origin: 'http://127.0.0.1:3000' }, false],
    ['of a page of the same host by another scheme', { origin: 'https://127.0.0.1:8989' }, false],
    ['of a page without an origin', { origin: 'null' }, false],
    ['that a browser says is of the same origin', { 'sec-fetch-site': 'same-origin' }, true],
    ['through a proxy that only it knows', { 'sec-fetch-site': 'same-origin', origin: 'https://p' }, true],
    ['of a user who types the address', { 'sec-fetch-site': 'none' }, true],
    ['of an image on another site', { 'sec-fetch-site': 'cross-site' }, false],
    ['of another site, by its origin', { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:8989' }, false],
  ])('%s', (_, headers, isOwn) => {
    expect(isOwnOrigin(new Headers(headers), URL_ASKED, PUBLIC_URL)).toBe(isOwn)
  })

  it('of a page of the public address, only where there is one', () => {
    expect(isOwnOrigin(new Headers({ origin: 'https://mocks.example.com' }), URL_ASKED)).toBe(false)
  })
})
