// Small content: a row of its sandbox. What comes at once is one call, and nothing is in the bucket.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { releaseMemory, takeAtOnce } from '../../src/content/memory.ts'
import { SMALL_BYTES } from '../../src/content/store.ts'
import { admin } from '../support/admin.ts'
import { bindings } from '../support/api.ts'
import { aSession, inBucket, isHeldRight, LARGE, sandboxOf, storedBy, tokenOf, underWay } from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client, type UpdateFile } from '../support/client.ts'
import { digest, upload } from '../support/files.ts'
import { request } from '../support/http.ts'
import { rowsOf } from '../support/sandbox.ts'
import { bind, instead, stopTime, within } from '../support/stand-ins.ts'
import { uploadWith } from '../support/worker.ts'

/** Sends a body, and answers with the status and what its sandbox was asked meanwhile. */
async function send(client: Client, file: UpdateFile, body: BodyInit) {
  const calls: string[] = []
  const stub = sandboxOf(client)
  const watched = (['takeUpload', 'beginTransfer', 'reportProgress', 'stopped', 'endTransfer'] as const).map(
    (method) => [
      method,
      (...given: never[]) => {
        calls.push(method)
        return (stub[method] as (...given: never[]) => unknown)(...given)
      },
    ],
  )
  const sandbox = instead(stub, Object.fromEntries(watched))
  const SANDBOXES = instead(env.SANDBOXES, { getByName: () => sandbox })
  return { status: await uploadWith({ SANDBOXES }, file, body), calls }
}

const chunked = (text: string) => new Blob([text]).stream().pipeThrough(new IdentityTransformStream())
const text = (sizeBytes: number) => LARGE.slice(0, sizeBytes)
const download = async ({ token }: Client, headers: Record<string, string> = {}) =>
  request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, { headers: { 'vmware-api-session-id': token, ...headers } })

it.each([
  ['no bytes', '', true],
  ['some bytes', 'hello', true],
  ['as many bytes as are small', text(SMALL_BYTES), true],
  ['one byte more', LARGE, false],
])('a body that comes at once of %s, with its length and without', async (_, body, isSmall) => {
  stopTime()
  for (const as of [(whole: string) => whole, chunked]) {
    const { client, id, files } = await aSession()

    const { status, calls } = await send(client, await files.push('a.iso'), as(body))

    expect([status, calls]).toEqual([200, isSmall ? ['takeUpload'] : ['beginTransfer', 'endTransfer']])
    const key = await keyOf(client)
    expect(await inBucket(client)).toEqual(isSmall ? [] : [key])
    expect(await storedBy(client)).toEqual([key])
    const checksum_info = { algorithm: 'SHA1', checksum: await digest('SHA-1', body) }
    expect(await files.get('a.iso')).toMatchObject({
      status: 'READY',
      size: body.length,
      bytes_transferred: body.length,
      checksum_info,
    })
    await client.complete(id)
    expect(await (await download(client)).text()).toBe(body)
  }
})

const keyOf = async (client: Client) => (await rowsOf(client.user, 'update_file')).at(-1)?.['content_key']

it('a small body that takes its time is transferring, and a row of its sandbox in the end', async () => {
  const { client, files } = await aSession()
  const { answer, end } = await underWay(files, await files.push('a.iso'))

  await end()

  expect(await answer).toBe(200)
  expect([await inBucket(client), await storedBy(client)]).toEqual([[], [await keyOf(client)]])
  expect(await rowsOf(client.user, 'content')).toEqual([])
  expect(await rowsOf(client.user, 'held')).toEqual([{ bytes: 5, small_bytes: 5 }])
})

describe.each(bindings)('small content, through $name,', ({ connect }) => {
  it('goes with the answer that releases it: nothing is to be purged', async () => {
    const { client, id, files } = await aSession(connect)
    await upload(await files.push('a.iso'), 'hello')
    await bind(client, { CONTENT: instead(env.CONTENT, { list: fails, delete: fails }) })

    await client.cancel(id)

    const rows = ['small_content', 'content'].map((table) => rowsOf(client.user, table))
    expect(await Promise.all(rows)).toEqual([[], []])
    expect(await rowsOf(client.user, 'held')).toEqual([{ bytes: 0, small_bytes: 0 }])
  })
})

