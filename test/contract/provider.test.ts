// The worker keeps the committed pact, all of it.
import { expect, it } from 'vitest'
import { readPact, verify } from './verify.ts'

it('the worker keeps every interaction of the committed pact', async () => {
  const { interactions } = await readPact()

  const { code, said, complained } = await verify([])

  expect({ code, complained }, said).toEqual({ code: 0, complained: '' })
  for (const { description } of interactions) expect(said).toContain(`✓ update-session-client: ${description}\n`)
})
