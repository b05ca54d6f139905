// Which requests a pattern means: what may be asked, and what it may cost.
import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { admin, entriesOf } from '../support/admin.ts'
import { ok } from '../../src/rules/failure.ts'
import { connect } from '../support/api.ts'
import type { Client } from '../support/client.ts'
import { aRequest, rowsOf } from '../support/sandbox.ts'

const expectRefused = async (way: string, pattern: object, errors: object[]) =>
  expect(await admin('user', 'POST', `/requests/${way}`, pattern)).toMatchObject({ status: 422, body: { errors } })

const metaOf = async ({ user }: Client) => (await admin(user, 'GET', '/requests')).body['meta']
const lists = async (client: Client, count: number) => {
  for (let calls = 0; calls < count; calls += 1) await client.list()
}

it.each(['http', 'https'])(
  'the whole address of a request is one of %s where the mock is asked by that',
  async (scheme) => {
    const { user } = await connect()
    const headers = { 'x-mock-sandbox': user, host: 'localhost:8989' }

    const asked = new Request(`${scheme}://localhost:8989/__admin/requests`, { headers })
    const { requests } = await (await exports.default.fetch(asked)).json<{ requests: object[] }>()

    const absoluteUrl: unknown = expect.stringMatching(`^${scheme}://.+/api/session$`)
    expect(requests).toMatchObject([{ request: { absoluteUrl } }])
  },
)

describe('a journal that has dropped requests', () => {
  it('says how many, until it is emptied', async () => {
    const client = await connect()
    const counted = async () => (await admin(client.user, 'POST', '/requests/count', { operation: 'cancel' })).body
    await admin(client.user, 'POST', '/settings', { journal_size: 5 })
    await expect(client.cancel('none')).rejects.toMatchObject({ status: 404 })
    expect(await counted()).toEqual({ count: 1, requestJournalDisabled: false })

    await lists(client, 9)

    // A login, the cancel, and nine others.
    expect(await counted()).toMatchObject({ count: 0, droppedRequests: 6 })
    expect(await metaOf(client)).toEqual({ total: 5, droppedRequests: 6 })
    await admin(client.user, 'DELETE', '/requests')
    expect(await counted()).toEqual({ count: 0, requestJournalDisabled: false })
    expect(await metaOf(client)).toEqual({ total: 0 })
  })

  it('keeps as many as it may, also where some between them were taken out', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/settings', { journal_size: 10 })
    await lists(client, 9)
    const listed = await entriesOf<{ id: string }>(client.user)
    for (const { id } of listed.slice(1, 8)) await admin(client.user, 'DELETE', `/requests/${id}`)

    await lists(client, 7)

    expect(await metaOf(client)).toEqual({ total: 10 })
    await client.list()
    expect(await metaOf(client)).toEqual({ total: 10, droppedRequests: 1 })
  })

  it('stores no more than it may, also where it is not read', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/settings', { journal_size: 3 })
    const stored = async () => (await rowsOf(client.user, 'journal')).map(({ seq }) => seq)

    await lists(client, 2)
    await expect.poll(() => stored()).toEqual([1, 2, 3]) // after the login
    await lists(client, 3)

    await expect.poll(() => stored()).toEqual([4, 5, 6])
  })

  it('keeps no more than it may from the moment on that it may keep less', async () => {
    const client = await connect()
    await lists(client, 5)
    await metaOf(client)

    await admin(client.user, 'POST', '/settings', { journal_size: 2 })

    expect(await metaOf(client)).toEqual({ total: 2, droppedRequests: 4 })
  })

  it.each([
    ['as they come', 1000],
    ['and all are written at once', 20],
  ])('drops the oldest of large answers, %s, before they are too many to be read', async (_, atOnce) => {
    const client = await connect()
    await admin(client.user, 'DELETE', '/requests')
    const sandbox = env.SANDBOXES.getByName(client.user)
    const result = ok('x'.repeat(60_000))
    for (let sent = 0; sent < 600; sent += 1) {
      await sandbox.record(aRequest(`${sent}`), { result, user: client.user })
      if (sent % atOnce === 0) await sandbox.view({ requests: 0 })
    }

    const { total, droppedRequests } = (await metaOf(client)) as unknown as { total: number; droppedRequests: number }
    expect(total + droppedRequests).toBe(600)
    expect(total * 60_000).toBeGreaterThan(11 * 2 ** 20)
    expect(total * 60_000).toBeLessThan(12 * 2 ** 20)
  })
})

describe.each(['count', 'find', 'remove'])('requests/%s', (way) => {
  it.each([
    [{ urlPattern: '(a+)+' }, 'urlPattern', 'url or urlGlob'],
    [{ urlPathPattern: '/api/.*' }, 'urlPathPattern', 'urlPath or urlPathGlob'],
    [{ bodyPatterns: [{ matches: '(a+)+' }] }, 'bodyPatterns.0.matches', 'equalTo, contains or glob'],
    [{ bodyPatterns: [{ doesNotMatch: 'a' }] }, 'bodyPatterns.0.doesNotMatch', 'equalTo, contains or glob'],
    [{ headers: { accept: { matches: 'a' } } }, 'headers.accept.matches', 'equalTo, contains or glob'],
    [{ queryParameters: { a: { matches: 'a' } } }, 'queryParameters.a.matches', 'equalTo, contains or glob'],
  ])('says what to use instead of the expression in %j', async (pattern, field, instead) => {
    const title = `The field ${field}: regular expressions are not matched here; use ${instead}, in which * stands for any text.`
    await expectRefused(way, pattern, [{ title }])
  })

  it.each([
    [{ headers: { 'X-Mine': { absent: true } } }, 'The journal does not keep the header X-Mine.', 'user-agent'],
    [{ operation: 'cancell' }, 'No operation is named cancell.', 'com.vmware.cis.session.create'],
  ])('refuses %j, of which there is none, and names those that there are', async (pattern, title, name) => {
    await expectRefused(way, pattern, [{ title, valid: expect.arrayContaining([name]) }])
  })

  it.each([
    [{ method: 'get' }, 'method: write a method of HTTP, as GET, or ANY'],
    [{ url: 'api/session' }, 'url: begin with /'],
    [{ urlPath: 'http://localhost/api/session' }, 'urlPath: begin with /'],
    [{ urlGlob: 'api/*' }, 'urlGlob: begin with / or *'],
    [{ urlPathGlob: '' }, 'urlPathGlob: begin with / or *'],
    [{ status: 20 }, 'status'],
    [{ headers: { accept: { absent: true, contains: 'json' } } }, 'headers.accept: absent stands alone'],
    [{ headers: { Authorization: { contains: 'Bearer' } } }, 'headers.Authorization: the journal keeps *** of it'],
  ])('refuses %j, which fits no request', async (pattern, why) => {
    await expectRefused(way, pattern, [{ title: expect.stringContaining(`The field ${why}`) }])
  })

  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`p${index}`, { equalTo: 'x' }]))
  it.each([
    [{ headers: eleven }, 'headers'],
    [{ queryParameters: eleven }, 'queryParameters'],
    [{ bodyPatterns: Object.values(eleven) }, 'bodyPatterns'],
    [{ url: `/${'x'.repeat(256)}` }, 'url'],
    [{ urlGlob: '*'.repeat(257) }, 'urlGlob'],
    [{ operation: '*'.repeat(257) }, 'operation'],
    [{ headers: { ['x'.repeat(257)]: { absent: true } } }, 'headers'],
  ])('refuses a pattern that is too large: %.40j', async (pattern, field) => {
    await expectRefused(way, pattern, [{ title: expect.stringContaining(`The field ${field}`) }])
  })
})
