// What is particular to JSON-RPC: envelopes, data values, security schemes and errors (reference 12).
import { describe, expect, it } from 'vitest'
import { connect } from '../../support/api.ts'
import { freshUser, ITEM, LIBRARY } from '../../support/client.ts'
import {
  invocation,
  invoke,
  model,
  optional,
  plain,
  post,
  SESSION,
  structure,
  type Answer,
  UPDATE_SESSION,
  withPassword,
  withSession,
} from '../../support/json-rpc.ts'
import { bomb } from '../../support/soap.ts'

const FILE = 'com.vmware.content.library.item.updatesession.file'
const ERRORS = 'com.vmware.vapi.std.errors'
const MESSAGE = 'com.vmware.vapi.std.localizable_message'

/** What a logged-in user asks for, and how. */
async function login() {
  const { token } = await connect()
  const securityCtx = withSession(token)
  return {
    token,
    ask: (service: string, operation: string, input: object = {}) => invoke({ service, operation, input, securityCtx }),
  }
}
/** A user with an update session. */
async function begun() {
  const { token, ask } = await login()
  const { result } = await ask(UPDATE_SESSION, 'create', creation)
  return { token, ask, update_session_id: result?.output }
}
/** One of the messages of the refusal has these arguments. */
function expectInvalid({ result }: Answer, args: string[]) {
  const messages = expect.arrayContaining([{ STRUCTURE: { [MESSAGE]: expect.objectContaining({ args }) } }]) as unknown
  expect(result?.error?.ERROR).toMatchObject({ [`${ERRORS}.invalid_argument`]: { messages } })
}
const spec = (fields: object) => model('content.library.item.update_session_model', fields)
const of = (fields: object) => ({ create_spec: spec(fields) })
const creation = { create_spec: spec({ library_item_id: ITEM }), client_token: optional(undefined) }

