// com.vmware.content.library and com.vmware.content.local_library: reference 6 and 8.5; of subscribed_library and of
// com.vmware.vcenter.datastore the list.
import * as z from 'zod'
import * as failures from '../rules/failure.ts'
import { fail, ok, type ErrorType } from '../rules/failure.ts'
import { creation } from './creation.ts'
import { once } from './once.ts'
import { operation } from './operation.ts'
import {
  Certificate,
  dateTime,
  Description,
  Id,
  ids,
  listOf,
  MessageText,
  modelNamed,
  Name,
  nothing,
  Password,
  StorageBacking,
  Uri,
} from './schemas.ts'
import { fits, idsOf } from './item.ts'
import type { Library, Store } from './store.ts'

const OptimizationInfo = modelNamed('Content.Library.OptimizationInfo', () => ({
  optimize_remote_publishing: z.boolean(),
}))
const AuthenticationMethod = z.enum(['BASIC', 'NONE'])
const PublishInfo = modelNamed('Content.Library.PublishInfo', () => ({
  authentication_method: AuthenticationMethod,
  published: z.boolean(),
  publish_url: Uri,
  user_name: Name.refine((name) => name === 'vcsp', 'it can only be vcsp'),
  password: Password,
  current_password: Password,
  persist_json_enabled: z.boolean(),
}))
const SourceInfo = modelNamed('Content.Library.SourceInfo', () => ({ source_library: Id, subscription: Id }))
const SubscriptionInfo = modelNamed('Content.Library.SubscriptionInfo', () => ({
  authentication_method: AuthenticationMethod,
  automatic_sync_enabled: z.boolean(),
  on_demand: z.boolean(),
  password: Password,
  ssl_thumbprint: Id,
  ssl_certificate: Certificate,
  subscription_url: Uri,
  user_name: Name,
  source_info: SourceInfo(),
}))
const StateInfo = modelNamed('Content.Library.StateInfo', () => ({
  state: z.enum(['ACTIVE', 'MAINTENANCE']),
  message: MessageText,
}))
const ConfigurationInfo = modelNamed('Content.Library.ConfigurationInfo', () => ({
  apply_library_usage_to_items: z.boolean(),
}))

const LibraryModel = modelNamed('Content.LibraryModel', () => ({
  id: Id,
  creation_time: dateTime,
  description: Description,
  last_modified_time: dateTime,
  last_sync_time: dateTime,
  name: Name,
  storage_backings: listOf(StorageBacking()),
  type: z.enum(['LOCAL', 'SUBSCRIBED']),
  optimization_info: OptimizationInfo(),
  version: Id,
  publish_info: PublishInfo(),
  subscription_info: SubscriptionInfo(),
  server_guid: Id,
  security_policy_id: Id,
  unset_security_policy_id: z.boolean(),
  state_info: StateInfo(),
  configuration_info: ConfigurationInfo(),
}))
const LibraryFindSpec = modelNamed('Content.Library.FindSpec', () => ({
  name: Name,
  type: z.enum(['LOCAL', 'SUBSCRIBED']),
  storage_backing: StorageBacking(),
}))

type LibrarySpec = z.output<ReturnType<typeof LibraryModel>>
type PublishInfo = z.output<ReturnType<typeof PublishInfo>>
const target = once(() => z.strictObject({ library_id: Id }))

const any = { service: 'com.vmware.content.library', path: '/content/library' }
const local = { service: 'com.vmware.content.local_library', path: '/content/local-library' }
const subscribed = { service: 'com.vmware.content.subscribed_library', path: '/content/subscribed-library' }
const each = (of: typeof any) => ({ ...of, path: `${of.path}/{library_id}`, input: target })

// All libraries of this mock are local ones: both services list and get the same.

const list = (of: typeof any, libraries = (store: Store) => store.libraries.ids()) =>
  operation({
    ...of,
    name: 'list',
    input: () => z.strictObject({}),
    output: ids,
    errors: [],
    run: (store) => ok(libraries(store)),
  })

const get = (of: typeof any, ...errors: ErrorType[]) =>
  operation({
    ...each(of),
    name: 'get',
    output: LibraryModel,
    errors: [...errors, 'NOT_FOUND'],
    run: (store, { library_id: id }) => {
      const library = store.libraries.find(id)
      return library ? ok(model(store, library)) : fail(failures.noSuch('library', id))
    },
  })

const findAny = operation({
  ...any,
  name: 'find',
  body: 'spec',
  input: () => z.strictObject({ spec: LibraryFindSpec() }),
  output: ids,
  errors: ['INVALID_ARGUMENT'],
  run: (store, { spec }) => {
    const { storage_backing: backing, ...asked } = spec
    return idsOf(
      spec,
      store.libraries.list().map((library) => model(store, library)),
      (one) => fits(asked, one) && (!backing || one.storage_backings?.some((each) => fits(backing, each)) === true),
    )
  },
})

const errors: ErrorType[] = ['INVALID_ARGUMENT', 'UNSUPPORTED']
const createLocal = creation({ ...local, errors }, LibraryModel, neededOf, (store, spec) => {
  const { name = '', description = '', storage_backings: backings = [] } = spec
  if (backings.length > 1) return fail(failures.severalBackings(backings.length))
  if (name === '' || backings.length === 0) return fail(failures.emptyField(name === '' ? 'name' : 'storage_backings'))
  const id = store.newId()
  const moments = { createdAt: store.now, modifiedAt: store.now }
  store.libraries.insert({ id, name, description, version: 1, ...moments, given: kept(spec) })
  return ok(id)
})

