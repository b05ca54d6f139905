// Results and failures, with the catalogue of every message.
import { PLACEHOLDER } from './expressions.ts'

/** The error types of the API (reference 9.1). Some are answered by faults alone. */
export const ERROR_TYPES = [
  'ALREADY_EXISTS',
  'ALREADY_IN_DESIRED_STATE',
  'CANCELED',
  'CONCURRENT_CHANGE',
  'ERROR',
  'FEATURE_IN_USE',
  'INTERNAL_SERVER_ERROR',
  'INVALID_ARGUMENT',
  'INVALID_ELEMENT_CONFIGURATION',
  'INVALID_ELEMENT_TYPE',
  'INVALID_REQUEST',
  'NOT_ALLOWED_IN_CURRENT_STATE',
  'NOT_FOUND',
  'OPERATION_NOT_FOUND',
  'RESOURCE_BUSY',
  'RESOURCE_INACCESSIBLE',
  'RESOURCE_IN_USE',
  'SERVICE_UNAVAILABLE',
  'TIMED_OUT',
  'UNABLE_TO_ALLOCATE_RESOURCE',
  'UNAUTHENTICATED',
  'UNAUTHORIZED',
  'UNEXPECTED_INPUT',
  'UNSUPPORTED',
  'UNVERIFIED_PEER',
] as const
export type ErrorType = (typeof ERROR_TYPES)[number]

export type Message = { id: string; default_message: string; args: string[] }
export type Failure = { type: ErrorType; messages: Message[]; challenge?: string }

/** The answer of everything that can fail: plain data, so it crosses Durable Object calls unchanged. */
export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const fail = (failure: Failure): { ok: false; failure: Failure } => ({ ok: false, failure })

export const explain = ({ type, messages }: Failure): string =>
  messages.map((each) => each.default_message).join(' ') || type

type Argument = string | number | string[]
/** One for each place in the text: `{0}` stands for the first, as in the message catalogues of vAPI. */
type ArgumentsOf<
  Text extends string,
  Known extends Argument[] = [],
> = Text extends `${string}{${Known['length']}}${string}` ? ArgumentsOf<Text, [...Known, Argument]> : Known
const messageOf =
  <Text extends string>(id: string, text: Text) =>
  (...given: ArgumentsOf<Text>): Message => {
    const args = given.map((each) => quoted([each].flat().join(', ')))
    return { id, default_message: text.replace(PLACEHOLDER, (_, index: string) => args[Number(index)] ?? ''), args }
  }
/** What a message says of a client's text: so much, since what is wrong may be as long as a request. */
const QUOTE_CHARS = 512
export const quoted = (text: string): string =>
  text.length <= QUOTE_CHARS ? text : `${text.slice(0, QUOTE_CHARS).toWellFormed()}…`

const failureOf =
  (type: ErrorType) =>
  <Text extends string>(id: string, text: Text) =>
  (...given: ArgumentsOf<Text>): Failure => ({ type, messages: [messageOf(id, text)(...given)] })
const alreadyExists = failureOf('ALREADY_EXISTS')
const invalidArgument = failureOf('INVALID_ARGUMENT')
const invalidRequest = failureOf('INVALID_REQUEST')
const notAllowedNow = failureOf('NOT_ALLOWED_IN_CURRENT_STATE')
const notFound = failureOf('NOT_FOUND')
const operationNotFound = failureOf('OPERATION_NOT_FOUND')
const unavailable = failureOf('SERVICE_UNAVAILABLE')

const CLS = 'com.vmware.vdcs.cls-main'
const REST = 'com.vmware.vapi.rest'
const MOCK = 'update_session_mock'

// Update sessions. The text with a reason, and the one of a file not received, were observed (reference 15.1, 15.2).

const STATE = `${CLS}.update_session_invalid_state_for_operation`
const STATE_TEXT = 'The operation {0} can not be invoked when the import session is in the {1} state.'
export const notAllowed = (operation: string, state: string, reason?: Message): Failure =>
  reason
    ? notAllowedNow(`${STATE}_reason`, `${STATE_TEXT} Reason: {2}`)(operation, state, reason.default_message)
    : notAllowedNow(STATE, STATE_TEXT)(operation, state)