describe('a JSON-RPC call', () => {
  it('that logs in answers with a secret', async () => {
    const answer = await invoke({ service: SESSION, operation: 'create', securityCtx: withPassword(freshUser()) })
    expect(answer).toEqual({ jsonrpc: '2.0', id: '1', result: { output: { SECRET: expect.any(String) } } })
  })

  it('whose operation has no result answers with null', async () => {
    const { ask, update_session_id } = await begun()
    const answer = await ask(UPDATE_SESSION, 'cancel', { update_session_id })
    expect(answer).toEqual({ jsonrpc: '2.0', id: '1', result: { output: null } })
  })

  it('answers with structures that say for every optional field whether it is set', async () => {
    const { ask, update_session_id } = await begun()

    const answer = await ask(UPDATE_SESSION, 'get', { update_session_id })

    expect(answer.result?.output).toEqual(
      structure('content.library.item.update_session_model', {
        id: { OPTIONAL: update_session_id },
        library_item_id: { OPTIONAL: ITEM },
        library_item_content_version: { OPTIONAL: '1' },
        error_message: { OPTIONAL: null },
        client_progress: { OPTIONAL: 0 },
        state: { OPTIONAL: 'ACTIVE' },
        expiration_time: { OPTIONAL: expect.any(String) },
        preview_info: {
          OPTIONAL: structure('content.library.item.updatesession.preview_info', {
            state: 'UNAVAILABLE',
            certificate_info: { OPTIONAL: null },
            warnings: { OPTIONAL: null },
            cert_chain: { OPTIONAL: null },
          }),
        },
        warning_behavior: { OPTIONAL: null },
      }),
    )
  })

  it('answers with lists of structures', async () => {
    const { ask, update_session_id } = await begun()
    const file_spec = structure('content.library.item.updatesession.file.add_spec', {
      name: 'disk.vmdk',
      source_type: 'PUSH',
      size: optional(5),
    })
    await ask(FILE, 'add', { update_session_id, file_spec })

    const answer = await ask(FILE, 'list', { update_session_id })

    expect(answer.result?.output).toEqual([
      structure('content.library.item.updatesession.file.info', {
        name: 'disk.vmdk',
        source_type: 'PUSH',
        size: { OPTIONAL: null },
        checksum_info: { OPTIONAL: null },
        source_endpoint: { OPTIONAL: null },
        upload_endpoint: {
          OPTIONAL: structure('content.library.item.transfer_endpoint', {
            uri: expect.stringMatching(/^https:/),
            ssl_certificate_thumbprint: { OPTIONAL: null },
            ssl_certificate: { OPTIONAL: null },
          }),
        },
        bytes_transferred: 0,
        status: 'WAITING_FOR_TRANSFER',
        error_message: { OPTIONAL: null },
        keep_in_storage: { OPTIONAL: null },
      }),
    ])
  })

  it('answers a refusal as an error among the results, and names it in a header', async () => {
    const { token, ask, update_session_id } = await begun()
    const input = { update_session_id }
    await ask(UPDATE_SESSION, 'cancel', input)

    const cancel = invocation({ service: UPDATE_SESSION, operation: 'cancel', input, securityCtx: withSession(token) })
    const response = await post(JSON.stringify(cancel))

    expect(response.status).toBe(200)
    expect(response.headers.get('vapi-error')).toBe(`${ERRORS}.not_allowed_in_current_state`)
    const message = structure('vapi.std.localizable_message', {
      id: 'com.vmware.vdcs.cls-main.update_session_invalid_state_for_operation',
      default_message: 'The operation cancel can not be invoked when the import session is in the CANCELED state.',
      args: ['cancel', 'CANCELED'],
      params: { OPTIONAL: null },
      localized: { OPTIONAL: null },
    })
    const error_type = { OPTIONAL: 'NOT_ALLOWED_IN_CURRENT_STATE' }
    const refusal = { messages: [message], data: { OPTIONAL: null }, error_type }
    const ERROR = { [`${ERRORS}.not_allowed_in_current_state`]: refusal }
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: '1', result: { error: { ERROR } } })
  })

  it('takes maps, as lists of their entries', async () => {
    const { ask, update_session_id } = await begun()
    const param = model('vapi.std.localization_param', { s: 'vmdk' })
    const message = structure('vapi.std.localizable_message', {
      id: 'x',
      default_message: 'y',
      args: [],
      params: optional([{ STRUCTURE: { 'map-entry': { key: 'what', value: param } } }]),
    })
    const update_spec = model('content.library.item.update_session_model', { error_message: message })

    const answer = await ask(UPDATE_SESSION, 'update', { update_session_id, update_spec })

    expect(answer.result).toEqual({ output: null })
  })

  it.each<[string, string, string, (token: string) => object | undefined]>([
    ['no credentials', UPDATE_SESSION, 'list', () => undefined],
    ['an unknown scheme', UPDATE_SESSION, 'list', () => ({ schemeId: 'com.vmware.vapi.std.security.saml_token' })],
    ['a session where a password is due', SESSION, 'create', withSession],
  ])('with %s is not let in', async (_, service, operation, spell) => {
    const securityCtx = spell((await connect()).token)

    const answer = await invoke({ service, operation, ...(securityCtx && { securityCtx }) })

    expect(answer.result?.error?.ERROR).toMatchObject({
      [`${ERRORS}.unauthenticated`]: { challenge: { OPTIONAL: expect.any(String) } },
    })
  })

  it.each([
    ['another service', { 'vapi-service': SESSION, 'vapi-operation': 'list' }],
    ['another operation', { 'vapi-service': UPDATE_SESSION, 'vapi-operation': 'get' }],
  ])('whose headers name %s is rejected', async (_, headers) => {
    const answer = await invoke({ service: UPDATE_SESSION, operation: 'list', headers })
    expect(answer).toMatchObject({ id: '1', error: { code: -31001 } })
  })

  it.each([
    ['service', { service: 'com.vmware.nowhere', operation: 'list' }, 'vapi.method.input.invalid.interface'],
    ['operation', { service: UPDATE_SESSION, operation: 'pause' }, 'vapi.method.input.invalid.method'],
    ['split', { service: 'com.vmware.content', operation: 'library.list' }, 'vapi.method.input.invalid.interface'],
  ])('to an unknown %s is told so', async (_, call, id) => {
    const answer = await invoke(call)
    expect(answer.result?.error?.ERROR).toMatchObject({
      [`${ERRORS}.operation_not_found`]: { messages: [{ STRUCTURE: { [MESSAGE]: { id } } }] },
    })
  })

  it.each([
    ['a bare value for an optional', { create_spec: creation.create_spec, client_token: 'x' }, 'client_token'],
    ['another structure', { create_spec: model('content.library.item_model', {}) }, 'create_spec'],
    ['a list for a structure', { create_spec: [] }, 'create_spec'],
    ['a structure for a string', of({ library_item_id: structure('x', {}) }), 'library_item_id'],
    ['a number for a string', of({ library_item_id: 1 }), 'library_item_id'],
    ['a string for a number', of({ client_progress: '1' }), 'client_progress'],
    ['a string for a list', of({ warning_behavior: 'x' }), 'create_spec.warning_behavior'],
    ['a list of other things', of({ warning_behavior: ['x'] }), 'create_spec.warning_behavior.0'],
    ['an unknown field', of({ colour: 'red' }), 'colour'],
    ['an inherited field', of({ constructor: 'x' }), 'constructor'],
    ['a missing field', {}, 'create_spec'],
    ['an unknown enumerator', of({ state: 'PAUSED' }), 'state'],
  ])('with %s is told what is wrong', async (_, input, field) => {
    const { ask } = await login()
    expectInvalid(await ask(UPDATE_SESSION, 'create', input), expect.arrayContaining([field]))
  })

  it('with something other than a structure for an input is told what is wrong', async () => {
    const { token } = await login()
    const call = invocation({ service: UPDATE_SESSION, operation: 'list', securityCtx: withSession(token) })
    const response = await post(JSON.stringify({ ...call, params: { ...call.params, input: 'x' } }))
    expectInvalid(await response.json<Answer>(), ['input', 'expected the structure operation-input'])
  })

  it('with a password that is no secret is told what is wrong', async () => {
    const { ask } = await login()
    const publish_info = model('content.library.publish_info', { password: 'hunter2' })
    const update_spec = model('content.library_model', { publish_info })

    const answer = await ask('com.vmware.content.local_library', 'update', { library_id: LIBRARY, update_spec })

    expect(JSON.stringify(answer)).toContain('update_spec.publish_info.password')
  })
})

