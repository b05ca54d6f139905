// A sandbox deletes itself while it still waits for others.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { Sandbox } from '../../src/sandbox/sandbox.ts'
import { connect } from '../support/api.ts'
import { tracesOf } from '../support/sandbox.ts'

it('a sandbox that is removed while its alarm waits for the bucket leaves nothing, and nothing fails', async () => {
  const { user } = await connect()

  await runInDurableObject(env.SANDBOXES.getByName(user), async (sandbox, state) => {
    state.storage.sql.exec("INSERT INTO content VALUES ('nowhere', NULL, 0, 0)")
    const bucket = Promise.withResolvers<void>()
    const slow = new Proxy(env.CONTENT, {
      get: (target, name) =>
        name === 'delete' ? () => bucket.promise.then(() => target.delete('nowhere')) : Reflect.get(target, name),
    })
    const ringing = new Sandbox(state, { ...env, CONTENT: slow }).alarm()
    await sandbox.remove()
    bucket.resolve()
    await expect(ringing).resolves.toBeUndefined()
  })

  expect(await tracesOf(user)).toEqual([])
})
