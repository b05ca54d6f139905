import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { connect } from '../support/api.ts'
import { sessionIn } from '../support/client.ts'

const names = async () => {
  const { body } = await admin('user', 'GET', '/sandboxes')
  return ((body['sandboxes'] as { name: string }[] | undefined) ?? []).map(({ name }) => name)
}
/** A sandbox is listed a moment after its first login. */
const isListed = (user: string) => expect.poll(() => names()).toContain(user)

describe('the sandboxes', () => {
  it('are listed after the first login', async () => {
    const before = Date.now()
    const older = await connect()
    await isListed(older.user)
    const newer = await connect()
    await isListed(newer.user)

    const { body } = await admin('user', 'GET', '/sandboxes')
    const listed = body['sandboxes'] as unknown as { name: string; created_at: string }[]
    expect(listed.map(({ name }) => name).slice(0, 2)).toEqual([newer.user, older.user])
    const createdAt = Date.parse(listed[1]?.created_at ?? '')
    expect(createdAt).toBeGreaterThanOrEqual(before)
    expect(createdAt).toBeLessThanOrEqual(Date.now())
  })

  it('can be reset all at once', async () => {
    const clients = await Promise.all([connect(), connect()])
    await Promise.all(clients.map((client) => sessionIn(client, 'DONE')))
    await Promise.all(clients.map(({ user }) => isListed(user)))

    await admin('user', 'POST', '/sandboxes/reset')

    for (const client of clients) await expect((await client.login()).list()).resolves.toEqual([])
  })
})
