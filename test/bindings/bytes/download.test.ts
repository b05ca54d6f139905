// Downloads on conditions and in ranges: what a client that goes on where it stopped is given; and methods that are none.
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { PART_BYTES } from '../../../src/content/parts.ts'
import { admin, entriesOf } from '../../support/admin.ts'
import { connect } from '../../support/api.ts'
import { aSession, LARGE, sessionOf, settle } from '../../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../../support/client.ts'
import { upload } from '../../support/files.ts'
import { request } from '../../support/http.ts'
import { complaintsOfEach, instead, refuse } from '../../support/stand-ins.ts'
import { fetchWith } from '../../support/worker.ts'

/** A file of an item, and how it is asked for. */
async function aFile(path = `${LIBRARY}/${ITEM}/a.iso`) {
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), 'hello world')
  await client.complete(id)
  return async (headers: Record<string, string> = {}, method = 'GET') => {
    const login = { 'vmware-api-session-id': client.token }
    const answer = await request(`/cls/static/${path}`, { method, headers: { ...login, ...headers } })
    const [range, length] = ['content-range', 'content-length'].map((name) => answer.headers.get(name))
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', range, length, text: await answer.text() }
  }
}

async function publish(client: Client, content: string): Promise<void> {
  const { id, files } = await sessionOf(client)
  await upload(await files.push('a.iso'), content)
  await client.complete(id)
}

const complaints = complaintsOfEach()

describe('a download that is under way', () => {
  it.each<[string, (client: Client) => Promise<unknown>]>([
    ['its file is replaced', async (client) => publish(client, 'other')],
    ['its item is deleted', (client) => client.items.delete(ITEM)],
    ['its sandbox is reset', ({ user }) => admin(user, 'POST', '/reset')],
    ['its sandbox is removed', ({ user }) => admin(user, 'DELETE', `/sandboxes/${user}`)],
  ])('breaks off when %s, and the log says that it was deleted', async (_, change) => {
    const client = await connect()
    await publish(client, 'x'.repeat(3 * PART_BYTES))
    const headers = { 'vmware-api-session-id': client.token }
    const answer = await request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, { headers })

    await change(client)
    await settle(client)

    await expect(answer.arrayBuffer()).rejects.toThrow()
    expect(complaints).toEqual([expect.stringContaining('was deleted while it was downloaded')])
  })
})