describe('introspection, which asks for no login,', () => {
  const INTROSPECTION = 'com.vmware.vapi.std.introspection'
  const ask = async (service: string, operation: string, input: object = {}) => {
    const { result } = await invoke({ service: `${INTROSPECTION}.${service}`, operation, input })
    return result?.error?.ERROR ?? plain(result?.output)
  }

  const operations = ['list', 'create', 'get', 'update', 'delete', 'complete', 'keep_alive', 'cancel', 'fail']
  it.each<[string, string, string, object, unknown]>([
    ['names the provider', 'provider', 'get', {}, { id: 'update-session-mock', checksum: expect.any(String) }],
    ['lists the services', 'service', 'list', {}, expect.arrayContaining([SESSION, UPDATE_SESSION, FILE])],
    ['has the operations of a service', 'service', 'get', { id: UPDATE_SESSION }, { operations }],
    ['lists them', 'operation', 'list', { service_id: UPDATE_SESSION }, operations],
  ])('%s: %s.%s', async (_, service, operation, input, answer) => {
    expect(await ask(service, operation, input)).toEqual(answer)
  })

  it('describes an operation', async () => {
    expect(await ask('operation', 'get', { service_id: UPDATE_SESSION, operation_id: 'keep_alive' })).toMatchObject({
      input_definition: {
        type: 'STRUCTURE',
        name: 'operation-input',
        fields: [
          { key: 'update_session_id', value: { type: 'STRING' } },
          { key: 'client_progress', value: { type: 'OPTIONAL', element_definition: { type: 'LONG' } } },
        ],
      },
      output_definition: { type: 'VOID' },
      error_definitions: expect.arrayContaining(
        ['not_allowed_in_current_state', 'not_found'].map((name) =>
          expect.objectContaining({ type: 'ERROR', name: `${ERRORS}.${name}` }),
        ),
      ),
    })
  })

  it('describes a structure within itself by its name', async () => {
    const described = await ask('operation', 'get', { service_id: UPDATE_SESSION, operation_id: 'get' })
    const byName = '{"type":"STRUCTURE_REF","name":"com.vmware.vapi.std.localization_param"}'
    expect(JSON.stringify(described)).toContain(byName)
  })

  it.each([
    ['state', 'STRING'],
    ['d', 'DOUBLE'],
    ['i', 'LONG'],
  ])('describes the field %s as OPTIONAL of %s', async (key, type) => {
    const described = await ask('operation', 'get', { service_id: UPDATE_SESSION, operation_id: 'get' })
    expect(JSON.stringify(described)).toContain(
      `{"key":"${key}","value":{"type":"OPTIONAL","element_definition":{"type":"${type}"}}}`,
    )
  })

  it.each([
    ['not_found', 'service', 'get', { id: 'com.vmware.nowhere' }],
    ['not_found', 'operation', 'list', { service_id: 'com.vmware.nowhere' }],
    ['not_found', 'operation', 'get', { service_id: UPDATE_SESSION, operation_id: 'pause' }],
    ['invalid_argument', 'service', 'get', {}],
  ])('refuses with %s what is not there or cannot be read: %s.%s %j', async (error, service, operation, input) => {
    expect(await ask(service, operation, input)).toHaveProperty([`${ERRORS}.${error}`])
  })
})

