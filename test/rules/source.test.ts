import { describe, expect, it } from 'vitest'
import { mayPull } from '../../src/rules/source.ts'

describe('what may be pulled', () => {
  it.each([
    ['', 'http://example.com/a', false],
    [' , ', 'http://example.com/a', false],
    ['', 'http://./a', false],
    ['example.com', 'http://example.com/a', true],
    ['example.com', 'https://EXAMPLE.com:8443/a', true],
    ['Example.Com', 'http://example.com./a', true],
    ['example.com', 'http://www.example.com/a', false],
    ['example.com', 'http://example.com.evil.test/a', false],
    ['example.com', 'http://example.com@evil.test/a', false],
    ['*.example.com', 'http://www.example.com/a', true],
    ['*.example.com', 'http://a.b.example.com/a', true],
    ['*.example.com', 'http://example.com/a', false],
    ['*.example.com', 'http://badexample.com/a', false],
    ['a.test, example.com', 'http://example.com/a', true],
    ['loopback', 'http://localhost/a', true],
    ['loopback', 'http://127.1/a', true],
    ['loopback', 'http://[::1]/a', true],
    ['loopback', 'http://10.0.0.1/a', false],
    ['loopback', 'http://localhost.example.com/a', false],
    ['*', 'http://example.com/a', true],
    ['*', 'http://93.184.216.34/a', true],
    ['*', 'http://localhost/a', false],
    ['*', 'http://localhost./a', false],
    ['*', 'http://2130706433/a', false],
    ['*', 'http://0x7f.1/a', false],
    ['*', 'http://0.0.0.0/a', false],
    ['*', 'http://10.1.2.3/a', false],
    ['*', 'http://172.16.0.1/a', false],
    ['*', 'http://172.32.0.1/a', true],
    ['*', 'http://192.168.1.1/a', false],
    ['*', 'http://169.254.169.254/latest', false],
    ['*', 'http://100.64.0.1/a', false],
    ['*', 'http://[::ffff:10.0.0.1]/a', false],
    ['*', 'http://[fd00::1]/a', false],
    ['*', 'http://[fe80::1]/a', false],
    ['*', 'http://printer.local/a', false],
    ['*', 'http://metadata.google.internal./a', false],
    ['*', 'http://vcenter/a', false],
    ['*', 'ftp://example.com/a', false],
    ['*', 'no address', false],
  ])('from the hosts "%s", %s: %s', (hosts, uri, allowed) => {
    expect(mayPull(uri, hosts)).toBe(allowed)
  })
})
