// How much a sandbox stores: a transfer is cut at the byte that there is no room for.
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, connect } from '../support/api.ts'
import { LIBRARY, type Client } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { aSession, begin, isHeldRight, LARGE, sandboxOf, settle, storedBy, underWay } from '../support/bytes.ts'
import { asked, openGate, uriOf } from '../support/pulls.ts'

const limited = async (bytes: number, through?: () => Promise<Client>) => {
  const session = await aSession(through)
  await admin(session.client.user, 'POST', '/settings', { store_bytes: bytes })
  return session
}

describe.each(bindings)('a sandbox that stores as many bytes as it may, through $name', ({ connect }) => {
  const begin = async () => {
    const session = await limited(5, connect)
    await upload(await session.files.push('a.iso'), 'hello')
    return session
  }

  it('takes the bytes that fill it, refuses the next, and keeps what it has', async () => {
    const { client, id, files } = await begin()

    const next = upload(await files.push('b.iso'), 'more')

    await expect(next).rejects.toMatchObject({ status: 507, errorType: 'SERVICE_UNAVAILABLE' })
    await expect(next).rejects.toThrow('STORE_BYTES')
    await expect(upload(await files.push('b.iso'), '')).rejects.toMatchObject({ status: 507 })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    expect(await files.list()).toMatchObject([{ status: 'READY' }, { status: 'WAITING_FOR_TRANSFER' }])
  })

  it.each([
    ['small', 'hello'],
    ['large', LARGE],
  ])('has all of its room where it has discarded %s content', async (_, content) => {
    const { client, files } = await aSession(connect)
    await admin(client.user, 'POST', '/settings', { content_retention: 'discard' })
    const discarded = await files.push('a.iso')
    await upload(discarded, content)
    await admin(client.user, 'POST', '/settings', { content_retention: 'keep', store_bytes: 5 })

    await expect(upload(discarded, 'hello!')).rejects.toMatchObject({ status: 507 })
    await expect(upload(await files.push('b.iso'), 'hello')).resolves.toBe(200)
  })

  it('refuses a session that a test makes with content, and has nothing of it then', async () => {
    const { client, id } = await begin()
    const file = { name: 'c.iso', status: 'READY', content: 'more' }

    const { status, body } = await admin(client.user, 'POST', '/sessions', { files: [file] })

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ title: expect.stringContaining('STORE_BYTES') }])
    expect((await admin(client.user, 'GET', '/sessions')).body).toMatchObject({ sessions: [{ id }] })
  })
})

