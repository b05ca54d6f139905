// com.vmware.content.library.item.update_session: reference 1, 2 and 8.1; of download_session the list: reference 4.
import * as z from 'zod'
import { clientError, fail, noSuch, ok, type ErrorType } from '../rules/failure.ts'
import type { File } from '../rules/file.ts'
import { isOpen, shown, WARNING_TYPES, type Session } from '../rules/update-session.ts'
import { previewState } from '../rules/validation.ts'
import { creation } from './creation.ts'
import { once } from './once.ts'
import { operation, type Operation } from './operation.ts'
import {
  Certificate,
  dateTime,
  Id,
  ids,
  int64,
  listOf,
  LocalizableMessage,
  MessageText,
  modelNamed,
  Name,
  nothing,
  schemaNamed,
} from './schemas.ts'
import type { ItemFile, Store } from './store.ts'

const WarningType = z.enum(WARNING_TYPES)
const WarningBehavior = schemaNamed('Content.Library.Item.Updatesession.WarningBehavior', () => ({
  type: WarningType,
  ignored: z.boolean(),
}))

const PreviewWarningInfo = schemaNamed('Content.Library.Item.Updatesession.PreviewWarningInfo', () => ({
  type: WarningType,
  message: LocalizableMessage(),
  ignored: z.boolean(),
}))
const CertificateInfo = schemaNamed('Content.Library.Item.Updatesession.CertificateInfo', () => ({
  issuer: Name,
  subject: Name,
  self_signed: z.boolean(),
  x509: Certificate,
}))
const PreviewInfo = schemaNamed('Content.Library.Item.Updatesession.PreviewInfo', () => ({
  state: z.enum(['UNAVAILABLE', 'NOT_APPLICABLE', 'PREPARING', 'AVAILABLE']),
  certificate_info: CertificateInfo().optional(),
  warnings: listOf(PreviewWarningInfo()).optional(),
  cert_chain: listOf(Certificate).optional(),
}))

const UpdateSessionModel = modelNamed('Content.Library.Item.UpdateSessionModel', () => ({
  id: Id,
  library_item_id: Id,
  library_item_content_version: Id,
  error_message: LocalizableMessage(),
  client_progress: int64,
  state: z.enum(['ACTIVE', 'DONE', 'ERROR', 'CANCELED']),
  expiration_time: dateTime,
  preview_info: PreviewInfo(),
  warning_behavior: listOf(WarningBehavior()),
}))

const all = { service: 'com.vmware.content.library.item.update_session', path: '/content/library/item/update-session' }
const target = once(() => z.strictObject({ update_session_id: Id }))
const each = { ...all, path: `${all.path}/{update_session_id}`, input: target }
/** What all changes of a session have in common. */
const change = { ...each, output: nothing, errors: ['NOT_ALLOWED_IN_CURRENT_STATE', 'NOT_FOUND'] satisfies ErrorType[] }

/** The ids of such sessions: of all, or of those of one item. */
const list = (
  of: Pick<Operation, 'service' | 'path'>,
  sessions: (store: Store, itemId?: string) => string[],
): Operation =>
  operation({
    ...of,
    name: 'list',
    query: ['library_item_id'],
    input: () => z.strictObject({ library_item_id: Id.optional() }),
    output: ids,
    errors: ['NOT_FOUND'],
    run: (store, { library_item_id: itemId }) =>
      itemId !== undefined && !store.items.find(itemId)
        ? fail(noSuch('library_item', itemId))
        : ok(sessions(store, itemId)),
  })

const create = creation(
  { ...all, errors: ['INVALID_ARGUMENT', 'INVALID_ELEMENT_TYPE', 'RESOURCE_BUSY', 'NOT_FOUND'] },
  UpdateSessionModel,
  ({ library_item_id }) => ({ library_item_id }),
  (store, { library_item_id: libraryItemId = '', warning_behavior: warningBehavior = [] }) => {
    const item = store.items.find(libraryItemId)
    if (!item) return fail(noSuch('library_item', libraryItemId))
    const id = `${store.newId()}:${store.newId()}`
    const files = store.itemFiles.of(libraryItemId).map(untouched)
    const begun = store.updateSessions.begin({ id, item, warningBehavior, files })
    return begun.ok ? ok(id) : begun
  },
)

const get = operation({
  ...each,
  name: 'get',
  output: UpdateSessionModel,
  errors: ['NOT_FOUND'],
  run: (store, { update_session_id: id }) => {
    const session = store.updateSessions.find(id)
    return session ? ok(model(session)) : fail(noSuch('update_session', id))
  },
})

const update = operation({
  ...each,
  name: 'update',
  body: 'update_spec',
  input: () => target().extend({ update_spec: UpdateSessionModel() }),
  output: nothing,
  errors: ['NOT_ALLOWED_IN_CURRENT_STATE', 'INVALID_ARGUMENT', 'NOT_FOUND'],
  // Only warning_behavior is applied; the rest is ignored (reference 1.3, ours).
  run: (store, { update_session_id: id, update_spec: { warning_behavior } }) =>
    store.updateSessions.send(id, { type: 'update', ...(warning_behavior && { warningBehavior: warning_behavior }) }),
})

/** What says no more than which session is meant. */
const plain = (name: 'delete' | 'complete' | 'cancel') =>
  operation({
    ...change,
    name,
    run: (store, { update_session_id: id }) => store.updateSessions.send(id, { type: name }),
  })

const keepAlive = operation({
  ...change,
  name: 'keep_alive',
  input: () => target().extend({ client_progress: int64.optional() }),
  run: (store, { update_session_id: id, client_progress: clientProgress }) =>
    store.updateSessions.send(id, { type: 'keepAlive', ...(clientProgress !== undefined && { clientProgress }) }),
})

const failSession = operation({
  ...change,
  name: 'fail',
  input: () => target().extend({ client_error_message: MessageText }),
  run: (store, { update_session_id: id, client_error_message }) =>
    store.updateSessions.send(id, { type: 'fail', reason: clientError(client_error_message) }),
})

const untouched = ({ name, received }: ItemFile): File => ({ name, sourceType: 'NONE', status: 'READY', received })

/** Warnings belong to an available preview only: the vendor's SDKs refuse to read them anywhere else. */
function previewInfo({ files }: Session): z.input<ReturnType<typeof PreviewInfo>> {
  const state = previewState(files)
  return state === 'AVAILABLE' ? { state, warnings: [] } : { state }
}

const model = (session: Session): z.input<ReturnType<typeof UpdateSessionModel>> => ({
  // Sent although the documentation says otherwise: govc prints it (reference 11.1).
  id: session.id,
  library_item_id: session.libraryItemId,
  library_item_content_version: session.contentVersion,
  client_progress: session.clientProgress,
  state: shown(session),
  expiration_time: new Date(session.expiresAt).toISOString(),
  ...(session.state === 'ERROR' && { error_message: session.reason }),
  ...(isOpen(session) && { preview_info: previewInfo(session) }),
  ...(session.warningBehavior.length > 0 && { warning_behavior: session.warningBehavior }),
})

/** No operation begins a download session here, but `govc library.session.ls` asks for them. */
export const downloadSessions = list(
  { service: 'com.vmware.content.library.item.download_session', path: '/content/library/item/download-session' },
  () => [],
)

export const updateSession = [
  list(all, (store, itemId) => store.updateSessions.list(itemId)),
  create,
  get,
  update,
  plain('delete'),
  plain('complete'),
  keepAlive,
  plain('cancel'),
  failSession,
]
