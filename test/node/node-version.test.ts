// Which versions of Node start the mock: those that package.json names.
import { expect, it } from 'vitest'
import { engines } from '../../package.json'
import { requireNode } from '../../src/node/node-version.ts'
import { COMMAND, run } from '../support/command.ts'

it.each(['22.18.0', '22.20.1', '24.0.0'])('Node %s starts the mock', (version) => {
  expect(() => requireNode(version)).not.toThrow()
})

it.each(['18.20.8', '20.20.2', '22.17.9'])('Node %s is told which one is needed', (version) => {
  expect(() => requireNode(version)).toThrow(`update-session-mock needs Node 22.18 or newer, and this is ${version}.`)
  expect(engines.node).toBe('>=22.18')
})

it.each(['--env', 'verify', 'smoke', 'mutants'])(
  '%s says so too, before it meets what an older one lacks',
  async (verb) => {
    const older = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); delete Promise.withResolvers`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(older)}` }

    expect(await run(COMMAND, [verb], { env })).toMatchObject({
      code: 3,
      complained: 'update-session-mock: update-session-mock needs Node 22.18 or newer, and this is 20.20.2.\n',
    })
  },
)
