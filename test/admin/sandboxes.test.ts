import { describe, expect, it } from 'vitest'
import { admin, fetchLocally } from '../support/admin.ts'
import { connect, freshUser, request } from '../support/api.ts'
import { sessionIn } from '../support/client.ts'

const names = async () => {
  const { body } = await admin('user', 'GET', '/sandboxes')
  return ((body['sandboxes'] as { name: string }[] | undefined) ?? []).map(({ name }) => name)
}

describe('the sandboxes', () => {
  it('are listed once somebody has logged in', async () => {
    const { user } = await connect()

    expect(await names()).toContain(user)
  })

  it('are not listed, nor made, by looking', async () => {
    const user = freshUser()
    for (const path of ['/requests', '/sessions', '/faults', '/clock', '/settings']) await admin(user, 'GET', path)

    expect(await names()).not.toContain(user)
  })

  it('can be removed, with everything in them', async () => {
    const client = await connect()
    await sessionIn(client, 'ACTIVE')

    await admin('user', 'DELETE', `/sandboxes/${client.user}`)

    expect(await names()).not.toContain(client.user)
    await expect(client.list()).rejects.toMatchObject({ status: 401 })
    await expect((await client.login()).list()).resolves.toEqual([])
  })

  it('can be reset all at once', async () => {
    const clients = await Promise.all([connect(), connect()])
    await Promise.all(clients.map((client) => sessionIn(client, 'DONE')))

    await admin('user', 'POST', '/sandboxes/reset')

    for (const client of clients) await expect((await client.login()).list()).resolves.toEqual([])
  })
})

describe('a request that belongs to no sandbox', () => {
  it('is noted where the mock is at home, and nowhere else', async () => {
    const path = `/api/${crypto.randomUUID()}`
    await request(path)
    await admin('user', 'GET', '/health') // of the admin API nothing is noted
    const there = await fetchLocally(path)

    expect(there.status).toBe(404)
    await expect
      .poll(async () => JSON.stringify((await admin('user', 'GET', '/strays')).body).split(path).length - 1)
      .toBe(2) // url and absoluteUrl of one entry
  })
})
