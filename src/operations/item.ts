// com.vmware.content.library.item: reference 5.1 and 8.4.
import * as z from 'zod'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Failure } from '../rules/failure.ts'
import { creation } from './creation.ts'
import { once } from './once.ts'
import { operation } from './operation.ts'
import {
  Certificate,
  dateTime,
  Description,
  Id,
  ids,
  int64,
  listOf,
  modelNamed,
  nothing,
  schemaNamed,
  text,
} from './schemas.ts'
import type { Item, Library, Store } from './store.ts'

/** The specification's limit. */
const ItemName = text(80)

const CertificateVerificationInfo = schemaNamed('Content.Library.Item.CertificateVerificationInfo', () => ({
  status: z.enum([
    'NOT_AVAILABLE',
    'VERIFIED',
    'INTERNAL',
    'VERIFICATION_FAILURE',
    'VERIFICATION_IN_PROGRESS',
    'UNTRUSTED',
  ]),
  cert_chain: listOf(Certificate).optional(),
}))

const ItemModel = modelNamed('Content.Library.ItemModel', () => ({
  id: Id,
  library_id: Id,
  content_version: Id,
  creation_time: dateTime,
  description: Description,
  last_modified_time: dateTime,
  last_sync_time: dateTime,
  metadata_version: Id,
  name: ItemName,
  cached: z.boolean(),
  size: int64,
  type: Id,
  version: Id,
  source_id: Id,
  security_compliance: z.boolean(),
  certificate_verification_info: CertificateVerificationInfo(),
}))
const ItemFindSpec = modelNamed('Content.Library.Item.FindSpec', () => ({
  name: ItemName,
  library_id: Id,
  source_id: Id,
  type: Id,
  cached: z.boolean(),
}))

type ItemSpec = z.output<ReturnType<typeof ItemModel>>
const all = { service: 'com.vmware.content.library.item', path: '/content/library/item' }
const target = once(() => z.strictObject({ library_item_id: Id }))
const each = { ...all, path: `${all.path}/{library_item_id}`, input: target }

const create = creation(
  {
    ...all,
    errors: ['INVALID_ARGUMENT', 'INVALID_ELEMENT_TYPE', 'NOT_ALLOWED_IN_CURRENT_STATE', 'ALREADY_EXISTS', 'NOT_FOUND'],
  },
  ItemModel,
  ({ library_id, name }) => ({ library_id, name }),
  (store, { library_id: libraryId = '', name = '', description = '', type, source_id: sourceId }) => {
    const library = store.libraries.find(libraryId)
    if (!library) return fail(failures.noSuch('library', libraryId))
    const wrong = wrongItemName(store, library, name)
    if (wrong) return fail(wrong)
    const id = store.newId()
    store.items.insert(newItem({ id, libraryId, name, description, type, sourceId }, store.now))
    return ok(id)
  },
)

const get = operation({
  ...each,
  name: 'get',
  output: ItemModel,
  errors: ['NOT_FOUND'],
  run: (store, { library_item_id: id }) => {
    const item = store.items.find(id)
    return item ? ok(model(store, item)) : fail(failures.noSuch('library_item', id))
  },
})

const list = operation({
  ...all,
  name: 'list',
  query: ['library_id'],
  input: () => z.strictObject({ library_id: Id }),
  output: ids,
  errors: ['NOT_FOUND'],
  run: (store, { library_id }) =>
    store.libraries.find(library_id) ? ok(store.items.idsIn(library_id)) : fail(failures.noSuch('library', library_id)),
})

const findItem = operation({
  ...all,
  name: 'find',
  body: 'spec',
  input: () => z.strictObject({ spec: ItemFindSpec() }),
  output: ids,
  errors: ['INVALID_ARGUMENT'],
  run: (store, { spec }) =>
    idsOf(
      spec,
      // Files are read where it is asked whether they are there.
      store.items.list().map((item) => (spec.cached === undefined ? sought(item) : model(store, item))),
      (item) => fits(spec, item),
    ),
})

