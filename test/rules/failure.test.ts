// The catalogue of every message: types, ids and texts are what clients read, so they are written out here once more.
import { describe, expect, it } from 'vitest'
import * as make from '../../src/rules/failure.ts'
import type { ErrorType, Failure, Message } from '../../src/rules/failure.ts'

const REASON: Message = { id: 'x', default_message: 'the disk is full', args: [] }

/** The first words of ids. Ids and texts that start with `com.vmware` were observed where the reference has them. */
const SPACES: Record<string, string> = {
  cls: 'com.vmware.vdcs.cls-main',
  rest: 'com.vmware.vapi.rest',
  mock: 'update_session_mock',
}
/** The message `cls.some_id: The file [a.iso] is gone.`: what stands in brackets is an argument. */
function read(message: string): Message {
  const [, space = '', name = '', text = ''] = /^(\w+)(\.\S+): (.*)$/.exec(message) ?? []
  return {
    id: `${SPACES[space] ?? space}${name}`,
    default_message: text.replaceAll(/[[\]]/g, ''),
    args: Array.from(text.matchAll(/\[(.*?)\]/g), ([, arg = '']) => arg),
  }
}

/** By the type, what each says. */
const catalogue: Partial<Record<ErrorType, Record<string, Failure>>> = {
  NOT_ALLOWED_IN_CURRENT_STATE: {
    'cls.update_session_invalid_state_for_operation: The operation [cancel] can not be invoked when the import session is in the [DONE] state.':
      make.notAllowed('cancel', 'DONE'),
    'cls.update_session_invalid_state_for_operation_reason: The operation [cancel] can not be invoked when the import session is in the [ERROR] state. Reason: [the disk is full]':
      make.notAllowed('cancel', 'ERROR', REASON),
    'cls.update_session_file_not_received: File [a.iso] has transfer errors or has not been fully received yet (status: [WAITING]).':
      make.fileNotReceived('a.iso', 'WAITING_FOR_TRANSFER'),
    'cls.update_session_file_not_received: File [a.iso] has transfer errors or has not been fully received yet (status: [ERROR]).':
      make.fileNotReceived('a.iso', 'ERROR'),
    'cls.session_has_missing_or_invalid_files: Session has missing file(s): [] or invalid file(s): [a.vmdk b.vmdk ].':
      make.filesMissing(['a.vmdk', 'b.vmdk']),
    'cls.update_session_too_many_files: The update session has [1000] files, and takes no further one. Remove a file first, or replace one by its name.':
      make.tooManyFiles(1000),
    'cls.transfer_superseded: This transfer of the file [a.iso] is over.': make.fileReplaced('a.iso'),
    'cls.metadata_file_after_descriptor: The metadata file [vm.mf] must be added before the OVF descriptor.':
      make.metadataAfterDescriptor('vm.mf'),
  },
  RESOURCE_BUSY: {
    'cls.update_session_already_active: The library item [i] already has an active update session [s]. Complete, cancel or fail it first.':
      make.itemHasActiveSession('i', 's'),
    'mock.fault: Try again.': make.injected('RESOURCE_BUSY', 'Try again.'),
  },
  INVALID_ARGUMENT: {
    'cls.current_password_wrong: The current password of the library is missing or wrong.': make.currentPasswordWrong(),
    'cls.client_progress_out_of_range: The client progress [101] is not between 0 and 100.':
      make.progressOutOfRange(101),
    'cls.client_progress_decreased: The client progress [3] is less than the current progress [4].':
      make.progressDecreased(3, 4),
    'cls.file_not_found: The file [a.iso] was not found in the update session.': make.noSuchFile('a.iso'),
    'cls.file_name_invalid: The file name [a/b] is not valid: [no slashes].': make.fileNameInvalid('a/b', 'no slashes'),
    'cls.file_size_invalid: The file size [-1] is not valid: it must not be negative.': make.sizeInvalid(-1),
    'cls.checksum_invalid: The checksum [xyz] is not valid: it is not a hexadecimal digest of [SHA1].':
      make.digestInvalid('xyz', 'SHA1'),
    'cls.file_probe_unsupported_uri_scheme: The specified URI [ftp://h/a] is not supported.':
      make.sourceUnsupported('ftp://h/a'),
    'cls.invalid_url_format: Invalid URL format for [nothing].': make.sourceMalformed('nothing'),
    'vapi.data.structure.field.missing: The structure is missing a field: [name].': make.missingField('name'),
    'cls.empty_property: The property [name] must not be empty.': make.emptyField('name'),
    'cls.client_token_invalid: The client token [x] is not a UUID.': make.clientTokenMalformed('x'),
    'cls.client_token_reused: The client token [an-id] was used before with another specification. Use a new token.':
      make.clientTokenReused('an-id'),
    'cls.empty_find_spec: The specification names no property to search for.': make.emptyFilter(),
    'rest.unsupportedProperty: Unsupported property with name: [library_id?library_id].':
      make.unsupportedProperty('library_id?library_id'),
    'rest.repeated_parameter: The query parameter [action] is given more than once.': make.repeatedParameter('action'),
    'vapi.data.invalid: The request body must be a JSON object.': make.notAnObject(),
  },
  NOT_FOUND: {
    'cls.upload_endpoint_not_found: There is no such upload endpoint, or it no longer takes this upload: its session has ended, or its file was removed, added again or sent again.':
      make.uploadGone(),
    'cls.update_session_not_found: The update session [an-id] was not found.': make.noSuch('update_session', 'an-id'),
    'cls.file_not_found: The file [a.iso] was not found.': make.noSuch('file', 'a.iso'),
    'cls.file_version_not_found: The file [a.iso] was not found in the version [2]. Its version is [1].':
      make.noSuchVersion('a.iso', '2', 1),
    'rest.httpNotFound: Not found.': make.urlNotFound(),
    'vapi.introspection.service.not_found: There is no service [x] to describe.': make.notDescribed('service', 'x'),
    'vapi.introspection.operation.not_found: There is no operation [x] to describe.': make.notDescribed(
      'operation',
      'x',
    ),
  },
  INVALID_REQUEST: {
    'cls.upload_interrupted: The upload of [a.iso] ended before the body did. The file waits for another try.':
      make.uploadInterrupted('a.iso'),
    'cls.upload_length_invalid: The Content-Length [1e3] of the upload is not valid: it must be a whole number of bytes, [500] at most. The file waits for another try.':
      make.uploadLengthInvalid('1e3', 500),
    'rest.unsupported_media_type: Unsupported media type [text/xml]. Send application/json.':
      make.unsupportedMediaType('text/xml'),
    'rest.unsupported_media_type: Unsupported media type [(none)]. Send application/json.':
      make.unsupportedMediaType(''),
    'rest.invalid_body: The request body is not JSON: [it ends early.]': make.malformedBody('it ends early.'),
    'rest.body_interrupted: The request ended before its body did.': make.bodyInterrupted(),
    'rest.body_not_gzip: The body is not gzip, as its Content-Encoding says, or it ended early.': make.notGzip(),
    'rest.unsupported_content_encoding: The content encoding [br] is not supported. Send the body as it is, or in gzip.':
      make.unknownEncoding('br'),
    'rest.body_not_utf8: The request body is not UTF-8.': make.notUtf8(),
    'rest.body_too_complex: The request body [is nested too deep].': make.bodyTooComplex('is nested too deep'),
    'rest.body_too_large: The request body is larger than [1048576] bytes.': make.bodyTooLarge(1_048_576),
    'rest.invalid_content_length: The Content-Length [1e3] is not valid: it must be the length of the body, a whole number of bytes.':
      make.lengthInvalid('1e3'),
    'rest.invalid_host: The Host header [a, b] is not valid: it must be one host, and its port where that is not the usual one.':
      make.hostInvalid('a, b'),
    'mock.pulled_from_itself: This request comes from a PULL of this mock (its header CDN-Loop says so). The mock pulls nothing from itself.':
      make.pulledFromItself(),
  },
  UNAUTHORIZED: {
    'cls.read_storage_required: Pulling from [ds:///a] needs the privilege ContentLibrary.ReadStorage, which no user of this mock has.':
      make.storageForbidden('ds:///a'),
  },
  ALREADY_EXISTS: {
    "cls.duplicate_item_name_unsupported_in_library: Operation is not supported since a library item with the name [vm] exists in the library '[images]' (ID: [an-id]).":
      make.itemNameTaken('vm', 'images', 'an-id'),
    'mock.id_taken: There is an update session [s] already.': make.idTaken('s'),
  },
  CONCURRENT_CHANGE: {
    'cls.version_mismatch: The version [1] is not the current version [2]. Read it again and repeat the change.':
      make.versionMismatch('CONCURRENT_CHANGE', '1', '2'),
  },
  UNSUPPORTED: {
    'cls.multiple_storage_backings: A library has exactly one storage backing, not [2].': make.severalBackings(2),
  },
  UNAUTHENTICATED: {
    'com.vmware.vapi.endpoint.method.authentication.required: Authentication required.': make.unauthenticated(),
  },
  SERVICE_UNAVAILABLE: {
    'mock.wrong_settings: This mock answers no call until these settings are right: [A, B]. [A must be on. B must be set].':
      make.wrongSettings(['A', 'B'], ['A must be on', 'B must be set']),
    'mock.too_many_logins: There were too many logins from your address. Wait a minute; one login serves for many calls.':
      make.tooManyLogins(),
    'mock.plain_http_login: This mock takes no password over plain http. Log in by https, or set PLAIN_HTTP_LOGIN to on.':
      make.plainHttpLogin(),
    'mock.sandbox_full: This sandbox holds as much as it may. Delete something, or reset it.': make.sandboxFull(),
    'mock.store_full: This sandbox has no room for so many bytes (STORE_BYTES). Delete items or cancel sessions, or reset it.':
      make.unavailableBecause(make.storeFull()),
    'mock.disk_full: The mock keeps its state in [/state], and the disk is full there. Make room, and try again.':
      make.diskFull('/state'),
  },
  OPERATION_NOT_FOUND: {
    'rest.operationsForUrlNotFound: Unable to find operations for URL: [PUT /api/x]. There are: [GET, POST].':
      make.noOperation('PUT /api/x', ['GET', 'POST']),
    "vapi.method.input.invalid.interface: Cannot find service '[com.x]'.": make.noService('com.x'),
  },
  INTERNAL_SERVER_ERROR: {
    'mock.sandbox_damaged: The sandbox [user] cannot be used: its file [/state/a.sqlite] is damaged, or cannot be read or written. DELETE /__admin/sandboxes/<name> removes the sandbox, and it starts empty. Other sandboxes go on.':
      make.sandboxDamaged('user', '/state/a.sqlite'),
    'mock.internal_error: The mock has a bug: this request should have been answered. The log of the worker has the details.':
      make.internalError(),
  },
}