/** Why a session that is shown as ACTIVE takes no change. */
export const beingCompleted = messageOf(`${MOCK}.being_completed`, 'The session is being completed.')
export const itemHasActiveSession = failureOf('RESOURCE_BUSY')(
  `${CLS}.update_session_already_active`,
  'The library item {0} already has an active update session {1}. Complete, cancel or fail it first.',
)
export const progressOutOfRange = invalidArgument(
  `${CLS}.client_progress_out_of_range`,
  'The client progress {0} is not between 0 and 100.',
)
export const progressDecreased = invalidArgument(
  `${CLS}.client_progress_decreased`,
  'The client progress {0} is less than the current progress {1}.',
)
/** What `fail` leaves in a session's `error_message`: the client's own words, not translated (reference 1.3). */
export const clientError = (text: string): Message => ({
  id: `${CLS}.update_session_failed_by_client`,
  default_message: text,
  args: [text],
})

/** The status as a real vCenter abbreviates it there. */
export const fileNotReceived = (name: string, status: string): Failure =>
  notAllowedNow(
    `${CLS}.update_session_file_not_received`,
    'File {0} has transfer errors or has not been fully received yet (status: {1}).',
  )(name, status === 'WAITING_FOR_TRANSFER' ? 'WAITING' : status)
/** As observed: what is absent stands in the second list, and a blank after each name (reference 15.3). */
export const filesMissing = (names: string[]): Failure =>
  notAllowedNow(
    `${CLS}.session_has_missing_or_invalid_files`,
    'Session has missing file(s): {0} or invalid file(s): {1}.',
  )('', names.map((name) => `${name} `).join(''))
/** Of the errors documented for `add`, the one that says that it would be taken at another time. */
export const tooManyFiles = notAllowedNow(
  `${CLS}.update_session_too_many_files`,
  'The update session has {0} files, and takes no further one. Remove a file first, or replace one by its name.',
)
export const noSuchFile = invalidArgument(`${CLS}.file_not_found`, 'The file {0} was not found in the update session.')
/** No client of the API sees it: it tells a transfer that it is no longer wanted. */
export const fileReplaced = notAllowedNow(`${CLS}.transfer_superseded`, 'This transfer of the file {0} is over.')
export const metadataAfterDescriptor = notAllowedNow(
  `${CLS}.metadata_file_after_descriptor`,
  'The metadata file {0} must be added before the OVF descriptor.',
)
export const uploadGone = notFound(
  `${CLS}.upload_endpoint_not_found`,
  'There is no such upload endpoint, or it no longer takes this upload: its session has ended, or its file was removed, added again or sent again.',
)
export const uploadInterrupted = invalidRequest(
  `${CLS}.upload_interrupted`,
  'The upload of {0} ended before the body did. The file waits for another try.',
)
export const uploadLengthInvalid = invalidRequest(
  `${CLS}.upload_length_invalid`,
  'The Content-Length {0} of the upload is not valid: it must be a whole number of bytes, {1} at most. The file waits for another try.',
)
export const uploadRangeUnsupported = invalidRequest(
  `${CLS}.upload_range_unsupported`,
  'An upload in ranges ({0}) is not supported. The file waits for another try, from its first byte.',
)
export const fileNameInvalid = invalidArgument(`${CLS}.file_name_invalid`, 'The file name {0} is not valid: {1}.')
export const sizeInvalid = invalidArgument(
  `${CLS}.file_size_invalid`,
  'The file size {0} is not valid: it must not be negative.',
)
export const digestInvalid = invalidArgument(
  `${CLS}.checksum_invalid`,
  'The checksum {0} is not valid: it is not a hexadecimal digest of {1}.',
)
export const sourceUnsupported = invalidArgument(
  `${CLS}.file_probe_unsupported_uri_scheme`,
  'The specified URI {0} is not supported.',
)
export const sourceMalformed = invalidArgument(`${CLS}.invalid_url_format`, 'Invalid URL format for {0}.')
export const storageForbidden = failureOf('UNAUTHORIZED')(
  `${CLS}.read_storage_required`,
  'Pulling from {0} needs the privilege ContentLibrary.ReadStorage, which no user of this mock has.',
)

export const sizeMismatch = messageOf(
  `${CLS}.file_size_mismatch`,
  'Error transferring file {0}. Reason: expected {1} bytes, received {2}.',
)
export const checksumMismatch = messageOf(
  `${CLS}.file_checksum_mismatch`,
  'Error transferring file {0}. Reason: expected the {1} checksum {2}, computed {3}.',
)
export const manifestMismatch = messageOf(
  `${CLS}.manifest_checksum_mismatch`,
  'Error transferring file {0}. Reason: the manifest {1} gives the {2} checksum {3}, computed {4}.',
)
export const lookFailed = messageOf(`${CLS}.http_request_error`, 'HTTP request error: {0}')
export const pullFailed = messageOf(`${CLS}.http_request_error`, 'Error transferring file {0} from {1}. Reason: {2}')

