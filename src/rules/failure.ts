// What can be refused, and in which words: results, failures, and the catalogue of every message.
import { PLACEHOLDER } from './expressions.ts'

/** The error types of the API that this mock can answer with (reference 9.1). */
export const ERROR_TYPES = [
  'ALREADY_EXISTS',
  'CONCURRENT_CHANGE',
  'INTERNAL_SERVER_ERROR',
  'INVALID_ARGUMENT',
  'INVALID_ELEMENT_TYPE',
  'INVALID_REQUEST',
  'NOT_ALLOWED_IN_CURRENT_STATE',
  'NOT_FOUND',
  'OPERATION_NOT_FOUND',
  'RESOURCE_BUSY',
  'SERVICE_UNAVAILABLE',
  'UNAUTHENTICATED',
  'UNAUTHORIZED',
  'UNSUPPORTED',
] as const
export type ErrorType = (typeof ERROR_TYPES)[number]

export type Message = { id: string; default_message: string; args: string[] }
export type Failure = { type: ErrorType; messages: Message[]; challenge?: string }

/** The answer of everything that can be refused: plain data, so it crosses Durable Object calls unchanged. */
export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const fail = (failure: Failure): { ok: false; failure: Failure } => ({ ok: false, failure })

/** `{0}` in the text stands for the first argument, as in the message catalogues of vAPI. */
const message = (id: string, text: string, ...given: string[]): Message => {
  const args = given.map(quoted)
  return { id, default_message: text.replace(PLACEHOLDER, (_, index: string) => args[Number(index)] ?? ''), args }
}
/** What a message says of a client's text: so much, since what is refused may be as long as a request. */
const QUOTE_CHARS = 512
export const quoted = (text: string): string =>
  text.length <= QUOTE_CHARS ? text : `${text.slice(0, QUOTE_CHARS).toWellFormed()}…`
const CLS = 'com.vmware.vdcs.cls-main'
const one = (type: ErrorType, ...message_: Parameters<typeof message>): Failure => ({
  type,
  messages: [message(...message_)],
})

// Update sessions. The text with a reason, and the one of a file not received, were observed (reference 15.1, 15.2).

export const notAllowed = (operation: string, state: string, reason?: Message): Failure =>
  reason
    ? one(
        'NOT_ALLOWED_IN_CURRENT_STATE',
        `${CLS}.update_session_invalid_state_for_operation_reason`,
        'The operation {0} can not be invoked when the import session is in the {1} state. Reason: {2}',
        operation,
        state,
        reason.default_message,
      )
    : one(
        'NOT_ALLOWED_IN_CURRENT_STATE',
        `${CLS}.update_session_invalid_state_for_operation`,
        'The operation {0} can not be invoked when the import session is in the {1} state.',
        operation,
        state,
      )

export const itemHasActiveSession = (itemId: string, sessionId: string): Failure =>
  one(
    'RESOURCE_BUSY',
    `${CLS}.update_session_already_active`,
    'The library item {0} already has an active update session {1}. Complete, cancel or fail it first.',
    itemId,
    sessionId,
  )

export const progressOutOfRange = (progress: number): Failure =>
  one(
    'INVALID_ARGUMENT',
    `${CLS}.client_progress_out_of_range`,
    'The client progress {0} is not between 0 and 100.',
    `${progress}`,
  )

export const progressNotIncreased = (progress: number, current: number): Failure =>
  one(
    'INVALID_ARGUMENT',
    `${CLS}.client_progress_not_increased`,
    'The client progress {0} is not greater than the current progress {1}.',
    `${progress}`,
    `${current}`,
  )

/** What `fail` leaves in a session's `error_message`: the client's own words, not translated (reference 1.3). */
export const clientError = (text: string): Message => ({
  id: `${CLS}.update_session_failed_by_client`,
  default_message: text,
  args: [text],
})

// Files of update sessions and their transfers. The text of a file not received was observed (reference 15.2).

/** The status as a real vCenter abbreviates it there. */
export const fileNotReceived = (name: string, status: string): Failure =>
  one(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_file_not_received`,
    'File {0} has transfer errors or has not been fully received yet (status: {1}).',
    name,
    status === 'WAITING_FOR_TRANSFER' ? 'WAITING' : status,
  )
export const filesMissing = (names: string[]): Failure =>
  one(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_files_missing`,
    'The descriptor names files that are not in the session: {0}. Add and upload them first.',
    names.join(', '),
  )
