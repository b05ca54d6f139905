import { expect, it } from 'vitest'
import { nearest } from '../../src/rules/nearest.ts'

const NAMES = ['port', 'host', 'https', 'SESSION_IDLE_SECONDS', 'SESSION_RETENTION_SECONDS', 'TOKEN_KEY']

it.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['http', 'https'],
  ['hosts', 'host'],
  ['SESSION_IDLE', 'SESSION_IDLE_SECONDS'],
  ['SESSION_RETENTION', 'SESSION_RETENTION_SECONDS'],
  ['', 'port'],
])('takes %j for %s', (given, name) => {
  expect(nearest(given, NAMES)).toBe(name)
})

it('takes nothing for a name where there is none', () => {
  expect(nearest('a', [])).toBe('')
})