const call = invocation({ service: UPDATE_SESSION, operation: 'list' })
const withId = (id: unknown) => JSON.stringify({ ...call, id })
const withPasswordOf = (password: string) =>
  JSON.stringify({ ...call, params: { ...call.params, ctx: { securityCtx: withPassword('a', password) } } })
const withInput = (input: unknown) => JSON.stringify({ ...call, params: { ...call.params, input } })

describe('what is no JSON-RPC call', () => {
  it.each<[string, string, code: number, id: string | number | null, data?: string]>([
    ['half of a body', JSON.stringify(call).slice(0, -20), -32700, null],
    ['nothing', '', -32700, null],
    ['a bomb of XML entities', bomb(), -32700, null],
    ['a body without end', '{"params":'.repeat(50_000), -32700, null],
    ['a deep body', withInput(JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`)), -32700, null],
    ['ten megabytes', `"${'x'.repeat(10 * 1024 * 1024)}"`, -32700, null],
    ['a list of calls', JSON.stringify([call]), -32600, null],
    ['a number', '1', -32600, null],
    ['another version', JSON.stringify({ ...call, jsonrpc: '1.0' }), -32600, '1'],
    ['no version and a number for an id', JSON.stringify({ ...call, jsonrpc: undefined, id: 7 }), -32600, 7],
    ['a call without an id', withId(undefined), -32600, null],
    ['a call whose id is an object', withId({}), -32600, null],
    ['another method', JSON.stringify({ ...call, method: 'list' }), -32601, '1'],
    ['no parameters', JSON.stringify({ ...call, params: undefined }), -32602, '1'],
    ['a list of parameters', JSON.stringify({ ...call, params: [] }), -32602, '1'],
    ['a service that is a number', JSON.stringify({ ...call, params: { ...call.params, serviceId: 1 } }), -32602, '1'],
    ['a context that is a string', JSON.stringify({ ...call, params: { ...call.params, ctx: 'x' } }), -32602, '1'],
    ['a password longer than any', withPasswordOf('x'.repeat(16_385)), -32602, '1', 'securityCtx.password'],
    ['an input of no kind', withInput({ NOTHING: {} }), -32602, '1'],
    ['an input of two kinds', withInput({ OPTIONAL: null, SECRET: 'x' }), -32602, '1'],
    ['a structure of two names', withInput({ STRUCTURE: { a: {}, b: {} } }), -32602, '1'],
    ['a structure that is a list', withInput({ STRUCTURE: [] }), -32602, '1'],
    ['an object inside', withInput({ STRUCTURE: { 'operation-input': { x: {} } } }), -32602, '1'],
    ['an id that is none', withId(1.5), -32600, null, 'expected a text, a whole number or null'],
    ['plain JSON', withInput({ id: 'x' }), -32602, '1', 'input is no data value: an object must have'],
    [
      'plain JSON in it',
      withInput({ STRUCTURE: { x: { a: [{ b: 1 }] } } }),
      -32602,
      '1',
      'input.STRUCTURE.x.a.0 is no',
    ],
    ['a structure without a name', withInput({ STRUCTURE: {} }), -32602, '1', 'input.STRUCTURE is no'],
    ['a structure that is a text', withInput({ STRUCTURE: { a: 'x' } }), -32602, '1', 'input.STRUCTURE.a is no'],
    ['a secret that is a number', withInput([{ SECRET: 1 }]), -32602, '1', 'input.0.SECRET is no'],
    ['bytes that are no base64', withInput({ OPTIONAL: { BINARY: '!' } }), -32602, '1', 'input.OPTIONAL.BINARY is no'],
  ])('is rejected, and says where it can what is wrong: %s', async (_, body, code, id, data = '') => {
    const response = await post(body)
    expect(response.status).toBe(200)
    const error = { code, message: expect.any(String), ...(data && { data: expect.stringContaining(data) }) }
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id, error })
  })

  it.each([
    ['XML', '<a/>'],
    ['a bomb of XML entities', bomb()],
    ['a call', JSON.stringify(call)],
  ])('is rejected: %s that is not called JSON', async (_, body) => {
    for (const type of ['text/xml', 'text/plain'])
      expect(await (await post(body, { 'content-type': type })).json()).toMatchObject({ error: { code: -32700 } })
  })
})
