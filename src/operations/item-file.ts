// com.vmware.content.library.item.file and .storage: reference 5.2 and 8.3.
import * as z from 'zod'
import { fail, noSuch, ok, type Result } from '../rules/failure.ts'
import { ALGORITHMS, checksumOf } from '../rules/file.ts'
import { backingsOf } from './library.ts'
import { once } from './once.ts'
import { operation } from './operation.ts'
import { Id, int64, Name, schemaNamed, StorageBacking } from './schemas.ts'
import type { Item, ItemFile, Store } from './store.ts'

export const ChecksumInfo = schemaNamed('Content.Library.Item.File.ChecksumInfo', () => ({
  algorithm: z.enum(ALGORITHMS).optional(),
  checksum: Id,
}))
const FileInfo = schemaNamed('Content.Library.Item.File.Info', () => ({
  name: z.string(),
  size: int64,
  cached: z.boolean(),
  version: z.string(),
  checksum_info: ChecksumInfo().optional(),
  file_download_endpoint: z.string().meta({ format: 'uri' }).optional(),
}))
const StorageInfo = schemaNamed('Content.Library.Item.Storage.Info', () => ({
  ...FileInfo().shape,
  storage_backing: StorageBacking(),
  storage_uris: z.array(z.string().meta({ format: 'uri' })),
}))

const input = once(() => z.strictObject({ library_item_id: Id }))
const item = { service: 'com.vmware.content.library.item', path: '/content/library/item/{library_item_id}' }
const file = { service: `${item.service}.file`, path: `${item.path}/file`, input }
const storage = { service: `${item.service}.storage`, path: `${item.path}/storage`, input }

const listFiles = operation({
  ...file,
  name: 'list',
  output: () => z.array(FileInfo()),
  errors: ['UNSUPPORTED', 'NOT_FOUND'],
  run: (store, { library_item_id: id }) => showFiles(store, id, fileInfo),
})

const getFile = operation({
  ...file,
  name: 'get',
  query: ['name'],
  input: () => input().extend({ name: Name }),
  output: FileInfo,
  errors: ['UNSUPPORTED', 'NOT_FOUND'],
  run: (store, { library_item_id: id, name }) => {
    const shown = showFiles(store, id, fileInfo, name)
    if (!shown.ok) return shown
    const [first] = shown.value
    return first ? ok(first) : fail(noSuch('file', name))
  },
})

const listStorage = operation({
  ...storage,
  name: 'list',
  output: () => z.array(StorageInfo()),
  errors: ['NOT_FOUND'],
  run: (store, { library_item_id: id }) => showFiles(store, id, storageInfo),
})

const getStorage = operation({
  ...storage,
  name: 'get',
  query: ['file_name'],
  input: () => input().extend({ file_name: Name }),
  output: () => z.array(StorageInfo()),
  errors: ['NOT_FOUND'],
  run: (store, { library_item_id: id, file_name }) => showFiles(store, id, storageInfo, file_name),
})

type Show<Shown> = (store: Store, item: Item) => (file: ItemFile) => Shown
/** The files that an item has; with a name the one of that name, which must be there. */
function showFiles<Shown>(store: Store, id: string, show: Show<Shown>, name?: string): Result<Shown[]> {
  const item = store.items.find(id)
  if (!item) return fail(noSuch('library_item', id))
  const files = store.itemFiles.of(id, name)
  if (name !== undefined && files.length === 0) return fail(noSuch('file', name))
  return ok(files.map(show(store, item)))
}

const fileInfo: Show<z.input<ReturnType<typeof FileInfo>>> =
  (store, item) =>
  ({ name, version, received }) => {
    const isKept = !received.isDiscarded
    const checksum = checksumOf(received)
    return {
      name,
      size: received.sizeBytes,
      cached: isKept,
      version: `${version}`,
      ...(checksum && { checksum_info: checksum }),
      ...(isKept && {
        file_download_endpoint: `${store.origin}/cls/static/${item.libraryId}/${item.id}/${encodeURIComponent(name)}?version=${version}`,
      }),
    }
  }

const storageInfo: Show<z.input<ReturnType<typeof StorageInfo>>> = (store, item) => {
  const library = store.libraries.find(item.libraryId)
  const [backing = {}] = library ? backingsOf(library) : []
  const { datastore_id: id = 'datastore-1', storage_uri: root = `ds:///vmfs/volumes/${id}` } = backing
  const info = fileInfo(store, item)
  return (each) => ({
    ...info(each),
    storage_backing: backing,
    storage_uris: [`${root}/contentlib-${item.libraryId}/${item.id}/${encodeURIComponent(each.name)}`],
  })
}

export const itemFile = [listFiles, getFile, listStorage, getStorage]