export const noSuch = (kind: 'library' | 'library_item' | 'update_session' | 'file', id: string): Failure =>
  notFound(`${CLS}.${kind}_not_found`, `The ${kind.replaceAll('_', ' ')} {0} was not found.`)(id)
/** Of an item's file, whose address names one. */
export const noSuchVersion = notFound(
  `${CLS}.file_version_not_found`,
  'The file {0} was not found in the version {1}. Its version is {2}.',
)
export const itemNameTaken = alreadyExists(
  `${CLS}.duplicate_item_name_unsupported_in_library`,
  "Operation is not supported since a library item with the name {0} exists in the library '{1}' (ID: {2}).",
)

export const emptyField = invalidArgument(`${CLS}.empty_property`, 'The property {0} must not be empty.')
export const clientTokenMalformed = invalidArgument(
  `${CLS}.client_token_invalid`,
  'The client token {0} is not a UUID.',
)
export const clientTokenReused = invalidArgument(
  `${CLS}.client_token_reused`,
  'The client token {0} was used before with another specification. Use a new token.',
)
export const emptyFilter = invalidArgument(
  `${CLS}.empty_find_spec`,
  'The specification names no property to search for.',
)
export const versionMismatch = (type: ErrorType, version: string, current: string): Failure =>
  failureOf(type)(
    `${CLS}.version_mismatch`,
    'The version {0} is not the current version {1}. Read it again and repeat the change.',
  )(version, current)
export const currentPasswordWrong = invalidArgument(
  `${CLS}.current_password_wrong`,
  'The current password of the library is missing or wrong.',
)
export const severalBackings = failureOf('UNSUPPORTED')(
  `${CLS}.multiple_storage_backings`,
  'A library has exactly one storage backing, not {0}.',
)

// What never reaches an operation. Some ids were observed (reference 15.5 to 15.10); the others are ours.

const REQUIRED = 'com.vmware.vapi.endpoint.method.authentication.required'
export const unauthenticated = (): Failure => ({
  ...failureOf('UNAUTHENTICATED')(REQUIRED, 'Authentication required.')(),
  challenge: 'Basic realm="VAPI endpoint"',
})
/** Every call is answered so, since the caller is most often who deployed the mock. No value is told: it may be secret. */
export const wrongSettings = (names: string[], wanted: string[]): Failure =>
  unavailable(`${MOCK}.wrong_settings`, 'This mock answers no call until these settings are right: {0}. {1}.')(
    names,
    wanted.join('. '),
  )
/** Of the errors documented for a login, the one that says to come again. */
export const tooManyLogins = unavailable(
  `${MOCK}.too_many_logins`,
  'There were too many logins from your address. Wait a minute; one login serves for many calls.',
)
/** Its reader has sent a password that others could read: it says how to send no more. */
export const plainHttpLogin = unavailable(
  `${MOCK}.plain_http_login`,
  'This mock takes no password over plain http. Log in by https, or set PLAIN_HTTP_LOGIN to on.',
)
export const urlNotFound = notFound(`${REST}.httpNotFound`, 'Not found.')
export const noOperation = operationNotFound(
  `${REST}.operationsForUrlNotFound`,
  'Unable to find operations for URL: {0}. There are: {1}.',
)
export const notDescribed = (kind: 'service' | 'operation', id: string): Failure =>
  notFound(`vapi.introspection.${kind}.not_found`, `There is no ${kind} {0} to describe.`)(id)
export const noService = operationNotFound('vapi.method.input.invalid.interface', "Cannot find service '{0}'.")
export const noMethod = operationNotFound(
  'vapi.method.input.invalid.method',
  "Cannot find method '{1}' in service '{0}'.",
)
export const unsupportedProperty = invalidArgument(
  `${REST}.unsupportedProperty`,
  'Unsupported property with name: {0}.',
)
export const repeatedParameter = invalidArgument(
  `${REST}.repeated_parameter`,
  'The query parameter {0} is given more than once.',
)
export const unsupportedMediaType = (given: string): Failure =>
  invalidRequest(
    `${REST}.unsupported_media_type`,
    'Unsupported media type {0}. Send application/json.',
  )(given || '(none)')
