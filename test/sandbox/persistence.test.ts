// What lies in storage: all that a sandbox knows, and nothing for those who were never let in.
import { listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { mint } from '../../src/http/token.ts'
import { admin } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { basic, bindings, connect, freshUser, request } from '../support/api.ts'
import { ITEM, LIBRARY, sessionIn, unknownId, type State } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { advanceClock, evict, freezeClock, tracesOf } from '../support/sandbox.ts'

// What was stored has no mark of the binding that it came by.
describe('a sandbox that was put out of memory', () => {
  it.each(['ACTIVE', 'DONE', 'ERROR', 'CANCELED'] as const satisfies State[])(
    'knows an update session that is %s as it was',
    async (state) => {
      const client = await connect()
      const id = await sessionIn(client, state)
      const before = await client.get(id)

      await evict(client.user)

      await expect(client.get(id)).resolves.toEqual(before)
    },
  )

  it('knows its logins, and which of them have ended', async () => {
    const client = await connect()
    const other = await client.login()
    await other.logout()

    await evict(client.user)

    await expect(client.whoAmI()).resolves.toMatchObject({ user: client.user })
    await expect(other.whoAmI()).rejects.toMatchObject({ status: 401 })
  })

  it('knows libraries, items, progress, warnings and what a Client-Token made', async () => {
    const client = await connect()
    const token = crypto.randomUUID()
    const itemId = await client.items.create({ library_id: LIBRARY, name: 'other', type: 'iso' })
    const spec = { library_item_id: itemId, warning_behavior: [{ type: 'EXPIRED_CERTIFICATE', ignored: true }] }
    const id = await client.create(spec, token)
    await client.keepAlive(id, 40)
    const before = [await client.items.get(itemId), await client.libraries.get(LIBRARY), await client.get(id)]

    await evict(client.user)

    expect([await client.items.get(itemId), await client.libraries.get(LIBRARY), await client.get(id)]).toEqual(before)
    await expect(client.create(spec, token)).resolves.toBe(id)
  })

  it('knows its files, what has arrived of them, and where the rest is to be sent', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), 'hello')
    const waiting = await files.push('b.iso')
    const before = await files.list()

    await evict(client.user)

    await expect(files.list()).resolves.toEqual(before)
    await upload(waiting, 'world')
    await evict(client.user)
    await client.complete(id)
    await expect(client.items.get(ITEM)).resolves.toMatchObject({ content_version: '2' })
  })

  it('knows what time it is there', async () => {
    const client = await connect()
    await freezeClock(client.user)
    const id = await client.create({ library_item_id: ITEM })
    await advanceClock(client.user, 299_999)

    await evict(client.user)

    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    await advanceClock(client.user, 1)
    await evict(client.user)
    await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
  })

  it('still holds that an item has one ACTIVE session', async () => {
    const client = await connect()
    await client.create({ library_item_id: ITEM })

    await evict(client.user)

    await expect(client.create({ library_item_id: ITEM })).rejects.toMatchObject({ errorType: 'RESOURCE_BUSY' })
  })
})

/** Whatever a stranger sends, with nothing but what they made up. */
const strangers: [string, () => Promise<unknown>][] = [
  ...bindings.flatMap(({ name, clientOf }): [string, () => Promise<unknown>][] => [
    [`a made-up token through ${name}`, () => clientOf('x', 'made-up').whoAmI()],
    [
      `a token sealed elsewhere through ${name}`,
      async () => clientOf('x', await mint(freshUser(), 'another key')).list(),
    ],
    [
      `a cancel with a made-up token through ${name}`,
      async () => clientOf('x', await mint(freshUser(), 'another key')).cancel(unknownId()),
    ],
  ]),
  ['no token', () => request('/api/session')],
  ['a login without a password', () => login(basic(freshUser(), ''))],
  ['a login that is no login', () => login('Basic !!!')],
  ['an unknown path', () => request('/api/nothing')],
  ['an upload to a made-up address', () => request('/cls/data/made-up/a.iso', { method: 'PUT', body: 'hello' })],
  [
    'an upload to an address sealed elsewhere',
    async () => request(`/cls/data/${await mint(freshUser(), 'another key')}/a.iso`, { method: 'PUT', body: 'hello' }),
  ],
  ['a download', () => request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`)],
  [
    'a download with a token sealed elsewhere',
    async () =>
      request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, {
        headers: { 'vmware-api-session-id': await mint(freshUser(), 'another key') },
      }),
  ],
  ['a journal with a made-up token', () => request('/nothing', { headers: { 'vmware-api-session-id': 'made-up' } })],
]
const login = (authorization: string) => request('/api/session', { method: 'POST', headers: { authorization } })

/**
 * The ids of all sandboxes that have a file, and the keys of all content in the bucket. Earlier tests' markers may still come,
 * and the next attempts of their pulls, each an object of its own: a sandbox alone begins them.
 */
const everything = async () => [
  ...(await listDurableObjectIds(env.SANDBOXES)).map(String),
  ...(await env.CONTENT.list()).objects.map(({ key }) => key).filter((key) => !key.startsWith('sandboxes/')),
]

describe('a stranger', () => {
  it.each(strangers)('leaves nothing behind by %s', async (_, ask) => {
    const before = await everything()

    const answer = await ask().catch((error: unknown) => error)

    expect(answer).toMatchObject({ status: expect.toSatisfy((status: number) => status >= 400) })
    expect(await everything()).toEqual(before)
  })

  it.each(bindings)(
    'with a token good for a sandbox that is gone writes nothing there through $name',
    async (binding) => {
      const user = freshUser()
      const client = binding.clientOf(user, await mint(user, env.TOKEN_KEY))

      await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
      await expect(client.create({ library_item_id: ITEM })).rejects.toMatchObject({ status: 401 })

      expect(await tracesOf(user)).toEqual([])
    },
  )

  it('with an upload address good for a sandbox that is gone writes nothing there', async () => {
    const user = freshUser()

    const response = await request(`/cls/data/${await mint(user, env.TOKEN_KEY)}/a.iso`, { method: 'PUT', body: 'a' })

    expect(response.status).toBe(404)
    expect(await tracesOf(user)).toEqual([])
  })
})

describe('a caller of the admin API', () => {
  it.each(['/clock', '/requests', '/faults', '/sandboxes', '/view'])(
    'about a sandbox that is not there, at %s, makes none',
    async (path) => {
      const user = freshUser()

      await admin(user, 'GET', path)

      expect(await tracesOf(user)).toEqual([])
    },
  )
})
