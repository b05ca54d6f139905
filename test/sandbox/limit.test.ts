// How much a sandbox stores: the transfer that passes the limit is the last.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings } from '../support/api.ts'
import { ITEM } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { runAlarm } from '../support/sandbox.ts'

describe.each(bindings)('a sandbox that stores as many bytes as it may, through $name', ({ connect }) => {
  const begin = async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/settings', { store_bytes: 5 })
    const id = await client.create({ library_item_id: ITEM })
    const files = filesOf(client, id)
    await upload(await files.push('a.iso'), 'hello')
    return { client, id, files }
  }

  it('takes the bytes that fill it, refuses the next, and keeps what it has', async () => {
    const { client, id, files } = await begin()

    const next = upload(await files.push('b.iso'), 'more')

    await expect(next).rejects.toMatchObject({ status: 503, errorType: 'SERVICE_UNAVAILABLE' })
    await expect(next).rejects.toThrow('STORE_BYTES')
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    expect(await files.list()).toMatchObject([{ status: 'READY' }, { status: 'WAITING_FOR_TRANSFER' }])
  })

  it('takes more once there is room', async () => {
    const { client, id } = await begin()
    await client.cancel(id)
    const next = await client.create({ library_item_id: ITEM })

    await expect(upload(await filesOf(client, next).push('b.iso'), 'more')).resolves.toBe(200)
  })

  it('refuses a session that a test makes with content, and has nothing of it then', async () => {
    const { client, id } = await begin()
    const file = { name: 'c.iso', status: 'READY', content: 'more' }

    const { status, body } = await admin(client.user, 'POST', '/sessions', { files: [file] })

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ title: expect.stringContaining('STORE_BYTES') }])
    expect((await admin(client.user, 'GET', '/sessions')).body).toMatchObject({ sessions: [{ id }] })
  })

  it('says so in the file of a pull, and pulls nothing', async () => {
    const { client, id, files } = await begin()
    await files.pull('c.iso', 'http://127.0.0.1:9/')

    await runAlarm(client.user)

    await expect(client.get(id)).resolves.toMatchObject({
      state: 'ERROR',
      error_message: { id: 'update_session_mock.store_full' },
    })
  })
})
