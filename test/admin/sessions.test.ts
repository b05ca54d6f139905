import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { bindings, connect, freshUser } from '../support/api.ts'
import { ITEM, LIBRARY, unknownId } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { request } from '../support/http.ts'
import { fillSession, rowsOf } from '../support/sandbox.ts'

describe.each(bindings)('a session made by a test, seen through $name', ({ connect }) => {
  it.each(['ACTIVE', 'DONE', 'ERROR', 'CANCELED'] as const)('is %s, under the id that was chosen', async (state) => {
    const client = await connect()
    const id = unknownId()

    const { status, body } = await admin(client.user, 'POST', '/sessions', { id, state, library_item_id: ITEM })

    const made = { id, state, completing: false, library_item_name: 'item', files: [] }
    expect([status, body]).toMatchObject([201, made])
    expect((await admin(client.user, 'GET', '/sessions')).body['sessions']).toEqual([body])
    await expect(client.get(id)).resolves.toMatchObject({ id, state, library_item_id: ITEM })
    await expect(client.list()).resolves.toEqual([id])
  })
})

/** Of one file. */
const of = (file: object) => ({ files: [{ name: 'a', ...file }] })

describe('a session made by a test', () => {
  it.each([
    ['a new item, unless one is named', {}, expect.any(String)],
    ['the item that is named, also if there is none', { library_item_id: 'my-item' }, 'my-item'],
  ])('is of %s', async (_, spec, id) => {
    const client = await connect()
    const { body } = await admin(client.user, 'POST', '/sessions', spec)
    await expect(client.items.get(body['library_item_id'] ?? '')).resolves.toMatchObject({ id, content_version: '1' })
  })

  it('has files that wait, that are in transfer, and that are there', async () => {
    const user = freshUser()

    const files = [
      { name: 'waits', size: 10 },
      { name: 'comes', size: 10, status: 'TRANSFERRING', bytes_transferred: 4 },
      { name: 'is', status: 'READY', content: 'hello' },
    ]
    const { body } = await admin(user, 'POST', '/sessions', { client_progress: 40, files })

    const made = [
      { name: 'waits', status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 },
      { name: 'comes', status: 'TRANSFERRING', bytes_transferred: 4 },
      { name: 'is', status: 'READY', bytes_transferred: 5 },
    ]
    expect(body).toMatchObject({ state: 'ACTIVE', client_progress: 40, files: made })
  })

  it('says in ERROR what the test says', async () => {
    const client = await connect()
    const default_message = 'the disk is full'
    const { body } = await admin(client.user, 'POST', '/sessions', { state: 'ERROR', error_message: default_message })
    await expect(client.get(body['id'] ?? '')).resolves.toMatchObject({ error_message: { default_message } })
  })

  it.each([
    ['DONE with a file that was never sent', { state: 'DONE', ...of({}) }, /has not been fully received/],
    ['with content of another size', of({ status: 'READY', size: 7, content: 'hello' }), /7 bytes, received 5/],
    ['with a file name twice', { files: [{ name: 'a' }, { name: 'a' }] }, /twice/],
    ['with content that is too long', of({ status: 'READY', content: 'x'.repeat(65_537) }), /content/],
    ['in a state there is not', { state: 'PAUSED' }, /state/],
    ['with an id that is none', { id: '../x' }, /id/],
    ['with an id that no path leads to', { id: '..' }, /no path can lead to/],
    ['of an item that no path leads to', { library_item_id: '.' }, /no path can lead to/],
    ['with a file that is a path', of({ name: 'a/b' }), /a\/b is not valid: it is a path/],
    ['with a file whose name has a control character', of({ name: 'a\nb' }), /control character/],
    ['beyond its file', of({ status: 'TRANSFERRING', size: 1, bytes_transferred: 2 }), /more than size/],
    ['of what no file that waits has received', of({ size: 9, bytes_transferred: 2 }), /bytes_transferred is of/],
    [
      'of what has come, other than its content',
      of({ status: 'READY', bytes_transferred: 2 }),
      /bytes_transferred is of/,
    ],
    ['with content that has not arrived', of({ content: 'hello' }), /content is of a file that is READY/],
    ['ACTIVE with the message of one that failed', { error_message: 'Disk full.' }, /error_message is of the state/],
    ['beyond its progress', { client_progress: 101 }, /client_progress/],
  ])('cannot be %s, and is not there then', async (_, spec, why) => {
    const { user } = await connect()
    const items = await rowsOf(user, 'item')

    const refusal = { status: 422, body: { errors: [{ title: expect.stringMatching(why) }] } }
    expect(await admin(user, 'POST', '/sessions', spec)).toMatchObject(refusal)

    expect((await admin(user, 'GET', '/sessions')).body).toMatchObject({ sessions: [] })
    expect(await rowsOf(user, 'item')).toEqual(items)
  })

  it('holds content that is longer than what an upload puts in a row', async () => {
    const client = await connect()
    // Three bytes each.
    const file = { name: 'a', status: 'READY', content: '€'.repeat(65_536) }

    const { body } = await admin(client.user, 'POST', '/sessions', { state: 'DONE', files: [file] })

    const headers = { 'vmware-api-session-id': client.token }
    const answer = await request(`/cls/static/${LIBRARY}/${body['library_item_id']}/a`, { headers })
    expect(await answer.text()).toBe(file.content)
  })

  it('has no place where no library is left', async () => {
    const { user, libraries } = await connect()
    await libraries.delete(LIBRARY)
    expect((await admin(user, 'POST', '/sessions', {})).status).toBe(422)
  })

  it.each([
    ['id', { id: 'one', library_item_id: 'other' }],
    ['item', { library_item_id: 'item-1' }],
  ])('cannot have the %s of one that is there', async (_, spec) => {
    const user = freshUser()
    await admin(user, 'POST', '/sessions', { id: 'one', library_item_id: 'item-1' })
    const items = await rowsOf(user, 'item')

    expect((await admin(user, 'POST', '/sessions', spec)).status).toBe(422)
    expect(await rowsOf(user, 'item')).toEqual(items)
  })
})

