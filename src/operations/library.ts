// com.vmware.content.library and com.vmware.content.local_library: reference 6 and 8.5; of subscribed_library the list.
import * as z from 'zod'
import * as failures from '../rules/failure.ts'
import { fail, ok, type ErrorType } from '../rules/failure.ts'
import { operation } from './operation.ts'
import {
  Certificate,
  dateTime,
  Description,
  Id,
  ids,
  listOf,
  MessageText,
  Name,
  nothing,
  Password,
  StorageBacking,
  Uri,
} from './schemas.ts'
import { idsOf, fitsText } from './item.ts'
import type { Library } from './store.ts'
import { once } from './replay.ts'

const OptimizationInfo = z
  .strictObject({ optimize_remote_publishing: z.boolean().optional() })
  .meta({ id: 'Content.Library.OptimizationInfo' })
const AuthenticationMethod = z.enum(['BASIC', 'NONE'])
const PublishInfo = z
  .strictObject({
    authentication_method: AuthenticationMethod.optional(),
    published: z.boolean().optional(),
    publish_url: Uri.optional(),
    user_name: Name.optional(),
    password: Password.optional(),
    current_password: Password.optional(),
    persist_json_enabled: z.boolean().optional(),
  })
  .meta({ id: 'Content.Library.PublishInfo' })
const SourceInfo = z
  .strictObject({ source_library: Id.optional(), subscription: Id.optional() })
  .meta({ id: 'Content.Library.SourceInfo' })
const SubscriptionInfo = z
  .strictObject({
    authentication_method: AuthenticationMethod.optional(),
    automatic_sync_enabled: z.boolean().optional(),
    on_demand: z.boolean().optional(),
    password: Password.optional(),
    ssl_thumbprint: Id.optional(),
    ssl_certificate: Certificate.optional(),
    subscription_url: Uri.optional(),
    user_name: Name.optional(),
    source_info: SourceInfo.optional(),
  })
  .meta({ id: 'Content.Library.SubscriptionInfo' })
const StateInfo = z
  .strictObject({ state: z.enum(['ACTIVE', 'MAINTENANCE']).optional(), message: MessageText.optional() })
  .meta({ id: 'Content.Library.StateInfo' })
const ConfigurationInfo = z
  .strictObject({ apply_library_usage_to_items: z.boolean().optional() })
  .meta({ id: 'Content.Library.ConfigurationInfo' })

const LibraryModel = z
  .strictObject({
    id: Id.optional(),
    creation_time: dateTime.optional(),
    description: Description.optional(),
    last_modified_time: dateTime.optional(),
    last_sync_time: dateTime.optional(),
    name: Name.optional(),
    storage_backings: listOf(StorageBacking).optional(),
    type: z.enum(['LOCAL', 'SUBSCRIBED']).optional(),
    optimization_info: OptimizationInfo.optional(),
    version: Id.optional(),
    publish_info: PublishInfo.optional(),
    subscription_info: SubscriptionInfo.optional(),
    server_guid: Id.optional(),
    security_policy_id: Id.optional(),
    unset_security_policy_id: z.boolean().optional(),
    state_info: StateInfo.optional(),
    configuration_info: ConfigurationInfo.optional(),
  })
  .meta({ id: 'Content.LibraryModel' })
const LibraryFindSpec = z
  .strictObject({
    name: Name.optional(),
    type: z.enum(['LOCAL', 'SUBSCRIBED']).optional(),
    storage_backing: StorageBacking.optional(),
  })
  .meta({ id: 'Content.Library.FindSpec' })

type LibrarySpec = z.output<typeof LibraryModel>
const target = z.strictObject({ library_id: Id })

const any = { service: 'com.vmware.content.library', path: '/content/library' }
const local = { service: 'com.vmware.content.local_library', path: '/content/local-library' }
const each = (of: typeof any) => ({ ...of, path: `${of.path}/{library_id}`, input: target })

// All libraries of this mock are local ones: both services list and get the same.

const list = (of: typeof any) =>
  operation({
    ...of,
    name: 'list',
    input: z.strictObject({}),
    output: ids,
    errors: [],
    run: (store) => ok(store.libraries.list().map(({ id }) => id)),
  })

const get = (of: typeof any, ...errors: ErrorType[]) =>
  operation({
    ...each(of),
    name: 'get',
    output: LibraryModel,
    errors: [...errors, 'NOT_FOUND'],
    run: (store, { library_id: id }) => {
      const library = store.libraries.find(id)
      return library ? ok(model(library)) : fail(failures.noSuch('library', id))
    },
  })