describe('a transfer that comes to the end of its room', () => {
  const full = { id: 'update_session_mock.store_full' }

  it('is refused before it begins where it says how long it is', async () => {
    const { client, files } = await limited(5)
    const file = await files.push('a.iso')

    await expect(upload(file, 'hello!')).rejects.toMatchObject({ status: 507, errorType: 'SERVICE_UNAVAILABLE' })

    expect(await files.get('a.iso')).toEqual(file)
    expect(await storedBy(client)).toEqual([])
  })

  it.each([
    ['small', 'hello', (text: string) => text],
    ['large', LARGE, (text: string) => new Blob([text]).stream()],
  ])('may be that of a %s file that is sent once more, but not of a longer one', async (_, content, bodyOf) => {
    const { client, files } = await limited(content.length)
    const file = await files.push('a.iso')
    await upload(file, content)

    await expect(upload(file, bodyOf(content))).resolves.toBe(200)
    await expect(upload(file, `${content}!`)).rejects.toMatchObject({ status: 507 })

    expect(await files.list()).toMatchObject([{ status: 'READY', size: content.length }])
    expect(await isHeldRight(client)).toBe(true)
  })

  it('is cut at its end where another one has taken the room meanwhile', async () => {
    const { client, files } = await limited(5)
    const transfers = [await begin(client, await files.push('a.iso')), await begin(client, await files.push('b.iso'))]

    const ends = transfers.map(({ sandbox, key }) =>
      sandbox.endTransfer(key, { type: 'receive', received: { key, sizeBytes: 4, digests: {} } }),
    )

    expect(await Promise.all(ends)).toMatchObject([
      { result: { ok: true }, isHeld: true },
      { result: { ok: false, failure: { type: 'SERVICE_UNAVAILABLE', messages: [full] } }, isHeld: false },
    ])
    expect(await files.list()).toMatchObject([
      { status: 'READY' },
      { status: 'WAITING_FOR_TRANSFER', error_message: full },
    ])
    expect(await isHeldRight(client)).toBe(true)
  })

  it('is cut, tells why in its file, and may be tried again when there is room', async () => {
    const { client, files } = await limited(5)
    const file = await files.push('a.iso')
    const { answer, write } = await underWay(files, file, 'h')

    await write('ello!')

    expect(await answer).toMatchObject({ status: 507, message: expect.stringContaining('STORE_BYTES') })
    expect(await files.get('a.iso')).toMatchObject({ status: 'WAITING_FOR_TRANSFER', error_message: full })
    await settle(client)
    expect(await storedBy(client)).toEqual([])
    await admin(client.user, 'POST', '/settings', { store_bytes: 6 })
    await expect(upload(file, 'hello!')).resolves.toBe(200)
    expect(await files.get('a.iso')).not.toHaveProperty('error_message')
  })

  it.each([
    ['without an end', '/endless', 1_000_000],
    ['that is larger once it is decompressed', '/gzip', 20],
  ])('of a PULL %s is cut, and says why', async (_, path, bytes) => {
    const { client, id, files } = await limited(bytes)

    await files.pull('a.iso', uriOf(path))

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR', error_message: full })
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })

  it('of a PULL at its end, where another has taken the room meanwhile, asks its source no more', async () => {
    const { client, id, files } = await limited(30)
    const uris = [uriOf('/gate'), uriOf('/gate')]
    for (const uri of uris) await files.pull(`${uris.indexOf(uri)}.iso`, uri)
    for (const uri of uris) await expect.poll(() => asked(uri)).toMatchObject({ times: 1 })

    await Promise.all(uris.map(openGate))

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR', error_message: full })
    for (const uri of uris) expect(await asked(uri)).toMatchObject({ times: 1 })
  })

  it('of a PULL that was announced as too large asks no source', async () => {
    const { client, id, files } = await limited(5)
    const uri = uriOf('/file')

    await files.pull('a.iso', uri, { size: 21 })

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR', error_message: full })
    expect(await asked(uri)).toMatchObject({ times: 0 })
  })
})

describe('rows', () => {
  const ROWS_LIMIT_BYTES = 256 * 1024 * 1024
  const content = 'x'.repeat(256)
  const made = 200

  it.each<[string, (client: Client, at: number) => Promise<unknown>]>([
    [
      'a client',
      async (client, at) => {
        const item = await client.items.create({ library_id: LIBRARY, name: `item-${at}` })
        const files = filesOf(client, await client.create({ library_item_id: item }))
        return upload(await files.push('a.iso'), content)
      },
    ],
    [
      'a test',
      ({ user }) => admin(user, 'POST', '/sessions', { files: [{ name: 'a.iso', status: 'READY', content }] }),
    ],
  ])('have room for 100,000 sessions with a file each that %s makes', async (_, make) => {
    const client = await connect()
    await admin(client.user, 'POST', '/settings', { journal_size: 1 })
    const size = () => runInDurableObject(sandboxOf(client), (__, { storage }) => storage.sql.databaseSize)
    const before = await size()

    for (let at = 0; at < made; at++) await make(client, at)

    const bytesOfOne = ((await size()) - before) / made - content.length
    expect(bytesOfOne * 100_000).toBeLessThan(ROWS_LIMIT_BYTES)
  })
})
