// com.vmware.content.library.item.updatesession.file: reference 3 and 8.2.
import * as z from 'zod'
import { DESCRIPTOR_NAME } from '../rules/expressions.ts'
import * as failures from '../rules/failure.ts'
import { fail, ok, type Failure, type Result } from '../rules/failure.ts'
import { bytesTransferred, checksumOf, isDigest, wrongFileName, type File, type FileFacts } from '../rules/file.ts'
import { splitSource } from '../rules/source.ts'
import type { SessionHead } from '../rules/update-session.ts'
import { isKeptInStorage, missingFiles } from '../rules/validation.ts'
import { ChecksumInfo } from './item-file.ts'
import { once } from './once.ts'
import { operation, type Operation } from './operation.ts'
import { Certificate, Id, int64, LocalizableMessage, Name, nothing, schemaNamed, union, Uri } from './schemas.ts'
import type { Store } from './store.ts'

const TransferEndpoint = schemaNamed('Content.Library.Item.TransferEndpoint', () => ({
  uri: Uri,
  ssl_certificate_thumbprint: Id.optional(),
  ssl_certificate: Certificate.optional(),
}))
const SourceType = z.enum(['NONE', 'PUSH', 'PULL'])
const AddSpec = schemaNamed(
  'Content.Library.Item.Updatesession.File.AddSpec',
  () => ({
    name: Name,
    source_type: SourceType,
    source_endpoint: TransferEndpoint().optional(),
    size: int64.optional(),
    checksum_info: ChecksumInfo().optional(),
  }),
  union('source_type', { source_endpoint: 'PULL' }, { areNeeded: true }),
)
const UpdateFileInfo = schemaNamed('Content.Library.Item.Updatesession.File.Info', () => ({
  name: z.string(),
  source_type: SourceType,
  size: int64.optional(),
  checksum_info: ChecksumInfo().optional(),
  source_endpoint: TransferEndpoint().optional(),
  upload_endpoint: TransferEndpoint().optional(),
  bytes_transferred: int64,
  status: z.enum(['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY', 'VALIDATING', 'ERROR']),
  error_message: LocalizableMessage().optional(),
  keep_in_storage: z.boolean().optional(),
}))
const ValidationError = schemaNamed('Content.Library.Item.Updatesession.File.ValidationError', () => ({
  name: z.string(),
  error_message: LocalizableMessage(),
}))
const ValidationResult = schemaNamed('Content.Library.Item.Updatesession.File.ValidationResult', () => ({
  has_errors: z.boolean(),
  missing_files: z.array(z.string()).meta({ uniqueItems: true }),
  invalid_files: z.array(ValidationError()),
}))

const service = 'com.vmware.content.library.item.updatesession.file'
const target = once(() => z.strictObject({ update_session_id: Id }))
const all = { service, path: '/content/library/item/update-session/{update_session_id}/file', input: target }
const each = { service, path: `${all.path}/{file_name}`, input: () => target().extend({ file_name: Name }) }

const list = operation({
  ...all,
  name: 'list',
  output: () => z.array(UpdateFileInfo()),
  errors: ['NOT_FOUND'],
  run: (store, { update_session_id: id }) => {
    const session = store.updateSessions.find(id)
    return session
      ? ok(session.files.map((file) => model(store, session, file)))
      : fail(failures.noSuch('update_session', id))
  },
})