describe('a small body that comes at once', () => {
  beforeEach(stopTime)

  it('is counted and verified, and not kept, where content is discarded', async () => {
    const { client, id, files } = await aSession()
    await admin(client.user, 'POST', '/settings', { content_retention: 'discard' })

    const { status, calls } = await send(client, await files.push('a.iso'), 'hello')

    expect([status, calls]).toEqual([200, ['takeUpload']])
    expect(await files.get('a.iso')).toMatchObject({ status: 'READY', size: 5 })
    expect(await storedBy(client)).toEqual([])
    await client.complete(id)
    expect(await isHeldRight(client)).toBe(true)
    const wrong = await client.create({ library_item_id: ITEM })
    const file = await client.files.add(wrong, { name: 'b.iso', source_type: 'PUSH', size: 6 })
    expect((await send(client, file, 'hello')).status).toBe(400)
  })

  it('and is more than there is room for is cut as any other, and its file says so', async () => {
    const { client, files } = await aSession()
    await admin(client.user, 'POST', '/settings', { store_bytes: 4 })

    const { status } = await send(client, await files.push('a.iso'), chunked('hello'))

    expect(status).toBe(507)
    const error_message = { id: 'update_session_mock.store_full' }
    expect(await files.get('a.iso')).toMatchObject({ status: 'WAITING_FOR_TRANSFER', error_message })
    const { body } = await admin(client.user, 'GET', '/sessions')
    expect(body).toMatchObject({ sessions: [{ files: [{ status: 'WAITING_FOR_TRANSFER', error_message }] }] })
    expect(await storedBy(client)).toEqual([])
  })

  it('is broken off by a fault on its way', async () => {
    const { client, files } = await aSession()
    const fault = { operation: 'upload', connection: 'reset', after_bytes: 3, times: 1 }
    await admin(client.user, 'POST', '/faults', fault)
    const file = await files.push('a.iso')

    const { calls } = await send(client, file, 'hello')

    expect(calls).toEqual(['takeUpload', 'endTransfer'])
    expect(await files.get('a.iso')).toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
    expect((await send(client, file, 'hello')).status).toBe(200)
  })

  it('leaves the memory that it took: more than there is come one after the other', async () => {
    const { client, files } = await aSession()
    const file = await files.push('a.iso')
    const other = { isSilent: () => false }
    onTestFinished(() => releaseMemory(other))
    await expect.poll(() => takeAtOnce(62 * 1024 * 1024, other)).toBe(true)

    for (let sentBytes = 0; sentBytes <= 2 * 1024 * 1024; sentBytes += SMALL_BYTES)
      expect((await send(client, file, text(SMALL_BYTES))).calls).toEqual(['takeUpload'])
  })
})

it('what a sandbox holds besides content is limited, and content in rows is no part of it', async () => {
  const { client } = await aSession()
  const create = () => client.items.create({ library_id: LIBRARY, name: crypto.randomUUID() })
  const hold = (bytes: number) => within(client, (_, { sql }) => sql.exec('UPDATE held SET small_bytes = ?', bytes))
  const fullBytes = 256 * 1024 * 1024
  const usedBytes = await within(client, (_, { sql }) => sql.databaseSize)
  // As if so much less of the database were content.
  await hold(usedBytes - fullBytes + 1024 * 1024)
  await create()

  await hold(usedBytes - fullBytes - 1024 * 1024)

  await expect(create()).rejects.toThrow('as much as it may')
  await hold(usedBytes - fullBytes + 1024 * 1024)
  await create()
})

const fails = () => Promise.reject(new Error('nothing is asked of the bucket'))

it.each([
  ['at once', atOnce, ['takeUpload', 'endTransfer']],
  ['slowly', slow, ['beginTransfer', 'endTransfer']],
] as const)('a sandbox full of small content takes as parts what comes %s', async (_, as, expected) => {
  const { client, id, files } = await aSession()
  await within(client, (_, { sql }) => sql.exec('UPDATE held SET small_bytes = ?', 64 * 1024 * 1024 - 4))

  const { status, calls } = await send(client, await files.push('a.iso'), as('hello'))

  expect(status).toBe(200)
  expect(calls.filter((call) => expected.some((each) => each === call))).toEqual(expected)
  expect([await inBucket(client), await rowsOf(client.user, 'small_content')]).toEqual([[await keyOf(client)], []])
  await upload(await files.push('b.iso'), 'four')
  expect(await inBucket(client)).toHaveLength(1)
  await client.complete(id)
  expect(await (await download(client, { range: 'bytes=1-2' })).text()).toBe('el')
})

/** However slow the machine is. */
function atOnce(body: string): string {
  stopTime()
  return body
}

/** Its end does not come at once. */
function slow(body: string): ReadableStream {
  const { readable, writable } = new IdentityTransformStream()
  const write = async () => {
    const writer = writable.getWriter()
    await writer.write(new TextEncoder().encode(body))
    await scheduler.wait(200)
    await writer.close()
  }
  write().catch(() => undefined)
  return readable
}

it('a body that is told to another sandbox than its own is refused, and nothing is kept', async () => {
  const { client, files } = await aSession()
  const other = await aSession()
  const { upload_endpoint } = await files.push('a.iso')
  const whole = { id: crypto.randomUUID(), bytes: new ArrayBuffer(5) }

  const taken = await sandboxOf(other.client).takeUpload(whole, {
    uploadToken: tokenOf(upload_endpoint?.uri),
    name: 'a.iso',
  })

  expect(taken).toMatchObject({ result: { ok: false, failure: { type: 'NOT_FOUND' } } })
  expect([await storedBy(client), await storedBy(other.client)]).toEqual([[], []])
})
