// What lies in storage for those who were never let in: nothing. That a sandbox which was put out of memory knows all that it knew is
// for bindings/model.test.ts and content/model.test.ts, which evict it.
import { listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { mint } from '../../src/http/token.ts'
import { admin } from '../support/admin.ts'
import { basic, bindings, freshUser, request } from '../support/api.ts'
import { ITEM, LIBRARY, unknownId } from '../support/client.ts'
import { tracesOf } from '../support/sandbox.ts'

const PUT = { method: 'PUT', body: 'hello' }
const FILE = `/cls/static/${LIBRARY}/${ITEM}/a.iso`
const withToken = (token: string) => ({ headers: { 'vmware-api-session-id': token } })
const sealedElsewhere = () => mint(freshUser(), 'another key')

/** Whatever a stranger sends, with nothing but what they made up. */
const strangers: [string, () => Promise<unknown>][] = [
  ...bindings.flatMap(({ name, clientOf }): [string, () => Promise<unknown>][] => [
    [`a made-up token through ${name}`, () => clientOf('x', 'made-up').whoAmI()],
    [`a token sealed elsewhere through ${name}`, async () => clientOf('x', await sealedElsewhere()).list()],
    [`a cancel with one through ${name}`, async () => clientOf('x', await sealedElsewhere()).cancel(unknownId())],
  ]),
  ['no token', () => request('/api/session')],
  ['a login without a password', () => login(basic(freshUser(), ''))],
  ['a login that is no login', () => login('Basic !!!')],
  ['an unknown path', () => request('/api/nothing')],
  ['an upload to a made-up address', () => request('/cls/data/made-up/a.iso', PUT)],
  ['an upload to an address sealed elsewhere', async () => request(`/cls/data/${await sealedElsewhere()}/a.iso`, PUT)],
  ['a download', () => request(FILE)],
  ['a download with a token sealed elsewhere', async () => request(FILE, withToken(await sealedElsewhere()))],
  ['a journal with a made-up token', () => request('/nothing', withToken('made-up'))],
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

  it.each(bindings)('with a token good for a sandbox that is gone writes nothing through $name', async (binding) => {
    const user = freshUser()
    const client = binding.clientOf(user, await mint(user, env.TOKEN_KEY))

    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
    await expect(client.create({ library_item_id: ITEM })).rejects.toMatchObject({ status: 401 })

    expect(await tracesOf(user)).toEqual([])
  })

  it('with an upload address good for a sandbox that is gone writes nothing there', async () => {
    const user = freshUser()

    const response = await request(`/cls/data/${await mint(user, env.TOKEN_KEY)}/a.iso`, { method: 'PUT', body: 'a' })

    expect(response.status).toBe(404)
    expect(await tracesOf(user)).toEqual([])
  })
})

it.each(['/clock', '/requests', '/sessions', '/faults', '/settings', '/sandboxes', '/view'])(
  '%s of the admin API makes no sandbox where there is none',
  async (path) => {
    const user = freshUser()

    await admin(user, 'GET', path)

    expect(await tracesOf(user)).toEqual([])
  },
)