const messages: Record<string, Message> = {
  'cls.update_session_failed_by_client: [I give up: {0}]': make.clientError('I give up: {0}'),
  'mock.being_completed: The session is being completed.': make.beingCompleted(),
  'mock.transfer_refused: The mock cannot take the file [a.iso] now: [its store is out of order]. The file waits for another try.':
    make.transferRefused('a.iso', 'its store is out of order'),
  'mock.content_too_large: The file has more than [5] bytes: more parts than one request may store. It waits for another try.':
    make.contentTooLarge(5),
  'cls.file_size_mismatch: Error transferring file [a.iso]. Reason: expected [6] bytes, received [5].':
    make.sizeMismatch('a.iso', 6, 5),
  'cls.file_checksum_mismatch: Error transferring file [a.iso]. Reason: expected the [MD5] checksum [b], computed [c].':
    make.checksumMismatch('a.iso', 'MD5', 'b', 'c'),
  'cls.manifest_checksum_mismatch: Error transferring file [a.vmdk]. Reason: the manifest [vm.mf] gives the [MD5] checksum [b], computed [c].':
    make.manifestMismatch('a.vmdk', 'vm.mf', 'MD5', 'b', 'c'),
  'cls.http_request_error: HTTP request error: [no answer]': make.lookFailed('no answer'),
  'cls.http_request_error: Error transferring file [a.iso] from [http://h/a]. Reason: [no answer]': make.pullFailed(
    'a.iso',
    'http://h/a',
    'no answer',
  ),
  'vapi.data.structure.field.invalid: Found invalid field [create_spec] in structure.':
    make.invalidField('create_spec'),
  'vapi.data.validate.mismatch: The field [size] is wrong: [it is no number].': make.fieldMismatch(
    'size',
    'it is no number',
  ),
}

