// com.vmware.content.library.item.updatesession.file: reference 3 and 8.2.
import * as z from 'zod'
import { CONTROL_CHARACTERS, DESCRIPTOR_NAME } from '../rules/expressions.ts'
import {
  digestInvalid,
  fail,
  fileNameInvalid,
  lookFailed,
  metadataAfterDescriptor,
  noSuch,
  noSuchFile,
  ok,
  sizeInvalid,
  sourceMalformed,
  sourceUnsupported,
  storageForbidden,
  missingField,
  type Failure,
  type Result,
} from '../rules/failure.ts'
import {
  bytesTransferred,
  checksumOf,
  isDigest,
  type Checksum,
  type File,
  type FileFacts,
  type Source,
} from '../rules/file.ts'
import type { SessionHead } from '../rules/update-session.ts'
import { inspect, isKeptInStorage, isOvf, isSignature } from '../rules/validation.ts'
import {
  Certificate,
  ChecksumInfo,
  Id,
  int64,
  LocalizableMessage,
  Name,
  nothing,
  operation,
  Uri,
  type Operation,
  type Store,
} from './operation.ts'

const TransferEndpoint = z
  .strictObject({
    uri: Uri,
    ssl_certificate_thumbprint: Id.optional(),
    ssl_certificate: Certificate.optional(),
  })
  .meta({ id: 'Content.Library.Item.TransferEndpoint' })
const SourceType = z.enum(['NONE', 'PUSH', 'PULL'])
const AddSpec = z
  .strictObject({
    name: Name,
    source_type: SourceType,
    source_endpoint: TransferEndpoint.optional(),
    size: int64.optional(),
    checksum_info: ChecksumInfo.optional(),
  })
  .meta({ id: 'Content.Library.Item.Updatesession.File.AddSpec' })
const Info = z
  .strictObject({
    name: z.string(),
    source_type: SourceType,
    size: int64.optional(),
    checksum_info: ChecksumInfo.optional(),
    source_endpoint: TransferEndpoint.optional(),
    upload_endpoint: TransferEndpoint.optional(),
    bytes_transferred: int64,
    status: z.enum(['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY', 'VALIDATING', 'ERROR']),
    error_message: LocalizableMessage.optional(),
    keep_in_storage: z.boolean().optional(),
  })
  .meta({ id: 'Content.Library.Item.Updatesession.File.Info' })
const ValidationError = z
  .strictObject({ name: z.string(), error_message: LocalizableMessage })
  .meta({ id: 'Content.Library.Item.Updatesession.File.ValidationError' })
const ValidationResult = z
  .strictObject({
    has_errors: z.boolean(),
    missing_files: z.array(z.string()).meta({ uniqueItems: true }),
    invalid_files: z.array(ValidationError),
  })
  .meta({ id: 'Content.Library.Item.Updatesession.File.ValidationResult' })

type Spec = z.output<typeof AddSpec>
const service = 'com.vmware.content.library.item.updatesession.file'
const all = '/content/library/item/update-session/{update_session_id}/file'
const each = `${all}/{file_name}`
const target = z.strictObject({ update_session_id: Id })
const targetFile = target.extend({ file_name: Name })

const list = operation({
  service,
  name: 'list',
  method: 'GET',
  path: all,
  input: target,
  output: z.array(Info),
  errors: ['NOT_FOUND'],
  run: (store, { update_session_id: id }) => {
    const session = store.updateSessions.find(id)
    return session ? ok(session.files.map((file) => model(store, session, file))) : fail(noSuch('update_session', id))
  },
})

