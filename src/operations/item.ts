// com.vmware.content.library.item and its file service: reference 5 and 8.4.
import * as z from 'zod'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Failure } from '../rules/failure.ts'
import { operation } from './operation.ts'
import { Certificate, dateTime, Description, Id, ids, int64, listOf, nothing, text } from './schemas.ts'
import type { Item, Library, Store } from './store.ts'
import { once } from './replay.ts'

/** The specification's limit. */
const ItemName = text(80)

const CertificateVerificationInfo = z
  .strictObject({
    status: z.enum([
      'NOT_AVAILABLE',
      'VERIFIED',
      'INTERNAL',
      'VERIFICATION_FAILURE',
      'VERIFICATION_IN_PROGRESS',
      'UNTRUSTED',
    ]),
    cert_chain: listOf(Certificate).optional(),
  })
  .meta({ id: 'Content.Library.Item.CertificateVerificationInfo' })

const ItemModel = z
  .strictObject({
    id: Id.optional(),
    library_id: Id.optional(),
    content_version: Id.optional(),
    creation_time: dateTime.optional(),
    description: Description.optional(),
    last_modified_time: dateTime.optional(),
    last_sync_time: dateTime.optional(),
    metadata_version: Id.optional(),
    name: ItemName.optional(),
    cached: z.boolean().optional(),
    size: int64.optional(),
    type: Id.optional(),
    version: Id.optional(),
    source_id: Id.optional(),
    security_compliance: z.boolean().optional(),
    certificate_verification_info: CertificateVerificationInfo.optional(),
  })
  .meta({ id: 'Content.Library.ItemModel' })
const ItemFindSpec = z
  .strictObject({
    name: ItemName.optional(),
    library_id: Id.optional(),
    source_id: Id.optional(),
    type: Id.optional(),
    cached: z.boolean().optional(),
  })
  .meta({ id: 'Content.Library.Item.FindSpec' })

type ItemSpec = z.output<typeof ItemModel>
const all = { service: 'com.vmware.content.library.item', path: '/content/library/item' }
const target = z.strictObject({ library_item_id: Id })
const each = { ...all, path: `${all.path}/{library_item_id}`, input: target }

const create = operation({
  ...all,
  name: 'create',
  creates: true,
  body: 'create_spec',
  input: z.strictObject({ client_token: Id.optional(), create_spec: ItemModel }),
  output: z.string(),
  errors: ['INVALID_ARGUMENT', 'INVALID_ELEMENT_TYPE', 'NOT_ALLOWED_IN_CURRENT_STATE', 'ALREADY_EXISTS', 'NOT_FOUND'],
  run: (store, { client_token, create_spec }) =>
    once(store, `${all.service}.create`, client_token, create_spec, () => {
      const { library_id, name, description = '', type, source_id } = create_spec
      if (library_id === undefined) return fail(failures.missingField('library_id'))
      if (name === undefined) return fail(failures.missingField('name'))
      const library = store.libraries.find(library_id)
      if (!library) return fail(failures.noSuch('library', library_id))
      const wrong = wrongItemName(store, library, name)
      if (wrong) return fail(wrong)
      const id = store.newId()
      store.items.insert(
        newItem({ id, libraryId: library_id, name, description, type, sourceId: source_id }, store.now),
      )
      return ok(id)
    }),
})

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
  input: z.strictObject({ library_id: Id }),
  output: ids,
  errors: ['NOT_FOUND'],
  run: (store, { library_id }) =>
    store.libraries.find(library_id)
      ? ok(store.items.inLibrary(library_id).map(({ id }) => id))
      : fail(failures.noSuch('library', library_id)),
})

const findItem = operation({
  ...all,
  name: 'find',
  body: 'spec',
  input: z.strictObject({ spec: ItemFindSpec }),
  output: ids,
  errors: ['INVALID_ARGUMENT'],
  run: (store, { spec }) =>
    idsOf(
      spec,
      store.items.list().map((item) => model(store, item)),
      (item) =>
        fitsText(spec.name, item.name) &&
        fitsText(spec.type, item.type) &&
        (spec.library_id === undefined || spec.library_id === item.library_id) &&
        (spec.source_id === undefined || spec.source_id === item.source_id) &&
        (spec.cached === undefined || spec.cached === item.cached),
    ),
})

const update = operation({
  ...each,
  name: 'update',
  body: 'update_spec',
  input: target.extend({ update_spec: ItemModel }),
  output: nothing,
  errors: ['INVALID_ELEMENT_TYPE', 'INVALID_ARGUMENT', 'NOT_ALLOWED_IN_CURRENT_STATE', 'ALREADY_EXISTS', 'NOT_FOUND'],
  run: (store, { library_item_id: id, update_spec }) => {
    const item = store.items.find(id)
    const library = item && store.libraries.find(item.libraryId)
    if (!item || !library) return fail(failures.noSuch('library_item', id))
    if (update_spec.version !== undefined && update_spec.version !== `${item.version}`)
      return fail(failures.versionMismatch('INVALID_ARGUMENT', update_spec.version, `${item.version}`))
    const {
      name = item.name,
      description = item.description,
      type = item.type,
      source_id: sourceId = item.sourceId,
    } = update_spec
    const wrong = name === item.name ? undefined : wrongItemName(store, library, name)
    if (wrong) return fail(wrong)
    store.items.save({
      ...item,
      name,
      description,
      type,
      sourceId,
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

/** Whether this is the text that is asked for, if one is. */
export const fitsText = (asked: string | undefined, text: string | undefined) =>
  asked === undefined || asked.toLowerCase() === text?.toLowerCase()

function wrongItemName(store: Store, library: Library, name: string): Failure | undefined {
  if (name === '') return failures.emptyField('name')
  const isTaken = store.items.inLibrary(library.id).some((item) => item.name === name)
  return isTaken ? failures.itemNameTaken(name, library.name, library.id) : undefined
}

const model = ({ itemFiles, settings }: Store, item: Item): ItemSpec => ({
  id: item.id,
  library_id: item.libraryId,
  name: item.name,
  description: item.description,
  ...(item.type !== undefined && { type: item.type }),
  ...(item.sourceId !== undefined && { source_id: item.sourceId }),
  version: `${item.version}`,
  content_version: `${item.contentVersion}`,
  metadata_version: `${item.metadataVersion}`,
  creation_time: new Date(item.createdAt).toISOString(),
  last_modified_time: new Date(item.modifiedAt).toISOString(),
  cached: settings.retention === 'keep',
  size: itemFiles.of(item.id).reduce((sum, { received }) => sum + received.sizeBytes, 0),
  security_compliance: true,
})

export const item = [create, get, list, findItem, update, remove]
