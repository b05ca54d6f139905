// Which versions of Node start the mock: those that package.json names.
import { expect, it } from 'vitest'
import { engines } from '../../package.json'
import { whyNoNode } from '../../src/node/node-version.ts'

it.each(['22.18.0', '22.20.1', '24.0.0'])('Node %s starts the mock', (version) => {
  expect(whyNoNode(version)).toBeUndefined()
})

it.each(['18.20.8', '20.20.2', '22.17.9'])('Node %s is told which one is needed', (version) => {
  expect(whyNoNode(version)).toBe(`update-session-mock needs Node 22.18 or newer, and this is ${version}.`)
  expect(engines.node).toBe('>=22.18')
})