/** Nothing makes a subscribed library here, but Ansible's and Salt's modules begin by asking for them. */
const listSubscribed = operation({
  service: 'com.vmware.content.subscribed_library',
  name: 'list',
  path: '/content/subscribed-library',
  input: z.strictObject({}),
  output: ids,
  errors: [],
  run: () => ok([]),
})

const findAny = operation({
  ...any,
  name: 'find',
  body: 'spec',
  input: z.strictObject({ spec: LibraryFindSpec }),
  output: ids,
  errors: ['INVALID_ARGUMENT'],
  run: (store, { spec }) =>
    idsOf(
      spec,
      store.libraries.list().map(model),
      ({ name, type, storage_backings }) =>
        fitsText(spec.name, name) &&
        (spec.type === undefined || spec.type === type) &&
        (spec.storage_backing === undefined ||
          storage_backings?.some((backing) => backing.datastore_id === spec.storage_backing?.datastore_id) === true),
    ),
})

const createLocal = operation({
  ...local,
  name: 'create',
  creates: true,
  body: 'create_spec',
  input: z.strictObject({ client_token: Id.optional(), create_spec: LibraryModel }),
  output: z.string(),
  errors: ['INVALID_ARGUMENT', 'UNSUPPORTED'],
  run: (store, { client_token, create_spec }) =>
    once(store, `${local.service}.create`, client_token, create_spec, () => {
      const { name, description = '', storage_backings: backings } = create_spec
      if (name === undefined) return fail(failures.missingField('name'))
      if (!backings?.length) return fail(failures.missingField('storage_backings'))
      if (backings.length > 1) return fail(failures.severalBackings(backings.length))
      if (name === '') return fail(failures.emptyField('name'))
      const id = store.newId()
      const moments = { createdAt: store.now, modifiedAt: store.now }
      store.libraries.insert({ id, name, description, version: 1, ...moments, given: kept(create_spec) })
      return ok(id)
    }),
})

const updateLocal = operation({
  ...each(local),
  name: 'update',
  body: 'update_spec',
  input: target.extend({ update_spec: LibraryModel }),
  output: nothing,
  errors: [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    'INVALID_ELEMENT_TYPE',
    'INVALID_ARGUMENT',
    'RESOURCE_BUSY',
    'NOT_FOUND',
    'CONCURRENT_CHANGE',
  ],
  run: (store, { library_id: id, update_spec }) => {
    const library = store.libraries.find(id)
    if (!library) return fail(failures.noSuch('library', id))
    if (update_spec.version !== undefined && update_spec.version !== `${library.version}`)
      return fail(failures.versionMismatch('CONCURRENT_CHANGE', update_spec.version, `${library.version}`))
    const { name = library.name, description = library.description } = update_spec
    if (name === '') return fail(failures.emptyField('name'))
    // The storage backings are fixed at creation (reference 8.5).
    const { storage_backings: _, ...given } = kept(update_spec)
    store.libraries.save({
      ...library,
      name,
      description,
      version: library.version + 1,
      modifiedAt: store.now,
      given: { ...library.given, ...given },
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

/** These are answered as they were given. Passwords are write-only (reference 8.5). */
const GIVEN = ['storage_backings', 'optimization_info', 'publish_info', 'security_policy_id', 'configuration_info']
function kept({ publish_info, ...spec }: LibrarySpec): Record<string, unknown> {
  const { password: _, current_password: __, ...published } = publish_info ?? {}
  const all = { ...spec, ...(publish_info && { publish_info: published }) }
  return Object.fromEntries(Object.entries(all).filter(([name]) => GIVEN.includes(name)))
}

const model = (library: Library): LibrarySpec => ({
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
  publish_info: UNPUBLISHED,
  ...library.given,
})
/** As a vCenter shows it: docs/fidelity.md, "`publish_info` of a library that is not published". */
const UNPUBLISHED = { authentication_method: 'NONE', persist_json_enabled: false, published: false } as const
/** Every sandbox is the same vCenter to its clients. */
const SERVER_GUID = '9d0c9ad5-6b0c-4f0e-9d3c-6f4e2f1c7a10'

export const library = [
  list(any),
  get(any),
  findAny,
  list(local),
  createLocal,
  get(local, 'INVALID_ELEMENT_TYPE'),
  updateLocal,
  deleteLocal,
  listSubscribed,
]
