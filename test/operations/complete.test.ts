// What an item has once an update session is complete. Which of its files it keeps, in which version, is told by
// test/content/model.test.ts; what stands in the way of completing, by test/rules/update-session.test.ts.
import { describe, expect, it } from 'vitest'
import { bindings } from '../support/api.ts'
import { aSession, sessionOf } from '../support/bytes.ts'
import { ITEM, LIBRARY } from '../support/client.ts'
import { digest, upload } from '../support/files.ts'

describe.concurrent.each(bindings)('completing a session through $name', ({ connect }) => {
  it('makes its files those of the item, as the file and the storage service show them', async () => {
    const { client, id, files } = await aSession(connect)
    const checksum_info = { algorithm: 'SHA256', checksum: await digest('SHA-256', 'hello') }
    await upload(await files.push('a b.iso', { checksum_info }), 'hello')

    await client.complete(id)

    const file = {
      name: 'a b.iso',
      size: 5,
      cached: true,
      version: '1',
      checksum_info,
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

  it.each([
    [{ type: 'DATASTORE', datastore_id: 'ds-2' }, 'ds:///vmfs/volumes/ds-2'],
    [{ type: 'OTHER', storage_uri: 'nfs://host/a' }, 'nfs://host/a'],
  ])('stores its files where the library lies: %j', async (storage_backing, root) => {
    const client = await connect()
    const library_id = await client.libraries.create({ name: 'own', storage_backings: [storage_backing] })
    const itemId = await client.items.create({ library_id, name: 'own' })
    const { id, files } = await sessionOf(client, itemId)
    await upload(await files.push('a'), 'hello')

    await client.complete(id)

    const storage_uris = [`${root}/contentlib-${library_id}/${itemId}/a`]
    await expect(client.storage.get(itemId, 'a')).resolves.toMatchObject([{ storage_backing, storage_uris }])
  })

  it('raises the content version, not the version of the item', async () => {
    const { client, id, files } = await aSession(connect)
    await upload(await files.push('a.iso'), 'hello')
    const { version } = await client.items.get(ITEM)

    await client.complete(id)

    await expect(client.items.get(ITEM)).resolves.toMatchObject({ content_version: '2', version, size: 5 })
    await expect(client.get(id)).resolves.toMatchObject({ library_item_content_version: '1' })
  })

  it('leaves out what was added without a source: no client will send it', async () => {
    const { client, id, files } = await aSession(connect)
    const spec = { name: 'a.iso', source_type: 'NONE' }
    const added = { ...spec, status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 }
    await expect(files.add(spec)).resolves.toEqual(added)

    await client.complete(id)

    await expect(client.itemFiles.list(ITEM)).resolves.toEqual([])
  })
})