describe('a download', () => {
  it.each([
    ['small', 'hello'],
    ['large', LARGE],
  ])('of %s content that was discarded finds nothing, however it asks', async (_, content) => {
    const { client, id, files } = await aSession()
    await admin(client.user, 'POST', '/settings', { content_retention: 'discard' })
    await upload(await files.push('a.iso'), content)
    await client.complete(id)
    await admin(client.user, 'POST', '/settings', { content_retention: 'keep' })
    const login = { 'vmware-api-session-id': client.token }
    const ask = async (method: string, headers = {}) =>
      (await request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, { method, headers: { ...login, ...headers } })).status

    const answers = [ask('GET'), ask('HEAD'), ask('GET', { range: 'bytes=-0' }), ask('GET', { 'if-none-match': '*' })]

    expect(await Promise.all(answers)).toEqual([404, 404, 404, 404])
    const [listed] = await (
      await request(`/api/content/library/item/${ITEM}/file`, { headers: login })
    ).json<object[]>()
    expect(listed).toMatchObject({ name: 'a.iso', cached: false })
    expect(listed).not.toHaveProperty('file_download_endpoint')
    await expect(client.items.get(ITEM)).resolves.toMatchObject({ cached: false })
    await expect(client.items.find({ cached: true })).resolves.toEqual([])
  })

  it('of bytes that the store has lost is answered with 500, and the journal tells so', async () => {
    const client = await connect()
    await publish(client, LARGE)
    const { objects } = await env.CONTENT.list({ prefix: `${env.SANDBOXES.idFromName(client.user).toString()}/` })
    await env.CONTENT.delete(objects.map(({ key }) => key))

    const headers = { 'vmware-api-session-id': client.token }
    const answer = await request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, { headers })

    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error_type: 'INTERNAL_SERVER_ERROR', messages: [{ args: ['a.iso'] }] })
    expect(complaints).toEqual([expect.stringContaining('part 0 is not there')])
    const journal = () => entriesOf<{ response: { status: number } }>(client.user)
    await expect.poll(async () => (await journal())[0].response.status).toBe(500)
  })

  it.each([
    ['', 200, null, 'hello world'],
    ['bytes=6-', 206, 'bytes 6-10/11', 'world'],
    ['bytes=0-4', 206, 'bytes 0-4/11', 'hello'],
    ['bytes=-5', 206, 'bytes 6-10/11', 'world'],
    ['bytes=11-', 416, 'bytes */11', ''],
    ['bytes=0-1,3-4', 200, null, 'hello world'],
    [`bytes=0-${'9'.repeat(300)}`, 200, null, 'hello world'],
  ])('of %s is answered %d', async (wanted, status, range, text) => {
    const download = await aFile()
    const etag = expect.stringMatching(/^".+"$/) as string
    expect(await download({ range: wanted })).toMatchObject({ status, range, text, etag })
  })

  it('of a range is all of the file where that is another than the client has a part of', async () => {
    const download = await aFile()
    const { etag } = await download()
    const from = async (tag: string) => (await download({ range: 'bytes=6-', 'if-range': tag })).text
    expect([await from(etag), await from('"other"')]).toEqual(['world', 'hello world'])
  })

  it.each([
    ['that it is the same', 'if-match', 200, 206, (etag: string) => etag],
    ['that it is one of several', 'if-match', 200, 206, (etag: string) => `"a", ${etag}`],
    ['that it is there', 'if-match', 200, 206, () => '*'],
    ['that it is another', 'if-match', 412, 412, () => '"other"'],
    ['that it is weakly the same', 'if-match', 412, 412, (etag: string) => `W/${etag}`],
    ['that it is not the same', 'if-none-match', 304, 304, (etag: string) => etag],
    ['that it is not weakly the same', 'if-none-match', 304, 304, (etag: string) => `"a", W/${etag}`],
    ['that it is not there', 'if-none-match', 304, 304, () => '*'],
    ['that it is not another', 'if-none-match', 200, 206, () => '"other"'],
  ])('on the condition %s (%s) is answered %d', async (_, name, all, piece, listOf) => {
    const download = await aFile()
    const { etag } = await download()
    const condition = { [name]: listOf(etag) }

    expect(await download(condition)).toMatchObject({ status: all, etag, text: all === 200 ? 'hello world' : '' })
    const part = { status: piece, text: piece === 206 ? 'world' : '' }
    expect(await download({ ...condition, range: 'bytes=6-' })).toMatchObject(part)
  })

  it('on two conditions is answered by that on the state which it changes first (RFC 9110, 13.2.2)', async () => {
    const download = await aFile()
    const { etag } = await download()
    expect((await download({ 'if-match': '"other"', 'if-none-match': etag })).status).toBe(412)
  })

  it.each([
    ['another library', `${ITEM}/${ITEM}/a.iso`, `The library item ${ITEM} was not found.`],
    ['another item', `${LIBRARY}/${LIBRARY}/a.iso`, `The library item ${LIBRARY} was not found.`],
    ['another file', `${LIBRARY}/${ITEM}/b.iso`, 'The file b.iso was not found.'],
    ['another version', `${LIBRARY}/${ITEM}/a.iso?version=2`, 'The file a.iso was not found in the version 2.'],
  ])('of %s is refused, and says which', async (_, path, words) => {
    const download = await aFile(path)
    const { status, text } = await download()
    const messages = [{ default_message: expect.stringContaining(words) }]
    expect([status, JSON.parse(text)]).toMatchObject([404, { error_type: 'NOT_FOUND', messages }])
  })

  it('is asked about by a HEAD without a look into the bucket', async () => {
    const client = await connect()
    await publish(client, LARGE)
    const headers = { 'vmware-api-session-id': client.token }
    const asked = new Request(`https://vcenter.test/cls/static/${LIBRARY}/${ITEM}/a.iso`, { method: 'HEAD', headers })
    const get = vi.fn(refuse)
    expect((await fetchWith({ CONTENT: instead(env.CONTENT, { get }) }, asked)).status).toBe(200)
    expect(get).not.toHaveBeenCalled()
  })

  it.each([{}, { range: 'bytes=0-1' }, { range: 'bytes=11-' }])(
    'is asked about by a HEAD as a whole: %j',
    async (sent) => {
      const download = await aFile()

      expect(await download(sent, 'HEAD')).toMatchObject({ status: 200, range: null, length: '11', text: '' })
    },
  )
})

describe('an address for bytes', () => {
  it.each(['GET', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS'])('of an upload has no %s, and says so', async (method) => {
    const { files } = await aSession()
    const { upload_endpoint } = await files.push('a.iso')
    await expectNoMethod(new URL(upload_endpoint?.uri ?? '').pathname, method, ['PUT', 'POST'])
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
  })

  it.each(['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])('of a download has no %s, and says what it has', (method) =>
    expectNoMethod(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, method, ['GET', 'HEAD']),
  )
})

async function expectNoMethod(path: string, method: string, methods: string[]): Promise<void> {
  const answer = await request(path, { method })

  expect([answer.status, answer.headers.get('allow')]).toEqual([404, methods.join(', ')])
  if (method === 'HEAD') return
  const messages = [{ default_message: expect.stringContaining(`There are: ${methods.join(', ')}.`) }]
  expect(await answer.json()).toMatchObject({ error_type: 'OPERATION_NOT_FOUND', messages })
}