describe('a session of a sandbox', () => {
  it('is shown with the name of its item', async () => {
    const { user } = await connect()

    await admin(user, 'POST', '/sessions', { id: 'of-an-item', library_item_id: ITEM })
    await admin(user, 'POST', '/sessions', { id: '__proto__', library_item_id: 'constructor' })

    const sessions = [
      { id: 'of-an-item', library_item_name: 'item' },
      { id: '__proto__', library_item_id: 'constructor', library_item_name: 'item-constructor' },
    ]
    expect((await admin(user, 'GET', '/sessions')).body).toMatchObject({ sessions })
  })

  it('is one of the newest hundred that are shown, in the order of their creation', async () => {
    const { user } = await connect()
    // As long as what a session says in ERROR can be.
    const error_message = 'x'.repeat(1000)
    for (let at = 0; at < 103; at += 1)
      await admin(user, 'POST', '/sessions', { id: `s${at}`, state: 'ERROR', error_message })

    const { status, body } = await admin(user, 'GET', '/sessions')

    expect([status, body['meta']]).toEqual([200, { total: 103 }])
    const ids = (body['sessions'] as unknown as { id: string }[]).map(({ id }) => id)
    expect(ids).toEqual(Array.from({ length: 100 }, (_, at) => `s${at + 3}`))
    expect((await admin(user, 'GET', '/sessions/s0')).status).toBe(200)
  })

  it('is shown with its files as far as the thousand that are shown go, the newest sessions first', async () => {
    const { user } = await connect()
    for (const [id, files] of Object.entries({ first: 10, second: 700, third: 400 })) {
      await admin(user, 'POST', '/sessions', { id })
      await fillSession(user, id, files)
    }

    const { body } = await admin(user, 'GET', '/sessions')

    const shown = body['sessions'] as unknown as { files: object[]; file_count?: number }[]
    expect(shown.map(({ files, file_count }) => [files.length, file_count])).toEqual([
      [0, 10],
      [600, 700],
      [400, undefined],
    ])
    expect((await admin(user, 'GET', '/sessions/second')).body['files']).toHaveLength(700)
  })

  it('is shown without what its manifests list, which can be as long as they are', async () => {
    const { client, files } = await aSession()
    const manifest = 'SHA1(a)=0\n'.repeat(100_000)
    for (let at = 0; at < 8; at += 1) await upload(await files.push(`${at}.mf`), manifest)

    const sessions = [{ files: Array.from({ length: 8 }, () => ({ status: 'READY' })) }]
    expect(await admin(client.user, 'GET', '/sessions')).toMatchObject({ status: 200, body: { sessions } })
    const longest = (await rowsOf(client.user, 'update_file')).map(({ file }) => JSON.stringify(file).length)
    expect(Math.max(...longest)).toBeLessThan(100_000)
  })

  it('can be made to expire', async () => {
    const { client, id } = await aSession()
    await admin(client.user, 'DELETE', `/sessions/${id}`)
    await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
    expect((await admin(client.user, 'DELETE', `/sessions/${id}`)).status).toBe(404)
  })
})
