// The catalogue of every message: types, ids and texts are what clients read, so they are written out here once more.
import { describe, expect, it } from 'vitest'
import * as failures from '../../src/rules/failure.ts'
import type { ErrorType, Failure, Message } from '../../src/rules/failure.ts'

const CLS = 'com.vmware.vdcs.cls-main'
const REST = 'com.vmware.vapi.rest'
const OURS = 'update_session_mock'

const ID = 'e6b0a1f2-0000-4000-8000-000000000001'
const REASON: Message = { id: 'x', default_message: 'the disk is full', args: [] }

/** What stands in brackets is an argument. */
const read = (text: string) => ({
  default_message: text.replaceAll(/[[\]]/g, ''),
  args: Array.from(text.matchAll(/\[(.*?)\]/g), ([, arg]) => arg),
})

/** Ids and texts that start with `com.vmware.vdcs` or `com.vmware.vapi` were observed where the reference has them. */
const refusals: [type: ErrorType, id: string, text: string, failure: Failure][] = [
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_invalid_state_for_operation`,
    'The operation [cancel] can not be invoked when the import session is in the [DONE] state.',
    failures.notAllowed('cancel', 'DONE'),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_invalid_state_for_operation_reason`,
    'The operation [cancel] can not be invoked when the import session is in the [ERROR] state. Reason: [the disk is full]',
    failures.notAllowed('cancel', 'ERROR', REASON),
  ],
  [
    'RESOURCE_BUSY',
    `${CLS}.update_session_already_active`,
    'The library item [i] already has an active update session [s]. Complete, cancel or fail it first.',
    failures.itemHasActiveSession('i', 's'),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.client_progress_out_of_range`,
    'The client progress [101] is not between 0 and 100.',
    failures.progressOutOfRange(101),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.client_progress_decreased`,
    'The client progress [3] is less than the current progress [4].',
    failures.progressDecreased(3, 4),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_file_not_received`,
    'File [a.iso] has transfer errors or has not been fully received yet (status: [WAITING]).',
    failures.fileNotReceived('a.iso', 'WAITING_FOR_TRANSFER'),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_file_not_received`,
    'File [a.iso] has transfer errors or has not been fully received yet (status: [ERROR]).',
    failures.fileNotReceived('a.iso', 'ERROR'),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.session_has_missing_or_invalid_files`,
    'Session has missing file(s): [] or invalid file(s): [a.vmdk b.vmdk ].',
    failures.filesMissing(['a.vmdk', 'b.vmdk']),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.update_session_too_many_files`,
    'The update session has [1000] files, and takes no further one. Remove a file first, or replace one by its name.',
    failures.tooManyFiles(1000),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.file_not_found`,
    'The file [a.iso] was not found in the update session.',
    failures.noSuchFile('a.iso'),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.transfer_superseded`,
    'This transfer of the file [a.iso] is over.',
    failures.fileReplaced('a.iso'),
  ],
  [
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${CLS}.metadata_file_after_descriptor`,
    'The metadata file [vm.mf] must be added before the OVF descriptor.',
    failures.metadataAfterDescriptor('vm.mf'),
  ],
  [
    'NOT_FOUND',
    `${CLS}.upload_endpoint_not_found`,
    'There is no such upload endpoint, or it is no longer valid.',
    failures.uploadGone(),
  ],
  [
    'INVALID_REQUEST',
    `${CLS}.upload_interrupted`,
    'The upload of [a.iso] ended before the body did. The file waits for another try.',
    failures.uploadInterrupted('a.iso'),
  ],
  [
    'INVALID_REQUEST',
    `${CLS}.upload_length_invalid`,
    'The Content-Length [1e3] of the upload is not valid: it must be a whole number of bytes, [500] at most. The file waits for another try.',
    failures.uploadLengthInvalid('1e3', 500),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.file_name_invalid`,
    'The file name [a/b] is not valid: [no slashes].',
    failures.fileNameInvalid('a/b', 'no slashes'),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.file_size_invalid`,
    'The file size [-1] is not valid: it must not be negative.',
    failures.sizeInvalid(-1),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.checksum_invalid`,
    'The checksum [xyz] is not valid: it is not a hexadecimal digest of [SHA1].',
    failures.digestInvalid('xyz', 'SHA1'),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.file_probe_unsupported_uri_scheme`,
    'The specified URI [ftp://h/a] is not supported.',
    failures.sourceUnsupported('ftp://h/a'),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.invalid_url_format`,
    'Invalid URL format for [nothing].',
    failures.sourceMalformed('nothing'),
  ],
  [
    'UNAUTHORIZED',
    `${CLS}.read_storage_required`,
    'Pulling from [ds:///a] needs the privilege ContentLibrary.ReadStorage, which no user of this mock has.',
    failures.storageForbidden('ds:///a'),
  ],
  [
    'NOT_FOUND',
    `${CLS}.update_session_not_found`,
    `The update session [${ID}] was not found.`,
    failures.noSuch('update_session', ID),
  ],
  ['NOT_FOUND', `${CLS}.file_not_found`, 'The file [a.iso] was not found.', failures.noSuch('file', 'a.iso')],
  [
    'ALREADY_EXISTS',
    `${CLS}.duplicate_item_name_unsupported_in_library`,
    `Operation is not supported since a library item with the name [vm] exists in the library '[images]' (ID: [${ID}]).`,
    failures.itemNameTaken('vm', 'images', ID),
  ],
  [
    'INVALID_ARGUMENT',
    'vapi.data.structure.field.missing',
    'The required property [name] is missing.',
    failures.missingField('name'),
  ],
  ['INVALID_ARGUMENT', `${CLS}.empty_property`, 'The property [name] must not be empty.', failures.emptyField('name')],
  [
    'INVALID_ARGUMENT',
    `${CLS}.client_token_invalid`,
    'The client token [x] is not a UUID.',
    failures.clientTokenMalformed('x'),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.client_token_reused`,
    `The client token [${ID}] was used before with another specification. Use a new token.`,
    failures.clientTokenReused(ID),
  ],
  [
    'INVALID_ARGUMENT',
    `${CLS}.empty_find_spec`,
    'The specification names no property to search for.',
    failures.emptyFilter(),
  ],
  [
    'CONCURRENT_CHANGE',
    `${CLS}.version_mismatch`,
    'The version [1] is not the current version [2]. Read it again and repeat the change.',
    failures.versionMismatch('CONCURRENT_CHANGE', '1', '2'),
  ],
  [
    'UNSUPPORTED',
    `${CLS}.multiple_storage_backings`,
    'A library has exactly one storage backing, not [2].',
    failures.severalBackings(2),
  ],
  [
    'UNAUTHENTICATED',
    'com.vmware.vapi.endpoint.method.authentication.required',
    'Authentication required.',
    failures.unauthenticated(),
  ],
  [
    'SERVICE_UNAVAILABLE',
    `${OURS}.wrong_settings`,
    'This mock answers no call until these settings are right: [A, B]. [A must be on. B must be set].',
    failures.wrongSettings(['A', 'B'], ['A must be on', 'B must be set']),
  ],
  [
    'SERVICE_UNAVAILABLE',
    `${OURS}.too_many_logins`,
    'There were too many logins from your address. Wait a minute; one login serves for many calls.',
    failures.tooManyLogins(),
  ],
  [
    'SERVICE_UNAVAILABLE',
    `${OURS}.plain_http_login`,
    'This mock takes no password over plain http. Log in by https, or set PLAIN_HTTP_LOGIN to on.',
    failures.plainHttpLogin(),
  ],
  ['NOT_FOUND', `${REST}.httpNotFound`, 'Not found.', failures.urlNotFound()],
  [
    'OPERATION_NOT_FOUND',
    `${REST}.operationsForUrlNotFound`,
    'Unable to find operations for URL: [PUT /api/x]. There are: [GET, POST].',
    failures.noOperation('PUT /api/x', ['GET', 'POST']),
  ],
  [
    'NOT_FOUND',
    'vapi.introspection.service.not_found',
    'There is no service [com.x] to describe.',
    failures.notDescribed('service', 'com.x'),
  ],
  [
    'NOT_FOUND',
    'vapi.introspection.operation.not_found',
    'There is no operation [get] to describe.',
    failures.notDescribed('operation', 'get'),
  ],
  [
    'OPERATION_NOT_FOUND',
    'vapi.method.input.invalid.interface',
    "Cannot find service '[com.x]'.",
    failures.noService('com.x'),
  ],
  [
    'INVALID_ARGUMENT',
    `${REST}.unsupportedProperty`,
    'Unsupported property with name: [library_id?library_id].',
    failures.unsupportedProperty('library_id?library_id'),
  ],
  [
    'INVALID_ARGUMENT',
    `${REST}.repeated_parameter`,
    'The query parameter [action] is given more than once.',
    failures.repeatedParameter('action'),
  ],
  [
    'INVALID_REQUEST',
    `${REST}.unsupported_media_type`,
    'Unsupported media type [text/xml]. Send application/json.',
    failures.unsupportedMediaType('text/xml'),
  ],
  [
    'INVALID_REQUEST',
    `${REST}.unsupported_media_type`,
    'Unsupported media type [(none)]. Send application/json.',
    failures.unsupportedMediaType(''),
  ],
  [
    'INVALID_REQUEST',
    `${REST}.invalid_body`,
    'The request body is not JSON: [it ends early.]',
    failures.malformedBody('it ends early.'),
  ],
  ['INVALID_REQUEST', `${REST}.body_interrupted`, 'The request ended before its body did.', failures.bodyInterrupted()],
  [
    'INVALID_REQUEST',
    `${REST}.body_not_gzip`,
    'The body is not gzip, as its Content-Encoding says, or it ended early.',
    failures.notGzip(),
  ],
  [
    'INVALID_REQUEST',
    `${REST}.unsupported_content_encoding`,
    'The content encoding [br] is not supported. Send the body as it is, or in gzip.',
    failures.unknownEncoding('br'),
  ],
  ['INVALID_REQUEST', `${REST}.body_not_utf8`, 'The request body is not UTF-8.', failures.notUtf8()],
  [
    'INVALID_REQUEST',
    `${REST}.body_too_complex`,
    'The request body [is nested too deep].',
    failures.bodyTooComplex('is nested too deep'),
  ],
  ['INVALID_ARGUMENT', 'vapi.data.invalid', 'The request body must be a JSON object.', failures.notAnObject()],
  [
    'INVALID_REQUEST',
    `${REST}.body_too_large`,
    'The request body is larger than [1048576] bytes.',
    failures.bodyTooLarge(1_048_576),
  ],
  [
    'INVALID_REQUEST',
    `${REST}.invalid_content_length`,
    'The Content-Length [1e3] is not valid: it must be the length of the body, a whole number of bytes.',
    failures.lengthInvalid('1e3'),
  ],
  [
    'INVALID_REQUEST',
    `${OURS}.pulled_from_itself`,
    'This request comes from a PULL of this mock (its header CDN-Loop says so). The mock pulls nothing from itself.',
    failures.pulledFromItself(),
  ],
  ['ALREADY_EXISTS', `${OURS}.id_taken`, 'There is an update session [s] already.', failures.idTaken('s')],
  [
    'SERVICE_UNAVAILABLE',
    `${OURS}.sandbox_full`,
    'This sandbox holds as much as it may. Delete something, or reset it.',
    failures.sandboxFull(),
  ],
  [
    'SERVICE_UNAVAILABLE',
    `${OURS}.store_full`,
    'This sandbox stores as many bytes as it may (STORE_BYTES). Delete items or cancel sessions, or reset it.',
    failures.unavailableBecause(failures.storeFull()),
  ],
  [
    'SERVICE_UNAVAILABLE',
    `${OURS}.disk_full`,
    'The mock keeps its state in [/state], and the disk is full there. Make room, and try again.',
    failures.diskFull('/state'),
  ],
  [
    'INTERNAL_SERVER_ERROR',
    `${OURS}.sandbox_damaged`,
    'The sandbox [user] cannot be used: its file [/state/a.sqlite] is damaged, or cannot be read or written. DELETE /__admin/sandboxes/<name> removes the sandbox, and it starts empty. Other sandboxes go on.',
    failures.sandboxDamaged('user', '/state/a.sqlite'),
  ],
  [
    'INTERNAL_SERVER_ERROR',
    `${OURS}.internal_error`,
    'The mock has a bug: this request should have been answered. The log of the worker has the details.',
    failures.internalError(),
  ],
  ['RESOURCE_BUSY', `${OURS}.fault`, 'Try again.', failures.injected('RESOURCE_BUSY', 'Try again.')],
]

const messages: [id: string, text: string, message: Message][] = [
  [`${CLS}.update_session_failed_by_client`, '[I give up: {0}]', failures.clientError('I give up: {0}')],
  [
    `${OURS}.transfer_refused`,
    'The mock cannot take the file [a.iso] now: [its store is out of order]. The file waits for another try.',
    failures.transferRefused('a.iso', 'its store is out of order'),
  ],
  [
    `${OURS}.content_too_large`,
    'The file has more than [5] bytes: more parts than one request may store. It waits for another try.',
    failures.contentTooLarge(5),
  ],
  [
    `${CLS}.file_size_mismatch`,
    'Error transferring file [a.iso]. Reason: expected [6] bytes, received [5].',
    failures.sizeMismatch('a.iso', 6, 5),
  ],
  [
    `${CLS}.file_checksum_mismatch`,
    'Error transferring file [a.iso]. Reason: expected the [MD5] checksum [b], computed [c].',
    failures.checksumMismatch('a.iso', 'MD5', 'b', 'c'),
  ],
  [
    `${CLS}.manifest_checksum_mismatch`,
    'Error transferring file [a.vmdk]. Reason: the manifest [vm.mf] gives the [MD5] checksum [b], computed [c].',
    failures.manifestMismatch('a.vmdk', 'vm.mf', 'MD5', 'b', 'c'),
  ],
  [`${CLS}.http_request_error`, 'HTTP request error: [no answer]', failures.lookFailed('no answer')],
  [
    `${CLS}.http_request_error`,
    'Error transferring file [a.iso] from [http://h/a]. Reason: [no answer]',
    failures.pullFailed('a.iso', 'http://h/a', 'no answer'),
  ],
  [
    'vapi.data.structure.field.invalid',
    'Found invalid field [create_spec] in structure.',
    failures.invalidField('create_spec'),
  ],
  ['vapi.data.structure.field.missing', 'The structure is missing a field: [name].', failures.fieldMissing('name')],
  [
    'vapi.data.validate.mismatch',
    'The field [size] is wrong: [expected a number].',
    failures.fieldMismatch('size', 'expected a number'),
  ],
]

describe('a refusal', () => {
  it.each(refusals)('of type %s, with id %s, says: %s', (type, id, text, failure) => {
    expect(failure).toMatchObject({ type, messages: [{ id, ...read(text) }] })
  })

  it('of a method says it first, and has it second among its arguments', () => {
    expect(failures.noMethod('com.x', 'get')).toMatchObject({
      type: 'OPERATION_NOT_FOUND',
      messages: [
        {
          id: 'vapi.method.input.invalid.method',
          default_message: "Cannot find method 'get' in service 'com.x'.",
          args: ['com.x', 'get'],
        },
      ],
    })
  })

  it('of who has not logged in names the scheme to log in by, and no other one does', () => {
    expect(failures.unauthenticated().challenge).toBe('Basic realm="VAPI endpoint"')
    expect(failures.urlNotFound()).not.toHaveProperty('challenge')
  })

  it('of an input says first which operation was called, then at most ten things that are wrong', () => {
    const problems = Array.from({ length: 12 }, (_, index) => failures.invalidField(`field-${index}`))

    expect(failures.invalidInput('create', problems)).toEqual({
      type: 'INVALID_ARGUMENT',
      messages: [
        {
          id: 'vapi.invoke.input.invalid',
          default_message: 'Unable to validate input to method create.',
          args: ['create'],
        },
        ...problems.slice(0, 10),
      ],
    })
  })
})

describe('a message', () => {
  it.each(messages)('with id %s says: %s', (id, text, message) => {
    expect(message).toEqual({ id, ...read(text) })
  })

  it('quotes 512 characters of a text, and shows that there were more', () => {
    const [whole, cut] = ['x'.repeat(512), `${'x'.repeat(512)}…`]

    expect(failures.noSuchFile(whole).messages[0]?.args).toEqual([whole])
    expect(failures.noSuchFile(`${whole}x`).messages[0]).toMatchObject({
      default_message: `The file ${cut} was not found in the update session.`,
      args: [cut],
    })
  })

  it('cuts no character in halves', () => {
    expect(failures.quoted(`${'x'.repeat(511)}😀`)).toBe(`${'x'.repeat(511)}\ufffd…`)
  })

  it('fills in what it quotes as it is, even where that looks like a place to be filled', () => {
    expect(failures.fileNameInvalid('{1}$&', 'a reason').messages[0]?.default_message).toBe(
      'The file name {1}$& is not valid: a reason.',
    )
  })
})
