// What an item has once an update session is complete, and what stands in the way of completing.
import { describe, expect, it } from 'vitest'
import { bindings } from '../support/api.ts'
import { aSession, sessionOf, settle, storedBy } from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { digest, upload } from '../support/files.ts'

describe.concurrent.each(bindings)('completing a session through $name', ({ connect }) => {
  it('makes its files those of the item, as the file and the storage service show them', async () => {
    const { client, id, files } = await aSession(connect)
    await upload(
      await files.push('a b.iso', {
        checksum_info: { algorithm: 'SHA256', checksum: await digest('SHA-256', 'hello') },
      }),
      'hello',
    )

    await client.complete(id)

    const file = {
      name: 'a b.iso',
      size: 5,
      cached: true,
      version: '1',
      checksum_info: { algorithm: 'SHA256', checksum: await digest('SHA-256', 'hello') },
      file_download_endpoint: `https://vcenter.test/cls/static/${LIBRARY}/${ITEM}/a%20b.iso?version=1`,
    }
    await expect(client.itemFiles.list(ITEM)).resolves.toEqual([file])
    await expect(client.itemFiles.get(ITEM, 'a b.iso')).resolves.toEqual(file)
    const stored = {
      ...file,
      storage_backing: { type: 'DATASTORE', datastore_id: 'datastore-1' },
      storage_uris: [`ds:///vmfs/volumes/datastore-1/contentlib-${LIBRARY}/${ITEM}/a%20b.iso`],
    }
    await expect(client.storage.list(ITEM)).resolves.toEqual([stored])
    await expect(client.storage.get(ITEM, 'a b.iso')).resolves.toEqual([stored])
  })

  it('raises the content version, not the version of the item', async () => {
    const { client, id, files } = await aSession(connect)
    await upload(await files.push('a.iso'), 'hello')
    const before = await client.items.get(ITEM)

    await client.complete(id)

    await expect(client.items.get(ITEM)).resolves.toMatchObject({
      content_version: `${Number(before.content_version) + 1}`,
      version: before.version,
      size: 5,
    })
    await expect(client.get(id)).resolves.toMatchObject({ library_item_content_version: before.content_version })
  })

  it('raises the version of each file that has new content, and keeps that of the others', async () => {
    const { client } = await withItemFiles(connect, 'a.iso', 'b.iso')
    const { id, files } = await sessionOf(client)
    await upload(await files.push('a.iso'), 'new')

    await client.complete(id)

    await expect(versions(client)).resolves.toEqual({ 'a.iso': '2', 'b.iso': '1' })
  })

  it('keeps what the session did not touch, and drops what it removed', async () => {
    const { client } = await withItemFiles(connect, 'a.iso', 'b.iso')
    const { id, files } = await sessionOf(client)
    await expect(files.list()).resolves.toMatchObject([
      { name: 'a.iso', source_type: 'NONE', status: 'READY', size: 5 },
      { name: 'b.iso', source_type: 'NONE', status: 'READY', size: 5 },
    ])
    await files.remove('a.iso')

    await client.complete(id)

    await expect(versions(client)).resolves.toEqual({ 'b.iso': '1' })
  })

  it('from which every file was removed leaves an empty item', async () => {
    const { client } = await withItemFiles(connect, 'a.iso')
    const { id, files } = await sessionOf(client)
    await files.remove('a.iso')

    await client.complete(id)
    await settle(client)

    await expect(client.itemFiles.list(ITEM)).resolves.toEqual([])
    await expect(client.items.get(ITEM)).resolves.toMatchObject({ size: 0 })
    expect(await storedBy(client)).toEqual([])
  })

  it('leaves out what was added without a source: no client will send it', async () => {
    const { client, id, files } = await aSession(connect)
    await expect(files.add({ name: 'a.iso', source_type: 'NONE' })).resolves.toEqual({
      name: 'a.iso',
      source_type: 'NONE',
      status: 'WAITING_FOR_TRANSFER',
      bytes_transferred: 0,
    })

    await client.complete(id)

    await expect(client.itemFiles.list(ITEM)).resolves.toEqual([])
  })

  it('shows nothing of the change before', async () => {
    const { client } = await withItemFiles(connect, 'a.iso')
    const { files } = await sessionOf(client)
    await upload(await files.push('a.iso'), 'new')
    await upload(await files.push('b.iso'), 'new')

    await expect(client.itemFiles.list(ITEM)).resolves.toMatchObject([{ name: 'a.iso', size: 5, version: '1' }])
  })

  it('shows nothing of the change after a cancel', async () => {
    const { client } = await withItemFiles(connect, 'a.iso')
    const { id, files } = await sessionOf(client)
    const before = await client.items.get(ITEM)
    await upload(await files.push('a.iso'), 'new')

    await client.cancel(id)

    await expect(versions(client)).resolves.toEqual({ 'a.iso': '1' })
    await expect(client.items.get(ITEM)).resolves.toEqual(before)
  })

  it.each(['complete', 'validate'] as const)(
    'refuses to %s while a file was not received, and says which',
    async (operation) => {
      const { client, id, files } = await aSession(connect)
      await upload(await files.push('a.iso'), 'hello')
      await files.push('b.iso')
      const ask = { complete: () => client.complete(id), validate: () => files.validate() }[operation]

      await expect(ask()).rejects.toMatchObject({
        status: 400,
        errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
        messages: [
          {
            id: 'com.vmware.vdcs.cls-main.update_session_file_not_received',
            default_message: 'File b.iso has transfer errors or has not been fully received yet (status: WAITING).',
            args: ['b.iso', 'WAITING'],
          },
        ],
      })
      await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    },
  )
})

/** An item that has these files, of five bytes each. */
async function withItemFiles(connect: () => Promise<Client>, ...names: string[]) {
  const { client, id, files } = await aSession(connect)
  for (const name of names) await upload(await files.push(name), 'hello')
  await client.complete(id)
  return { client }
}

const versions = async (client: Client) =>
  Object.fromEntries((await client.itemFiles.list(ITEM)).map(({ name, version }) => [name, version]))