const add = operation({
  ...all,
  name: 'add',
  otherAction: 'add',
  creates: true,
  body: 'file_spec',
  input: () => target().extend({ file_spec: AddSpec() }),
  output: UpdateFileInfo,
  errors: ['INVALID_ARGUMENT', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNAUTHORIZED', 'NOT_FOUND'],
  run: (store, { update_session_id: id, file_spec }) => {
    const session = store.updateSessions.head(id)
    if (!session) return fail(failures.noSuch('update_session', id))
    const facts = fileFactsOf(store, file_spec)
    if (!facts.ok) return facts
    if (isTooLate(store, session, file_spec.name)) return fail(failures.metadataAfterDescriptor(file_spec.name))
    const file: File = { ...facts.value, status: 'WAITING_FOR_TRANSFER' }
    const otherFiles = store.updateFiles.countOthers(id, file.name)
    const before = store.updateFiles.find(id, file.name)
    const sent = store.updateSessions.change(session, before, { type: 'add', file, otherFiles })
    return sent.ok ? ok(model(store, session, file)) : sent
  },
})

const get = operation({
  ...each,
  name: 'get',
  output: UpdateFileInfo,
  errors: ['INVALID_ARGUMENT', 'NOT_FOUND'],
  run: (store, { update_session_id: id, file_name }) => {
    const found = findFile(store, id, file_name)
    return found.ok ? ok(model(store, found.value.session, found.value.file)) : found
  },
})

const remove = operation({
  ...each,
  name: 'remove',
  output: nothing,
  errors: ['INVALID_ARGUMENT', 'NOT_FOUND'],
  run: (store, { update_session_id: id, file_name }) => {
    const found = findFile(store, id, file_name)
    if (!found.ok) return found
    const { session, file } = found.value
    return store.updateSessions.change(session, file, { type: 'remove', file })
  },
})

const validate = operation({
  ...all,
  name: 'validate',
  output: ValidationResult,
  errors: ['NOT_ALLOWED_IN_CURRENT_STATE', 'NOT_FOUND'],
  run: (store, { update_session_id: id }) => {
    const sent = store.updateSessions.send(id, { type: 'validate' })
    if (!sent.ok) return sent
    const session = store.updateSessions.find(id)
    const missing = missingFiles(session?.itemType, session?.files ?? [])
    // A file that is wrong has ended its session.
    return ok({ has_errors: missing.length > 0, missing_files: missing, invalid_files: [] })
  },
})

/** Named for the older bindings only: an `id` would put it into the description of /api. */
const ProbeResult = once(() =>
  z
    .strictObject({
      status: z.enum([
        'SUCCESS',
        'INVALID_URL',
        'TIMED_OUT',
        'HOST_NOT_FOUND',
        'RESOURCE_NOT_FOUND',
        'INVALID_CREDENTIALS',
        'CERTIFICATE_ERROR',
        'UNKNOWN_ERROR',
      ]),
      ssl_thumbprint: z.string().optional(),
      ssl_certificate: z.string().optional(),
      error_messages: z.array(LocalizableMessage()),
    })
    .meta({ legacyId: 'Content.Library.Item.Updatesession.File.ProbeResult' }),
)
type ProbeResult = z.input<ReturnType<typeof ProbeResult>>
type Endpoint = z.output<ReturnType<typeof TransferEndpoint>>

/** In no specification any more: govc asks for it on /rest, and so the path of /api is never used. */
const probe: Operation = {
  service,
  name: 'probe',
  method: 'POST',
  path: '/content/library/item/update-session/file',
  isLegacy: true,
  input: once(() => z.strictObject({ source_endpoint: TransferEndpoint() })),
  output: ProbeResult,
  errors: [],
  run: (_, { source_endpoint }: { source_endpoint: Endpoint }) => ok(source_endpoint),
  afterwards: async ({ uri }: Endpoint, look): Promise<ProbeResult> => {
    const wrong = wrongSource(uri)
    if (wrong) return { status: 'INVALID_URL', error_messages: wrong.messages }
    const seen = await look(uri)
    if ('why' in seen) return { status: seen.cause ?? 'UNKNOWN_ERROR', error_messages: [failures.lookFailed(seen.why)] }
    const status = probeStatus(seen.status)
    return { status, error_messages: status === 'SUCCESS' ? [] : [failures.lookFailed(`${seen.status}`)] }
  },
}

function probeStatus(status: number): ProbeResult['status'] {
  if (status < 400) return 'SUCCESS'
  if (status === 401 || status === 403) return 'INVALID_CREDENTIALS'
  return status === 404 || status === 410 ? 'RESOURCE_NOT_FOUND' : 'UNKNOWN_ERROR'
}

function findFile(store: Store, id: string, name: string): Result<{ session: SessionHead; file: File }> {
  const session = store.updateSessions.head(id)
  if (!session) return fail(failures.noSuch('update_session', id))
  const file = store.updateFiles.find(id, name)
  return file ? ok({ session, file }) : fail(failures.noSuchFile(name))
}

/** An OVF's manifest and certificate are added before its descriptor (reference 3). */
const isTooLate = (store: Store, { id, itemType }: SessionHead, name: string): boolean =>
  !isKeptInStorage(itemType, name) &&
  store.updateFiles.of(id).some((file) => DESCRIPTOR_NAME.test(file.name) && file.sourceType !== 'NONE')

/** What govmomi says of a source that does not tell its length. */
const UNKNOWN_SIZE = -1

function fileFactsOf(store: Store, spec: z.output<ReturnType<typeof AddSpec>>): Result<FileFacts> {
  const { name, source_type: sourceType, source_endpoint: source, checksum_info } = spec
  const sizeBytes = sourceType === 'PULL' && spec.size === UNKNOWN_SIZE ? undefined : spec.size
  const checksum = checksum_info && { algorithm: checksum_info.algorithm ?? 'SHA1', checksum: checksum_info.checksum }
  const wrong = wrongFileName(name)
  if (wrong) return fail(wrong)
  if (sizeBytes !== undefined && sizeBytes < 0) return fail(failures.sizeInvalid(sizeBytes))
  if (checksum && !isDigest(checksum)) return fail(failures.digestInvalid(checksum.checksum, checksum.algorithm))
  const facts = { name, sourceType, sizeBytes, checksum }
  if (sourceType === 'NONE') return ok(facts)
  if (sourceType === 'PUSH') return ok({ ...facts, uploadToken: store.newUploadToken() })
  const unfit = source && wrongSource(source.uri, ['ds:', 'file:'])
  return unfit ? fail(unfit) : ok({ ...facts, source })
}

/** Why nothing can be fetched from there; of storage, because no user may read any. */
function wrongSource(uri: string, storage: string[] = []): Failure | undefined {
  const { protocol } = URL.parse(uri) ?? {}
  const { uri: shown } = splitSource(uri)
  if (protocol === undefined) return failures.sourceMalformed(shown)
  if (storage.includes(protocol)) return failures.storageForbidden(shown)
  return ['http:', 'https:'].includes(protocol) ? undefined : failures.sourceUnsupported(shown)
}

function model(store: Store, { itemType }: SessionHead, file: File): z.input<ReturnType<typeof UpdateFileInfo>> {
  const received = 'received' in file ? file.received : undefined
  const checksum = received ? checksumOf(received) : file.checksum
  return {
    name: file.name,
    source_type: file.sourceType,
    ...(file.status === 'READY' && { size: file.received.sizeBytes }),
    ...(checksum && { checksum_info: checksum }),
    ...(file.source && { source_endpoint: { ...file.source, uri: splitSource(file.source.uri).uri } }),
    ...(file.uploadToken !== undefined && {
      upload_endpoint: { uri: `${store.origin}/cls/data/${file.uploadToken}/${encodeURIComponent(file.name)}` },
    }),
    bytes_transferred: bytesTransferred(file),
    status: file.status,
    ...('reason' in file && file.reason && { error_message: file.reason }),
    ...(!isKeptInStorage(itemType, file.name) && { keep_in_storage: false }),
  }
}

export const updateSessionFile = [list, add, get, remove, validate, probe]
