import { expect, it } from 'vitest'
import { mayPull, splitSource } from '../../src/rules/source.ts'

it.each<[hosts: string, allowed: string, refused: string]>([
  ['', '', 'http://example.com/a http://./a'],
  [' , ', '', 'http://example.com/a'],
  ['example.com', 'http://example.com/a https://EXAMPLE.com:8443/a', 'http://www.example.com/a http://localhost/a'],
  ['example.com', '', 'http://example.com.evil.test/a http://example.com@evil.test/a'],
  ['Example.Com', 'http://example.com./a', 'http://example.org/a'],
  [
    '*.example.com',
    'http://www.example.com/a http://a.b.example.com/a',
    'http://example.com/a http://badexample.com/a',
  ],
  ['a.test, example.com', 'http://example.com/a', 'http://b.test/a'],
  ['loopback', 'http://localhost/a http://127.1/a http://[::1]/a', 'http://10.0.0.1/a http://localhost.example.com/a'],
  ['*', 'http://example.com/a http://172.32.0.1/a http://[2606:4700::1111]/a', 'ftp://example.com/a no-address'],
  ['*', '', 'http://localhost/a http://localhost./a http://2130706433/a http://0x7f.1/a http://0.0.0.0/a'],
  ['*', '', 'http://10.1.2.3/a http://172.16.0.1/a http://192.168.1.1/a http://169.254.169.254/a http://100.64.0.1/a'],
  ['*', '', 'http://[::ffff:10.0.0.1]/a http://[fd00::1]/a http://[fe80::1]/a'],
  ['*', '', 'http://printer.local/a http://metadata.google.internal./a http://vcenter/a'],
])('from the hosts "%s" may be pulled %j, and not %j', (hosts, allowed, refused) => {
  const sources = `${allowed} ${refused}`.trim()

  expect(
    sources
      .split(' ')
      .filter((uri) => mayPull(uri, hosts))
      .join(' '),
  ).toBe(allowed)
})

it.each([
  ['http://h/a', undefined],
  ['http://ada:p%40ss@h/a', 'ada:p@ss'],
  ['http://ada@h/a', 'ada:'],
  ['http://:hunter2@h/a', ':hunter2'],
  ['http://ada:%zz@h/a', 'ada:%zz'],
])('of the source %s is shown no user and no password; sent is %j', (uri, proof) => {
  const shown = { uri: 'http://h/a', ...(proof !== undefined && { authorization: `Basic ${btoa(proof)}` }) }
  expect(splitSource(uri)).toEqual(shown)
})