describe('a failure', () => {
  it.each(
    Object.entries(catalogue).flatMap(([type, all]) =>
      Object.entries(all).map(([message, failure]) => [type, message, failure] as const),
    ),
  )('of type %s says %s', (type, message, failure) => {
    expect(failure).toMatchObject({ type, messages: [read(message)] })
  })

  it('of a method says it first, and has it second among its arguments', () => {
    expect(make.noMethod('com.x', 'get')).toMatchObject({
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
    expect(make.unauthenticated().challenge).toBe('Basic realm="VAPI endpoint"')
    expect(make.urlNotFound()).not.toHaveProperty('challenge')
  })

  it('of an input says first which operation was called, then at most ten things that are wrong', () => {
    const problems = Array.from({ length: 12 }, (_, index) => make.invalidField(`field-${index}`))

    expect(make.invalidInput('create', problems)).toEqual({
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
  it.each(Object.entries(messages))('is %s', (message, found) => {
    expect(found).toEqual(read(message))
  })

  it('quotes 512 characters of a text, and shows that there were more', () => {
    const [whole, cut] = ['x'.repeat(512), `${'x'.repeat(512)}…`]

    expect(make.noSuchFile(whole).messages[0]?.args).toEqual([whole])
    expect(make.noSuchFile(`${whole}x`).messages[0]).toMatchObject({
      default_message: `The file ${cut} was not found in the update session.`,
      args: [cut],
    })
  })

  it('cuts no character in halves', () => {
    expect(make.quoted(`${'x'.repeat(511)}😀`)).toBe(`${'x'.repeat(511)}\ufffd…`)
  })

  it('fills in what it quotes as it is, even where that looks like a place to be filled', () => {
    expect(make.fileNameInvalid('{1}$&', 'a reason').messages[0]?.default_message).toBe(
      'The file name {1}$& is not valid: a reason.',
    )
  })
})
