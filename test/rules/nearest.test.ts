import { expect, it } from 'vitest'
import { hint, nearest } from '../../src/rules/nearest.ts'

const NAMES = ['port', 'host', 'https', 'SESSION_IDLE_SECONDS', 'SESSION_RETENTION_SECONDS', 'TOKEN_KEY']

it.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['http', 'https'],
  ['hosts', 'host'],
  ['SESSION_IDLE', 'SESSION_IDLE_SECONDS'],
  ['SESSION_RETENTION', 'SESSION_RETENTION_SECONDS'],
  // Four of nine characters are missing; "port" is as far, and shorter.
  ['TOKEN', 'TOKEN_KEY'],
  // Half of it is another: the limit.
  ['poxy', 'port'],
  ['pxyz', undefined],
  ['timeout', undefined],
  ['', undefined],
])('takes %j for %s', (given, name) => {
  expect(nearest(given, NAMES)).toBe(name)
})

it('takes nothing for a name where there is none', () => {
  expect(nearest('', [])).toBe(undefined)
})

it.each([
  ['prot', 'Did you mean port?'],
  ['timeout', 'There are: port, host.'],
])('says of %j: %s', (given, words) => {
  expect(hint(given, ['port', 'host'])).toBe(words)
})
