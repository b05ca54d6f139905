// What a sandbox can be asked by RPC: few methods, so that what goes between the Worker and its objects can be read at once.
import { expect, it } from 'vitest'
import { Sandbox } from '../../src/sandbox/sandbox.ts'

it('a sandbox has at most 20 methods, and its alarm', () => {
  const methods = Object.getOwnPropertyNames(Sandbox.prototype).filter(
    (name) => !['constructor', 'alarm'].includes(name),
  )

  expect(methods.length).toBeLessThanOrEqual(20)
})
