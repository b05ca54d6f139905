// Who a request has passed, by its header CDN-Loop (RFC 8586).
import { describe, expect, it } from 'vitest'
import { isOurOwn } from '../../src/rules/loop.ts'

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
    'cloudflare; subreqs=1',
    'update-session-mock.example',
    'my update-session-mock',
    'a;update-session-mock',
    'a;b=update-session-mock',
    'a;b="c, update-session-mock"',
    'a;b="\\", update-session-mock',
    'a;b="c, update-session-mock',
  ])('not where it is %j', (header) => {
    expect(isOurOwn(header)).toBe(false)
  })

  it.each([',', ';', '"', '\\"', '"\\', ' ', 'a'])('which is found out in one pass over many of %j', (text) => {
    const startedAt = performance.now()

    isOurOwn(text.repeat(1_000_000))

    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})