const update = operation({
  ...each,
  name: 'update',
  body: 'update_spec',
  input: () => target().extend({ update_spec: ItemModel() }),
  output: nothing,
  errors: ['INVALID_ELEMENT_TYPE', 'INVALID_ARGUMENT', 'NOT_ALLOWED_IN_CURRENT_STATE', 'ALREADY_EXISTS', 'NOT_FOUND'],
  run: (store, { library_item_id: id, update_spec }) => {
    const item = store.items.find(id)
    const library = item && store.libraries.find(item.libraryId)
    if (!item || !library) return fail(failures.noSuch('library_item', id))
    if (update_spec.version !== undefined && update_spec.version !== `${item.version}`)
      return fail(failures.versionMismatch('INVALID_ARGUMENT', update_spec.version, `${item.version}`))
    const { name = item.name, description = item.description, type = item.type } = update_spec
    const wrong = name === item.name ? undefined : wrongItemName(store, library, name)
    if (wrong) return fail(wrong)
    store.items.save({
      ...item,
      name,
      description,
      type,
      version: item.version + 1,
      metadataVersion: item.metadataVersion + 1,
      modifiedAt: store.now,
    })
    return ok(undefined)
  },
})

const remove = operation({
  ...each,
  name: 'delete',
  output: nothing,
  errors: ['INVALID_ELEMENT_TYPE', 'NOT_ALLOWED_IN_CURRENT_STATE', 'NOT_FOUND'],
  run: (store, { library_item_id: id }) => {
    if (!store.items.find(id)) return fail(failures.noSuch('library_item', id))
    store.items.remove(id)
    return ok(undefined)
  },
})

export const newItem = (
  given: Pick<Item, 'id' | 'libraryId' | 'name' | 'description' | 'type' | 'sourceId'>,
  now: number,
): Item => ({ ...given, version: 1, contentVersion: 1, metadataVersion: 1, createdAt: now, modifiedAt: now })

/** The ids of those that fit a specification, which must name something. */
export const idsOf = <T extends { id?: string | undefined }>(spec: object, all: T[], fits: (one: T) => boolean) =>
  Object.keys(spec).length === 0 ? fail(failures.emptyFilter()) : ok(all.filter(fits).map(({ id = '' }) => id))

/** Whether it has each property that is asked for; names and types are compared without regard to case (reference 5.1). */
export const fits = (asked: Record<string, unknown>, one: Record<string, unknown>): boolean =>
  Object.entries(asked).every(([name, value]) =>
    ['name', 'type'].includes(name) ? caseless(value) === caseless(one[name]) : value === one[name],
  )
const caseless = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value)

function wrongItemName(store: Store, library: Library, name: string): Failure | undefined {
  if (name === '') return failures.emptyField('name')
  return store.items.isNameTaken(library.id, name) ? failures.itemNameTaken(name, library.name, library.id) : undefined
}

/** What a `find` may ask for, but for `cached`. */
const sought = (item: Item): ItemSpec => ({
  id: item.id,
  library_id: item.libraryId,
  name: item.name,
  ...(item.type !== undefined && { type: item.type }),
  ...(item.sourceId !== undefined && { source_id: item.sourceId }),
})

function model({ itemFiles }: Store, item: Item): ItemSpec {
  const files = itemFiles.of(item.id)
  return {
    ...sought(item),
    cached: files.every(({ received }) => !received.isDiscarded),
    description: item.description,
    version: `${item.version}`,
    content_version: `${item.contentVersion}`,
    metadata_version: `${item.metadataVersion}`,
    creation_time: new Date(item.createdAt).toISOString(),
    last_modified_time: new Date(item.modifiedAt).toISOString(),
    size: files.reduce((sum, { received }) => sum + received.sizeBytes, 0),
    security_compliance: true,
  }
}

export const item = [create, get, list, findItem, update, remove]
