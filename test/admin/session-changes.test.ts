// What a test makes of a live update session: it fails, at once or when it is completed, or one of its files changes.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, connect } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import { ITEM, type Client } from '../support/client.ts'
import { upload } from '../support/files.ts'

const change = (client: Client, id: string, body: object) => admin(client.user, 'POST', `/sessions/${id}`, body)
/** A session with these files, which have arrived. */
async function begun(names: string[], through: () => Promise<Client> = connect) {
  const session = await aSession(through)
  for (const name of names) await upload(await session.files.push(name), 'ten bytes.')
  return session
}
const expectError = (client: Client, id: string, default_message: string) =>
  expect(client.get(id)).resolves.toMatchObject({ state: 'ERROR', error_message: { default_message } })
const refused = { errorType: 'NOT_ALLOWED_IN_CURRENT_STATE' }

describe.each(bindings)('a live session, through $name', ({ connect }) => {
  it('fails now, with a message, and is not cancelled any more', async () => {
    const { client, id } = await begun(['disk.vmdk'], connect)

    const fails = { state: 'ERROR', error_message: 'The host is gone.' }
    expect(await change(client, id, fails)).toMatchObject({ status: 200, body: { state: 'ERROR' } })

    await expectError(client, id, 'The host is gone.')
    const messages = [{ args: ['cancel', 'ERROR', 'The host is gone.'] }]
    await expect(client.cancel(id)).rejects.toMatchObject({ ...refused, messages })
  })

  it('is completed, and ends in ERROR', async () => {
    const { client, id } = await begun(['disk.vmdk'], connect)

    await change(client, id, { completion: 'ERROR', error_message: 'Pipe closed' })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    await client.complete(id)

    await expectError(client, id, 'Pipe closed')
    await expect(client.itemFiles.list(ITEM)).resolves.toEqual([])
  })
})

it('a session that completes later fails then', async () => {
  const { client, id } = await begun(['disk.vmdk'])
  await admin(client.user, 'PUT', '/transitions', { complete: { after: '10s' } })
  await change(client, id, { completion: 'ERROR' })

  await client.complete(id)
  const before = await client.get(id)
  await admin(client.user, 'POST', '/clock/advance', { by: '10s' })

  expect([before.state, (await client.get(id)).state]).toEqual(['ACTIVE', 'ERROR'])
})

describe('a file of a live session', () => {
  it('that fails ends its session', async () => {
    const { client, id } = await begun(['a.vmdk', 'b.vmdk'])

    await change(client, id, { file: { name: 'b.vmdk', status: 'ERROR' }, error_message: 'Bad block.' })

    const error_message = { default_message: 'Bad block.' }
    await expect(client.files.get(id, 'b.vmdk')).resolves.toMatchObject({ status: 'ERROR', error_message })
    await expectError(client, id, 'Bad block.')
  })

  it('that is validated holds up the completion, until it is READY', async () => {
    const { client, id } = await begun(['disk.vmdk'])
    await change(client, id, { file: { name: 'disk.vmdk', status: 'VALIDATING' } })

    const file = await client.files.get(id, 'disk.vmdk')
    expect(file).toMatchObject({ status: 'VALIDATING', bytes_transferred: 10 })
    // It is set once the file is READY (reference 8.2).
    expect(file).not.toHaveProperty('size')
    const messages = [{ args: ['disk.vmdk', 'VALIDATING'] }]
    await expect(client.complete(id)).rejects.toMatchObject({ ...refused, messages })
    await change(client, id, { file: { name: 'disk.vmdk', status: 'READY' } })
    await client.complete(id)

    await expect(client.itemFiles.list(ITEM)).resolves.toMatchObject([{ name: 'disk.vmdk', size: 10 }])
  })

  it('that is validated is dropped by a cancel', async () => {
    const { client, id } = await begun(['disk.vmdk'])
    await change(client, id, { file: { name: 'disk.vmdk', status: 'VALIDATING' } })
    await client.cancel(id)
    await expect(client.files.get(id, 'disk.vmdk')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
  })
})

describe('a change is refused', () => {
  it.each<[string, object]>([
    ['of nothing', {}],
    ['of two things', { state: 'ERROR', completion: 'ERROR' }],
    ['of a file that is not there', { file: { name: 'none', status: 'ERROR' } }],
    ['of a message to a file that does not fail', { file: { name: 'came', status: 'VALIDATING' }, error_message: 'x' }],
    ['of a file that has not arrived', { file: { name: 'waits', status: 'VALIDATING' } }],
  ])('%s', async (_, body) => {
    const { client, id, files } = await begun(['came'])
    await files.push('waits')
    expect((await change(client, id, body)).status).toBe(422)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it('of a session that has ended, or is not there', async () => {
    const { client, id } = await aSession()
    await client.cancel(id)
    const title = 'The operation fail can not be invoked when the import session is in the CANCELED state.'
    for (const fails of [{ state: 'ERROR' }, { completion: 'ERROR' }])
      expect(await change(client, id, fails)).toMatchObject({ status: 422, body: { errors: [{ title }] } })
    expect((await change(client, 'none', { state: 'ERROR' })).status).toBe(404)
  })
})