/** Of any library only what both types have is updated: nothing of its publication (reference 6). */
const update = (of: typeof any, ...errors: ErrorType[]) =>
  operation({
    ...each(of),
    name: 'update',
    body: 'update_spec',
    input: () => target().extend({ update_spec: LibraryModel() }),
    output: nothing,
    errors: [...errors, 'INVALID_ARGUMENT', 'NOT_FOUND'],
    run: (store, { library_id: id, update_spec }) => {
      const library = store.libraries.find(id)
      if (!library) return fail(failures.noSuch('library', id))
      const { version, publish_info, ...common } = update_spec
      const mismatch = of === any ? 'INVALID_ARGUMENT' : 'CONCURRENT_CHANGE'
      if (version !== undefined && version !== `${library.version}`)
        return fail(failures.versionMismatch(mismatch, version, `${library.version}`))
      const { name = library.name, description = library.description } = common
      if (name === '') return fail(failures.emptyField('name'))
      const { publish_info: published }: LibrarySpec = library.given
      const spec = { ...common, publish_info: of === any ? undefined : publish_info }
      if (lacksPassword(published, spec.publish_info)) return fail(failures.currentPasswordWrong())
      // These are fixed at creation (reference 8.5).
      const { storage_backings: _, optimization_info: __, ...given } = kept(spec, published)
      const isPolicyUnset = common.unset_security_policy_id === true
      store.libraries.save({
        ...library,
        name,
        description,
        version: library.version + 1,
        modifiedAt: store.now,
        given: { ...library.given, ...given, ...(isPolicyUnset && { security_policy_id: undefined }) },
      })
      return ok(undefined)
    },
  })

const deleteLocal = operation({
  ...each(local),
  name: 'delete',
  output: nothing,
  errors: ['INVALID_ELEMENT_TYPE', 'NOT_ALLOWED_IN_CURRENT_STATE', 'NOT_FOUND'],
  run: (store, { library_id: id }) => {
    if (!store.libraries.find(id)) return fail(failures.noSuch('library', id))
    store.libraries.remove(id)
    return ok(undefined)
  },
})

/** What a creation needs (reference 8.5). */
function neededOf({ name, storage_backings, publish_info: published }: LibrarySpec) {
  // Of a list that is empty it is told that it is.
  const [backing = { type: '' }] = storage_backings ?? []
  return {
    name,
    storage_backings,
    'storage_backings.0.type': backing.type,
    ...(published && {
      'publish_info.authentication_method': published.authentication_method,
      'publish_info.published': published.published,
    }),
  }
}

/** Where it lies. */
export function backingsOf({ given }: Library) {
  const { storage_backings: backings = [] }: LibrarySpec = given
  return backings
}

/** Without it the password cannot be changed, nor the authentication dropped, nor the publication (reference 8.5). */
const lacksPassword = ({ authentication_method, password }: PublishInfo = UNPUBLISHED, asked: PublishInfo = {}) =>
  authentication_method === 'BASIC' &&
  password !== asked.current_password &&
  (asked.current_password !== undefined ||
    (asked.password !== undefined && asked.password !== password) ||
    asked.authentication_method === 'NONE' ||
    asked.published === false)

/** These are kept as they were given; what is not given of a publication stays. */
const GIVEN = ['storage_backings', 'optimization_info', 'publish_info', 'security_policy_id', 'configuration_info']
function kept({ publish_info, ...spec }: LibrarySpec, before = UNPUBLISHED): LibrarySpec {
  const { current_password: _, publish_url: __, ...published } = { ...before, ...publish_info }
  const all = { ...spec, ...(publish_info && { publish_info: published }) }
  return Object.fromEntries(Object.entries<unknown>(all).filter(([name]) => GIVEN.includes(name)))
}

function model({ origin }: Store, library: Library): LibrarySpec {
  const { publish_info = UNPUBLISHED, ...given }: LibrarySpec = library.given
  const { password: _, ...shown } = publish_info
  return {
    id: library.id,
    name: library.name,
    description: library.description,
    type: 'LOCAL',
    version: `${library.version}`,
    creation_time: new Date(library.createdAt).toISOString(),
    last_modified_time: new Date(library.modifiedAt).toISOString(),
    server_guid: SERVER_GUID,
    state_info: { state: 'ACTIVE' },
    configuration_info: { apply_library_usage_to_items: false },
    publish_info: {
      ...shown,
      ...(shown.published && { publish_url: `${origin}/cls/vcsp/lib/${library.id}/lib.json` }),
    },
    ...given,
  }
}
/** As a vCenter shows it: docs/fidelity.md, "`publish_info` of a library that is not published". */
const UNPUBLISHED: PublishInfo = { authentication_method: 'NONE', persist_json_enabled: false, published: false }
/** Every sandbox is the same vCenter to its clients. */
const SERVER_GUID = '9d0c9ad5-6b0c-4f0e-9d3c-6f4e2f1c7a10'

/**
 * For SOAP alone, where clients look up what a library is to lie on. There is no inventory: a sandbox knows the datastores that its
 * libraries name. A datastore is called as its id is.
 */
export const listDatastores = list({ service: 'com.vmware.vcenter.datastore', path: '/vcenter/datastore' }, (store) => [
  ...new Set(store.libraries.list().flatMap((each) => backingsOf(each).flatMap(({ datastore_id: id }) => id ?? []))),
])

export const library = [
  list(any),
  get(any),
  update(any),
  findAny,
  list(local),
  createLocal,
  get(local, 'INVALID_ELEMENT_TYPE'),
  update(local, 'NOT_ALLOWED_IN_CURRENT_STATE', 'INVALID_ELEMENT_TYPE', 'RESOURCE_BUSY', 'CONCURRENT_CHANGE'),
  deleteLocal,
  // Nothing makes a subscribed library here, but Ansible's and Salt's modules begin by asking for them.
  list(subscribed, () => []),
]