export const malformedBody = invalidRequest(`${REST}.invalid_body`, 'The request body is not JSON: {0}')
export const notUtf8 = invalidRequest(`${REST}.body_not_utf8`, 'The request body is not UTF-8.')
export const bodyInterrupted = invalidRequest(`${REST}.body_interrupted`, 'The request ended before its body did.')
export const notGzip = invalidRequest(
  `${REST}.body_not_gzip`,
  'The body is not gzip, as its Content-Encoding says, or it ended early.',
)
export const unknownEncoding = invalidRequest(
  `${REST}.unsupported_content_encoding`,
  'The content encoding {0} is not supported. Send the body as it is, or in gzip.',
)
export const bodyTooComplex = invalidRequest(`${REST}.body_too_complex`, 'The request body {0}.')
export const notAnObject = invalidArgument('vapi.data.invalid', 'The request body must be a JSON object.')
export const bodyTooLarge = invalidRequest(`${REST}.body_too_large`, 'The request body is larger than {0} bytes ({1}).')
export const hostInvalid = invalidRequest(
  `${REST}.invalid_host`,
  'The Host header {0} is not valid: it must be one host, and its port where that is not the usual one.',
)
/** Ours: permanent, so that the PULL that it answers is not tried again. */
export const pulledFromItself = invalidRequest(
  `${MOCK}.pulled_from_itself`,
  'This request comes from a PULL of a mock (its header CDN-Loop says so). No mock pulls from itself, or from another mock.',
)

/** A failure names every field that is wrong, up to this many. */
const PROBLEMS_LIMIT = 10
/** An input that does not fit its operation's schema: first what was called, then everything that is wrong with it. */
export const invalidInput = (operation: string, problems: Message[]): Failure => ({
  type: 'INVALID_ARGUMENT',
  messages: [
    messageOf('vapi.invoke.input.invalid', 'Unable to validate input to method {0}.')(operation),
    ...problems.slice(0, PROBLEMS_LIMIT),
  ],
})
export const missingField = messageOf('vapi.data.structure.field.missing', 'The structure is missing a field: {0}.')
export const invalidField = messageOf('vapi.data.structure.field.invalid', 'Found invalid field {0} in structure.')
export const fieldMismatch = messageOf('vapi.data.validate.mismatch', 'The field {0} is wrong: {1}.')

// Ours: the API has no error that says these better.

/** Only a test that seeds can meet it: ids are chosen by the mock otherwise. */
export const idTaken = alreadyExists(`${MOCK}.id_taken`, 'There is an update session {0} already.')
export const sandboxFull = unavailable(
  `${MOCK}.sandbox_full`,
  'This sandbox holds as much as it may. Delete something, or reset it.',
)
export const storeFull = messageOf(
  `${MOCK}.store_full`,
  'This sandbox has no room for so many bytes (STORE_BYTES). Delete items or cancel sessions, or reset it.',
)
export const transferRefused = messageOf(
  `${MOCK}.transfer_refused`,
  'The mock cannot take the file {0} now: {1}. The file waits for another try.',
)
export const contentTooLarge = messageOf(
  `${MOCK}.content_too_large`,
  'The file has more than {0} bytes: more parts than one request may store. It waits for another try.',
)
/** What the mock cannot do now, for a reason that files and sessions tell, too. */
export const unavailableBecause = (reason: Message): Failure => ({ type: 'SERVICE_UNAVAILABLE', messages: [reason] })
export const diskFull = unavailable(
  `${MOCK}.disk_full`,
  'Nothing can be written to {0}, where the mock keeps its state: the disk is full, or the limit of open files (ulimit -n) is reached. Make room, and try again.',
)
export const sandboxDamaged = failureOf('INTERNAL_SERVER_ERROR')(
  `${MOCK}.sandbox_damaged`,
  'The sandbox {0} cannot be used: its file {1} is damaged, or cannot be read or written. DELETE /__admin/sandboxes/<name> removes the sandbox, and it starts empty. Other sandboxes go on.',
)
export const contentDamaged = failureOf('INTERNAL_SERVER_ERROR')(
  `${MOCK}.content_damaged`,
  'The file {0} cannot be read: the store does not give what arrived. The log of the worker has the details.',
)
export const soapFault = (fault: string, type: ErrorType, text: string): Failure =>
  failureOf(type)(`${MOCK}.soap.${fault}`, '{0}')(text)
export const internalError = failureOf('INTERNAL_SERVER_ERROR')(
  `${MOCK}.internal_error`,
  'The mock has a bug: this request should have been answered. The log of the worker has the details.',
)
/** What a test has asked for, in its words. */
export const injectedMessage = (text: string, id = `${MOCK}.fault`, args: string[] = []): Message => ({
  id,
  default_message: text,
  args,
})
export const injected = (type: ErrorType, ...message: Parameters<typeof injectedMessage>): Failure => ({
  type,
  messages: [injectedMessage(...message)],
})