/** Of the errors documented for `add`, the one that says that it would be taken at another time. */
export const tooManyFiles = (limit: number): Failure =>
  one(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_too_many_files`,
    'The update session has {0} files, and takes no further one. Remove a file first, or replace one by its name.',
    `${limit}`,
  )
export const noSuchFile = (name: string): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.file_not_found`, 'The file {0} was not found in the update session.', name)
/** Never seen by a client of the API: it tells a transfer that it is no longer wanted. */
export const fileReplaced = (name: string): Failure =>
  one('NOT_ALLOWED_IN_CURRENT_STATE', `${CLS}.transfer_superseded`, 'This transfer of the file {0} is over.', name)
export const metadataAfterDescriptor = (name: string): Failure =>
  one(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.metadata_file_after_descriptor`,
    'The metadata file {0} must be added before the OVF descriptor.',
    name,
  )
export const uploadGone = (): Failure =>
  one('NOT_FOUND', `${CLS}.upload_endpoint_not_found`, 'There is no such upload endpoint, or it is no longer valid.')
export const uploadInterrupted = (name: string): Failure =>
  one(
    'INVALID_REQUEST',
    `${CLS}.upload_interrupted`,
    'The upload of {0} ended before the body did. The file waits for another try.',
    name,
  )
export const uploadLengthInvalid = (length: string, limitBytes: number): Failure =>
  one(
    'INVALID_REQUEST',
    `${CLS}.upload_length_invalid`,
    'The Content-Length {0} of the upload is not valid: it must be a whole number of bytes, {1} at most. The file waits for another try.',
    length,
    `${limitBytes}`,
  )
export const fileNameInvalid = (name: string, why: string): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.file_name_invalid`, 'The file name {0} is not valid: {1}.', name, why)
export const sizeInvalid = (sizeBytes: number): Failure =>
  one(
    'INVALID_ARGUMENT',
    `${CLS}.file_size_invalid`,
    'The file size {0} is not valid: it must not be negative.',
    `${sizeBytes}`,
  )
export const digestInvalid = (checksum: string, algorithm: string): Failure =>
  one(
    'INVALID_ARGUMENT',
    `${CLS}.checksum_invalid`,
    'The checksum {0} is not valid: it is not a hexadecimal digest of {1}.',
    checksum,
    algorithm,
  )
export const sourceUnsupported = (uri: string): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.file_probe_unsupported_uri_scheme`, 'The specified URI {0} is not supported.', uri)
export const sourceMalformed = (uri: string): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.invalid_url_format`, 'Invalid URL format for {0}.', uri)
export const storageForbidden = (uri: string): Failure =>
  one(
    'UNAUTHORIZED',
    `${CLS}.read_storage_required`,
    'Pulling from {0} needs the privilege ContentLibrary.ReadStorage, which no user of this mock has.',
    uri,
  )

/** What a file, and by it its session, has for an `error_message`. */
export const sizeMismatch = (name: string, expected: number, received: number): Message =>
  message(
    `${CLS}.file_size_mismatch`,
    'Error transferring file {0}. Reason: expected {1} bytes, received {2}.',
    name,
    `${expected}`,
    `${received}`,
  )
export const checksumMismatch = (name: string, algorithm: string, expected: string, computed: string): Message =>
  message(
    `${CLS}.file_checksum_mismatch`,
    'Error transferring file {0}. Reason: expected the {1} checksum {2}, computed {3}.',
    name,
    algorithm,
    expected,
    computed,
  )
export const manifestMismatch = (
  name: string,
  manifest: string,
  algorithm: string,
  expected: string,
  computed: string,
): Message =>
  message(
    `${CLS}.manifest_checksum_mismatch`,
    'Error transferring file {0}. Reason: the manifest {1} gives the {2} checksum {3}, computed {4}.',
    name,
    manifest,
    algorithm,
    expected,
    computed,
  )
export const lookFailed = (why: string): Message => message(`${CLS}.http_request_error`, 'HTTP request error: {0}', why)
export const pullFailed = (name: string, uri: string, why: string): Message =>
  message(`${CLS}.http_request_error`, 'Error transferring file {0} from {1}. Reason: {2}', name, uri, why)

// Things that must exist, or must not.

export type Kind = 'library' | 'library_item' | 'update_session' | 'file'
export const noSuch = (kind: Kind, id: string): Failure =>
  one('NOT_FOUND', `${CLS}.${kind}_not_found`, `The ${kind.replaceAll('_', ' ')} {0} was not found.`, id)

