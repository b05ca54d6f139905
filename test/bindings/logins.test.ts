// Who is let in, for how long, and what they see: API sessions (reference 7).
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { mint, sandboxOf } from '../../src/http/token.ts'
import { bindings, freshUser } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import type { Client } from '../support/client.ts'
import { loginForms } from '../support/login-forms.ts'
import { advanceClockOnly, freezeClock } from '../support/sandbox.ts'
import { fetchWith } from '../support/worker.ts'

const IDLE_MS = 1_800_000
const unauthenticated = {
  status: 401,
  errorType: 'UNAUTHENTICATED',
  messages: [{ id: 'com.vmware.vapi.endpoint.method.authentication.required', args: [] }],
}
const notFound = { status: 404, errorType: 'NOT_FOUND' }

/** Uses an API session at a moment that is known: the last use is noted to the second. */
async function used(client: Client): Promise<void> {
  await freezeClock(client.user)
  await advanceClockOnly(client.user, 1000)
  await client.whoAmI()
}

describe.each(bindings)('an API session through $name', ({ connect, clientOf }) => {
  it('knows whose it is, since when, and when it was used last', async () => {
    const client = await connect()
    const now = await freezeClock(client.user)
    await advanceClockOnly(client.user, 60_000)
    await client.whoAmI()
    await advanceClockOnly(client.user, 500)

    const who = await client.whoAmI()

    expect(who).toEqual({
      user: client.user,
      created_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      last_accessed_time: new Date(now + 60_500).toISOString(),
    })
    expect(Date.parse(who.created_time)).toBeLessThanOrEqual(now)
  })

  it('ends at its logout, at once and for good', async () => {
    const { client, id } = await aSession(connect)

    await client.logout()

    await expect(client.whoAmI()).rejects.toMatchObject(unauthenticated)
    await expect(client.cancel(id)).rejects.toMatchObject(unauthenticated)
    await expect(client.logout()).rejects.toMatchObject(unauthenticated)
    await expect((await connect(client.user)).get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it('outlives the logout of another of the same user', async () => {
    const client = await connect()
    const other = await client.login()
    await other.logout()
    await expect(client.whoAmI()).resolves.toMatchObject({ user: client.user })
  })

  it('ends once it was idle for half an hour, to the millisecond', async () => {
    const client = await connect()
    await used(client)
    await advanceClockOnly(client.user, IDLE_MS - 1)
    await expect(client.whoAmI()).resolves.toMatchObject({ user: client.user })

    await advanceClockOnly(client.user, IDLE_MS)

    await expect(client.whoAmI()).rejects.toMatchObject(unauthenticated)
  })

  it('is kept alive by what is refused as by what is done', async () => {
    const client = await connect()
    await used(client)
    await advanceClockOnly(client.user, IDLE_MS - 1)
    await expect(client.get('none')).rejects.toMatchObject(notFound)

    await advanceClockOnly(client.user, IDLE_MS - 1)

    await expect(client.whoAmI()).resolves.toMatchObject({ user: client.user })
  })

  it.each([
    ['nothing', () => ''],
    ['any word', () => 'abc'],
    ['a UUID', () => crypto.randomUUID()],
    ['a good token with one digit changed', (token: string) => token.replace(/.$/, (end) => (end === '0' ? '1' : '0'))],
    ['a good token cut short', (token: string) => token.slice(0, -1)],
    ['a good token and more', (token: string) => `${token}0`],
    ['a good token in capitals', (token: string) => token.toUpperCase()],
    ["a good token under another user's name", (token: string) => token.replace(/^[^.]+/, btoa('somebody'))],
    ['two good tokens', (token: string) => `${token}, ${token}`],
    ['a token of another deployment', (_: string, user: string) => mint(user, 'another key')],
    ['a token that was never given out', (_: string, user: string) => mint(user, env.TOKEN_KEY)],
    ['a token of a user who was never here', () => mint(freshUser(), env.TOKEN_KEY)],
  ])('is not had by %s for a token', async (_, spell) => {
    const { user, token } = await connect()
    const client = clientOf(user, await spell(token, user))
    await expect(client.whoAmI()).rejects.toMatchObject(unauthenticated)
    await expect(client.list()).rejects.toMatchObject(unauthenticated)
  })

  it('sees nothing of another user, and changes nothing of theirs', async () => {
    const { client: owner, id } = await aSession(connect)
    const before = await owner.get(id)
    const { list, get, cancel, files } = await connect()

    await expect(list()).resolves.toEqual([])
    for (const ask of [get, cancel, files.list]) await expect(ask(id)).rejects.toMatchObject(notFound)

    expect(await owner.get(id)).toEqual(before)
  })
})

it.each(loginForms)('a deployment that names who may log in, asked over %s, lets in no other', async (_, spell) => {
  // Of its own: the wrong passwords of one address are counted, whichever test shows them.
  const address = crypto.randomUUID()
  const login = async (password: string) => {
    const [path, init] = spell('ada', password)
    const asked = new Request(`https://vcenter.test${path}`, init)
    asked.headers.set('cf-connecting-ip', address)
    const answer = await fetchWith({ CREDENTIALS: 'ada:lovelace,grace:hopper' }, asked)
    return [/UNAUTHENTICATED|InvalidLogin/.test(await answer.text()), answer.headers.has('set-cookie')]
  }

  expect(await login('lovelace')).toEqual([false, true])
  for (const wrong of ['hopper', 'Lovelace', 'lovelace,grace:hopper', ''])
    expect(await login(wrong)).toEqual([true, false])
})

it.each([
  ['without its random part', (token: string) => token.slice(0, -32), env.TOKEN_KEY],
  ['with a seal of its own', (token: string) => token.replace(/\.[0-9a-f]{32}/, `.${'0'.repeat(32)}`), env.TOKEN_KEY],
  ['of another key', (token: string) => token, 'another key'],
])('a token %s leads to no sandbox, also after a good one has', async (_, spell, key) => {
  const user = freshUser()
  const token = await mint(user, env.TOKEN_KEY)
  expect(await sandboxOf(token, env.TOKEN_KEY)).toBe(user)
  expect(await sandboxOf(spell(token), key)).toBeUndefined()
})
