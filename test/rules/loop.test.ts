// Who a request has passed, by its header CDN-Loop (RFC 8586).
import { describe, expect, it } from 'vitest'
import { isOurOwn, LOOP_ANSWER, LOOP_HEADER, LOOP_TOKEN } from '../../src/rules/loop.ts'

describe('a request comes from a mock', () => {
  it.each([
    'update-session-mock',
    'Update-Session-Mock',
    ' update-session-mock ;a=b',
    'cloudflare; subreqs=1, update-session-mock',
    'cdn.example:8080;a="x, \\"y", update-session-mock; a="b',
    ',, update-session-mock',
    `a;b="${'\\"'.repeat(10)}",update-session-mock`,
  ])('where CDN-Loop is %j', (header) => {
    expect(isOurOwn(header)).toBe(true)
  })

  it.each([
    '',
    ',',
    'cloudflare',
    'update-session-mock.example',
    'my update-session-mock',
    'a;update-session-mock',
    'a;b=update-session-mock',
  ])('not where it is %j', (header) => {
    expect(isOurOwn(header)).toBe(false)
  })
})

it('a mock marks what it sends by the header of RFC 8586, and what it refuses by one of its own', () => {
  expect([LOOP_HEADER, LOOP_TOKEN, LOOP_ANSWER]).toEqual(['cdn-loop', 'update-session-mock', 'x-mock-loop'])
})