export const itemNameTaken = (name: string, libraryName: string, libraryId: string): Failure =>
  one(
    'ALREADY_EXISTS',
    `${CLS}.duplicate_item_name_unsupported_in_library`,
    "Operation is not supported since a library item with the name {0} exists in the library '{1}' (ID: {2}).",
    name,
    libraryName,
    libraryId,
  )

// Arguments.

export const missingField = (field: string): Failure =>
  one('INVALID_ARGUMENT', 'vapi.data.structure.field.missing', 'The required property {0} is missing.', field)
export const emptyField = (field: string): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.empty_property`, 'The property {0} must not be empty.', field)
export const clientTokenMalformed = (token: string): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.client_token_invalid`, 'The client token {0} is not a UUID.', token)
export const clientTokenReused = (token: string): Failure =>
  one(
    'INVALID_ARGUMENT',
    `${CLS}.client_token_reused`,
    'The client token {0} was used before with another specification. Use a new token.',
    token,
  )
export const emptyFilter = (): Failure =>
  one('INVALID_ARGUMENT', `${CLS}.empty_find_spec`, 'The specification names no property to search for.')
export const versionMismatch = (
  type: 'INVALID_ARGUMENT' | 'CONCURRENT_CHANGE',
  version: string,
  current: string,
): Failure =>
  one(
    type,
    `${CLS}.version_mismatch`,
    'The version {0} is not the current version {1}. Read it again and repeat the change.',
    version,
    current,
  )
export const severalBackings = (count: number): Failure =>
  one(
    'UNSUPPORTED',
    `${CLS}.multiple_storage_backings`,
    'A library has exactly one storage backing, not {0}.',
    `${count}`,
  )

// What never reaches an operation. Some ids were observed (reference 15.5 to 15.10); the others are ours.

const CHALLENGE = 'Basic realm="VAPI endpoint"'
export const unauthenticated = (): Failure => ({
  ...one('UNAUTHENTICATED', 'com.vmware.vapi.endpoint.method.authentication.required', 'Authentication required.'),
  challenge: CHALLENGE,
})
/** Every call is answered so, since the caller is most often who deployed the mock. No value is told: it may be secret. */
export const wrongSettings = (names: string[], wanted: string[]): Failure =>
  one(
    'SERVICE_UNAVAILABLE',
    'update_session_mock.wrong_settings',
    'This mock answers no call until these settings are right: {0}. {1}.',
    names.join(', '),
    wanted.join('. '),
  )
/** Of the errors documented for a login, the one that says to come again. */
export const tooManyLogins = (): Failure =>
  one(
    'SERVICE_UNAVAILABLE',
    'update_session_mock.too_many_logins',
    'There were too many logins from your address. Wait a minute; one login serves for many calls.',
  )
export const urlNotFound = (): Failure => one('NOT_FOUND', 'com.vmware.vapi.rest.httpNotFound', 'Not found.')
export const noOperation = (asked: string, known: string[]): Failure =>
  one(
    'OPERATION_NOT_FOUND',
    'com.vmware.vapi.rest.operationsForUrlNotFound',
    'Unable to find operations for URL: {0}. There are: {1}.',
    asked,
    known.join(', '),
  )
export const notDescribed = (kind: 'service' | 'operation', id: string): Failure =>
  one('NOT_FOUND', `vapi.introspection.${kind}.not_found`, `There is no ${kind} {0} to describe.`, id)
export const noService = (service: string): Failure =>
  one('OPERATION_NOT_FOUND', 'vapi.method.input.invalid.interface', "Cannot find service '{0}'.", service)
export const noMethod = (service: string, method: string): Failure =>
  one(
    'OPERATION_NOT_FOUND',
    'vapi.method.input.invalid.method',
    "Cannot find method '{1}' in service '{0}'.",
    service,
    method,
  )
export const unsupportedProperty = (name: string): Failure =>
  one('INVALID_ARGUMENT', 'com.vmware.vapi.rest.unsupportedProperty', 'Unsupported property with name: {0}.', name)
export const repeatedParameter = (name: string): Failure =>
  one(
    'INVALID_ARGUMENT',
    'com.vmware.vapi.rest.repeated_parameter',
    'The query parameter {0} is given more than once.',
    name,
  )
export const unsupportedMediaType = (given: string): Failure =>
  one(
    'INVALID_REQUEST',
    'com.vmware.vapi.rest.unsupported_media_type',
    'Unsupported media type {0}. Send application/json.',
    given || '(none)',
  )
export const malformedBody = (what: string): Failure =>
  one('INVALID_REQUEST', 'com.vmware.vapi.rest.invalid_body', 'The request body is not JSON: {0}', what)