const add = operation({
  service,
  name: 'add',
  creates: true,
  method: 'POST',
  path: all,
  body: 'file_spec',
  input: target.extend({ file_spec: AddSpec }),
  output: Info,
  errors: ['INVALID_ARGUMENT', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNAUTHORIZED', 'NOT_FOUND'],
  run: (store, { update_session_id: id, file_spec }) => {
    const session = store.updateSessions.head(id)
    if (!session) return fail(noSuch('update_session', id))
    const facts = factsOf(store, file_spec)
    if (!facts.ok) return facts
    const late = tooLate(store, session, file_spec.name)
    if (late) return fail(late)
    const file: File = { ...facts.value, status: 'WAITING_FOR_TRANSFER' }
    const otherFiles = store.updateFiles.countOthers(id, file.name)
    const sent = store.updateSessions.change(id, { type: 'add', file, otherFiles })
    return sent.ok ? ok(model(store, session, file)) : sent
  },
})

const get = operation({
  service,
  name: 'get',
  method: 'GET',
  path: each,
  input: targetFile,
  output: Info,
  errors: ['INVALID_ARGUMENT', 'NOT_FOUND'],
  run: (store, { update_session_id: id, file_name }) => {
    const found = find(store, id, file_name)
    return found.ok ? ok(model(store, found.value.session, found.value.file)) : found
  },
})

const remove = operation({
  service,
  name: 'remove',
  method: 'DELETE',
  path: each,
  input: targetFile,
  output: nothing,
  errors: ['INVALID_ARGUMENT', 'NOT_FOUND'],
  run: (store, { update_session_id: id, file_name }) => {
    const found = find(store, id, file_name)
    if (!found.ok) return found
    return store.updateSessions.change(id, { type: 'remove', file: found.value.file })
  },
})

const validate = operation({
  service,
  name: 'validate',
  method: 'POST',
  path: all,
  action: 'validate',
  input: target,
  output: ValidationResult,
  errors: ['NOT_ALLOWED_IN_CURRENT_STATE', 'NOT_FOUND'],
  run: (store, { update_session_id: id }) => {
    const sent = store.updateSessions.send(id, { type: 'validate' })
    if (!sent.ok) return sent
    const session = store.updateSessions.find(id)
    const { missing, invalid } = inspect(session?.itemType, session?.files ?? [])
    return ok({
      has_errors: missing.length > 0 || invalid.length > 0,
      missing_files: missing,
      invalid_files: invalid.map(({ name, reason }) => ({ name, error_message: reason })),
    })
  },
})

const PROBE_STATUSES = [
  'SUCCESS',
  'INVALID_URL',
  'TIMED_OUT',
  'HOST_NOT_FOUND',
  'RESOURCE_NOT_FOUND',
  'INVALID_CREDENTIALS',
  'CERTIFICATE_ERROR',
  'UNKNOWN_ERROR',
] as const
/** Named for the older bindings only: an `id` would put it into the description of /api. */
const ProbeResult = z
  .strictObject({
    status: z.enum(PROBE_STATUSES),
    ssl_thumbprint: z.string().optional(),
    ssl_certificate: z.string().optional(),
    error_messages: z.array(LocalizableMessage),
  })
  .meta({ legacyId: 'Content.Library.Item.Updatesession.File.ProbeResult' })
type ProbeResult = z.input<typeof ProbeResult>
type Endpoint = z.output<typeof TransferEndpoint>

/** In no specification any more: govc asks for it on /rest, and so the path of /api is never used. */
const probe: Operation = {
  service,
  name: 'probe',
  method: 'POST',
  path: '/content/library/item/update-session/file',
  isLegacy: true,
  input: z.strictObject({ source_endpoint: TransferEndpoint }),
  output: ProbeResult,
  errors: [],
  run: (_, { source_endpoint }: { source_endpoint: Endpoint }) => ok(source_endpoint),
  afterwards: async ({ uri }: Endpoint, look): Promise<ProbeResult> => {
    const url = URL.parse(uri)
    if (!url) return { status: 'INVALID_URL', error_messages: sourceMalformed(uri).messages }
    if (!['http:', 'https:'].includes(url.protocol))
      return { status: 'INVALID_URL', error_messages: sourceUnsupported(uri).messages }
    const seen = await look(uri)
    if ('why' in seen)
      return { status: seen.isTimeout ? 'TIMED_OUT' : 'UNKNOWN_ERROR', error_messages: [lookFailed(seen.why)] }
    const status = probeStatus(seen.status)
    return { status, error_messages: status === 'SUCCESS' ? [] : [lookFailed(`${seen.status}`)] }
  },
}

function probeStatus(status: number): ProbeResult['status'] {
  if (status < 400) return 'SUCCESS'
  if (status === 401 || status === 403) return 'INVALID_CREDENTIALS'
  return status === 404 || status === 410 ? 'RESOURCE_NOT_FOUND' : 'UNKNOWN_ERROR'
}

function find(store: Store, id: string, name: string): Result<{ session: SessionHead; file: File }> {
  const session = store.updateSessions.head(id)
  if (!session) return fail(noSuch('update_session', id))
  const file = store.updateFiles.find(id, name)
  return file ? ok({ session, file }) : fail(noSuchFile(name))
}

/** An OVF's manifest and certificate are read before its descriptor (reference 3). */
const tooLate = (store: Store, { id, itemType }: SessionHead, name: string): Failure | undefined =>
  isOvf(itemType) &&
  isSignature(name) &&
  store.updateFiles
    .of(id)
    .some(
      (file) => DESCRIPTOR_NAME.test(file.name) && file.sourceType !== 'NONE' && file.status !== 'WAITING_FOR_TRANSFER',
    )
    ? metadataAfterDescriptor(name)
    : undefined

/** What govmomi says of a source that does not tell its length. */
const UNKNOWN_SIZE = -1

function factsOf(store: Store, spec: Spec): Result<FileFacts> {
  const { name, source_type: sourceType, checksum_info } = spec
  const size = sourceType === 'PULL' && spec.size === UNKNOWN_SIZE ? undefined : spec.size
  const unfit = wrongName(name)
  if (unfit !== undefined) return fail(fileNameInvalid(name, unfit))
  if (size !== undefined && size < 0) return fail(sizeInvalid(size))
  const checksum: Checksum | undefined = checksum_info && {
    algorithm: checksum_info.algorithm ?? 'SHA1',
    checksum: checksum_info.checksum,
  }
  if (checksum && !isDigest(checksum)) return fail(digestInvalid(checksum.checksum, checksum.algorithm))
  const facts = {
    name,
    sourceType,
    ...(size !== undefined && { sizeBytes: size }),
    ...(checksum && { checksum }),
  }
  switch (sourceType) {
    case 'NONE':
      return ok(facts)
    case 'PUSH':
      return ok({ ...facts, uploadToken: store.newUploadToken() })
    case 'PULL': {
      const source = sourceOf(spec)
      return source.ok ? ok({ ...facts, source: source.value }) : source
    }
  }
}

function sourceOf({ source_endpoint: endpoint }: Spec): Result<Source> {
  if (!endpoint) return fail(missingField('source_endpoint'))
  const url = URL.parse(endpoint.uri)
  if (!url) return fail(sourceMalformed(endpoint.uri))
  if (url.protocol === 'ds:' || url.protocol === 'file:') return fail(storageForbidden(endpoint.uri))
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return fail(sourceUnsupported(endpoint.uri))
  const { ssl_certificate_thumbprint, ssl_certificate } = endpoint
  return ok({
    uri: endpoint.uri,
    ...(ssl_certificate_thumbprint !== undefined && { ssl_certificate_thumbprint }),
    ...(ssl_certificate !== undefined && { ssl_certificate }),
  })
}

/** Names are file names: what a path or a terminal would read otherwise is refused (ours). */
function wrongName(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name === '.' || name === '..' || name.includes('/') || name.includes('\\')) return 'it is a path'
  if (name.search(CONTROL_CHARACTERS) !== -1) return 'it has a control character'
  return undefined
}

function model(store: Store, { itemType }: SessionHead, file: File): z.input<typeof Info> {
  const checksum = file.status === 'READY' ? checksumOf(file.received) : file.checksum
  return {
    name: file.name,
    source_type: file.sourceType,
    ...(file.status === 'READY' && { size: file.received.sizeBytes }),
    ...(checksum && { checksum_info: checksum }),
    ...(file.source && { source_endpoint: file.source }),
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
