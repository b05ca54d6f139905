import { expect, it } from 'vitest'
import { networkOf } from '../../src/rules/network.ts'

it.each([
  ['2001:db8:0:12:abcd::1', '2001:db8:0:12'],
  ['2001:DB8::1', '2001:db8:0:0'],
  ['2001:0db8:0000:0012:0001:0002:0003:0004', '2001:db8:0:12'],
  ['::1', '0:0:0:0'],
  ['1::2:3:4:5:6', '1:0:0:2'],
  ['::2:3:4:5:6:7:8', '0:2:3:4'],
  ['::ffff:192.0.2.7', '0:0:0:0'],
  ['1:2:3::4:5:6:7:8:9', '1:2:3:4'],
  ['0.0.0.0', '0.0.0.0'],
  ['unknown', 'unknown'],
])('an address %s belongs to %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