export const notUtf8 = (): Failure =>
  one('INVALID_REQUEST', 'com.vmware.vapi.rest.body_not_utf8', 'The request body is not UTF-8.')
export const bodyInterrupted = (): Failure =>
  one('INVALID_REQUEST', 'com.vmware.vapi.rest.body_interrupted', 'The request ended before its body did.')
export const bodyTooComplex = (what: string): Failure =>
  one('INVALID_REQUEST', 'com.vmware.vapi.rest.body_too_complex', 'The request body {0}.', what)
export const notAnObject = (): Failure =>
  one('INVALID_ARGUMENT', 'vapi.data.invalid', 'The request body must be a JSON object.')
export const bodyTooLarge = (limitBytes: number): Failure =>
  one(
    'INVALID_REQUEST',
    'com.vmware.vapi.rest.body_too_large',
    'The request body is larger than {0} bytes.',
    `${limitBytes}`,
  )

export const lengthInvalid = (length: string): Failure =>
  one(
    'INVALID_REQUEST',
    'com.vmware.vapi.rest.invalid_content_length',
    'The Content-Length {0} is not valid: it must be the length of the body, a whole number of bytes.',
    length,
  )
/** Ours: permanent, so that the PULL that it answers is not tried again. */
export const pulledFromItself = (): Failure =>
  one(
    'INVALID_REQUEST',
    'update_session_mock.pulled_from_itself',
    'This request comes from a PULL of this mock (its header CDN-Loop says so). The mock pulls nothing from itself.',
  )

/** A refusal names every field that is wrong, up to this many. */
export const PROBLEMS_LIMIT = 10
/** An input that does not fit its operation's schema: first what was called, then everything that is wrong with it. */
export const invalidInput = (operation: string, problems: Message[]): Failure => ({
  type: 'INVALID_ARGUMENT',
  messages: [
    message('vapi.invoke.input.invalid', 'Unable to validate input to method {0}.', operation),
    ...problems.slice(0, PROBLEMS_LIMIT),
  ],
})
export const invalidField = (field: string): Message =>
  message('vapi.data.structure.field.invalid', 'Found invalid field {0} in structure.', field)
export const fieldMissing = (field: string): Message =>
  message('vapi.data.structure.field.missing', 'The structure is missing a field: {0}.', field)
export const fieldMismatch = (field: string, expected: string): Message =>
  message('vapi.data.validate.mismatch', 'The field {0} is wrong: {1}.', field, expected)

/** Only a test that seeds can meet it: ids are chosen by the mock otherwise. */
export const idTaken = (id: string): Failure =>
  one('ALREADY_EXISTS', 'update_session_mock.id_taken', 'There is an update session {0} already.', id)
/** Ours: the API has no word for it. */
export const sandboxFull = (): Failure =>
  one(
    'SERVICE_UNAVAILABLE',
    'update_session_mock.sandbox_full',
    'This sandbox holds as much as it may. Delete something, or reset it.',
  )

/** Ours: no error that the specification has for an upload says this better. */
export const storeFull = (): Message =>
  message(
    'update_session_mock.store_full',
    'This sandbox stores as many bytes as it may (STORE_BYTES). Delete items or cancel sessions, or reset it.',
  )
export const transferRefused = (name: string, why: string): Message =>
  message(
    'update_session_mock.transfer_refused',
    'The mock cannot take the file {0} now: {1}. The file waits for another try.',
    name,
    why,
  )
export const contentTooLarge = (limitBytes: number): Message =>
  message(
    'update_session_mock.content_too_large',
    'The file has more than {0} bytes: more parts than one request may store. It waits for another try.',
    `${limitBytes}`,
  )
export const diskFull = (): Message =>
  message(
    'update_session_mock.disk_full',
    'The disk on which the mock keeps its state is full. Make room, and try again.',
  )
/** What the mock cannot do now, for a reason that files and sessions tell, too. */
export const unavailable = (reason: Message): Failure => ({ type: 'SERVICE_UNAVAILABLE', messages: [reason] })

/** What SOAP says of a fault; a mock's own words, so of the mock's own catalogue. */
export const soapFault = (type: ErrorType, text: string): Failure => one(type, 'update_session_mock.soap', '{0}', text)
export const internalError = (): Failure =>
  one(
    'INTERNAL_SERVER_ERROR',
    'update_session_mock.internal_error',
    'The mock has a bug: this request should have been answered. The log of the worker has the details.',
  )

/** What a fault answers, in the words of who asked for it. */
export const injected = (type: ErrorType, text: string): Failure => one(type, 'update_session_mock.fault', text)
