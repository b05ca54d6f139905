// How much a client may send: every text, list and map has a limit, and what is beyond it changes nothing.
import { beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { routes } from '../../src/admin/admin.ts'
import { all, operations } from '../../src/operations/index.ts'
import { id as idOf } from '../../src/operations/operation.ts'
import { listOf, mapOf, text } from '../../src/operations/schemas.ts'
import { introspection } from '../../src/bindings/json-rpc/introspection.ts'
import { InvokeParams, JsonRpcRequest as Call } from '../../src/bindings/json-rpc/json-rpc.ts'
import { admin, adminRequest } from '../support/admin.ts'
import { bindings, connect, request, SESSIONS } from '../support/api.ts'
import { ITEM, LIBRARY, type Client, type Refusal } from '../support/client.ts'
import { invocation, UPDATE_SESSION } from '../support/json-rpc.ts'
import { unbounded } from '../support/limits.ts'
import { spell, type Binding } from '../support/spelling.ts'
import { methodCall, post as postSoap } from '../support/soap.ts'
import { fillSession, rowsOf } from '../support/sandbox.ts'

describe('a schema of what clients send', () => {
  it.each([
    ...[...all, ...introspection].map((operation) => [idOf(operation), operation.input()] as const),
    ['the envelope of JSON-RPC', Call] as const,
    // Its input is bounded by the operation's.
    ['the parameters of JSON-RPC', InvokeParams.omit({ input: true })] as const,
    ...routes.flatMap(({ call, query, body }) => [
      [`the query of ${call}`, query()] as const,
      [`the body of ${call}`, body()] as const,
    ]),
  ])('bounds all that is in %s', (_, schema) => {
    expect(unbounded(schema)).toEqual([])
  })

  it.each([
    ['a text', z.string(), 'it'],
    ['a text that may be absent', z.string().min(1).optional(), 'it.value'],
    ['a date', z.iso.datetime(), 'it'],
    ['a list', z.array(text(1)), 'it'],
    ['a text in a list', listOf(z.string()), 'it.[]'],
    ['a map', z.record(text(1), z.number()), 'it'],
    ['a key of a map', z.record(z.string(), z.number()).meta({ maxProperties: 1 }), 'it.key'],
    ['a text in a map', mapOf(z.string()), 'it.{}'],
    ['a text among others', z.union([z.number(), z.string()]), 'it.1'],
    ['a text that becomes something else', z.string().transform(Number), 'it.in'],
    ['anything', z.unknown(), 'it'],
  ])('is seen where it has no limit for %s', (_, schema, at) => {
    expect(unbounded(schema)).toEqual([at])
  })
})

const json = { 'content-type': 'application/json' }

/** What a change of an update session is refused with, whose specification is this text. */
async function refusalOf(binding: Binding, client: Client, id: string, spec: string): Promise<string> {
  const update = operations.get(`${UPDATE_SESSION}.update`)
  if (!update) throw new Error('There is such an operation.')
  const input = { update_session_id: id, update_spec: 'SPEC' }
  const { path, method, headers, body = '' } = spell(binding, update, input, client)
  const response = await request(path, { method, headers, body: body.replace('"SPEC"', () => spec) })
  const answer = await response.text()
  // JSON-RPC answers 200 whatever has become of a call.
  if (path === '/api') expect(JSON.parse(answer)).toMatchObject({ error: { code: -32700 } })
  else expect(response.status).toBe(400)
  return answer
}

const members = (count: number, member: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => member(n)).join()
const keys = (count: number) => members(count, (n) => `"${n}":0`)
const bodies = [
  ['an array of 130,000 wrong elements', `{"warning_behavior":[${members(130_000, () => '0')}]}`, '10000 values'],
  ['a map of 80,000 wrong entries', `{"error_message":{"params":{${keys(80_000)}}}}`, '10000 values'],
  ['80,000 unknown keys', `{${keys(80_000)}}`, '10000 values'],
  ['lists within lists to the end of the body', `${'['.repeat(500_000)}${']'.repeat(500_000)}`, '64 levels'],
  ['maps within maps', `${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`, '64 levels'],
  ['the prototype of all objects', '{"error_message":{"params":{"__proto__":{}}}}', '__proto__'],
] as const

const x = (length: number) => 'x'.repeat(length)
const item = (spec: object) => (c: Client) => c.items.create({ library_id: LIBRARY, name: 'new', ...spec })
const library = (spec: object) => (c: Client) =>
  c.libraries.create({ name: 'new', storage_backings: [{ type: 'DATASTORE', datastore_id: 'd' }], ...spec })

describe.each(bindings)('through $name', ({ name, connect }) => {
  let client: Client
  let id: string
  beforeEach(async () => {
    client = await connect()
    id = await client.create({ library_item_id: ITEM })
  })

  it.each(bodies)('a body with %s is refused, and changes nothing', async (_, body, named) => {
    const before = await client.get(id)

    const answer = await refusalOf(name as Binding, client, id, body) // of BINDINGS

    expect(answer).toContain(named)
    expect(answer.length).toBeLessThan(1000)
    await expect(client.get(id)).resolves.toEqual(before)
  })

  it('a list of 100 elements is within its limit, and one more is not', async () => {
    const most = Array.from({ length: 100 }, () => ({ type: 'EXPIRED_CERTIFICATE', ignored: true }))
    await client.update(id, { warning_behavior: most })

    const message = expect.stringContaining('at most 100') as string
    const refusal = { errorType: 'INVALID_ARGUMENT', message }
    await expect(client.update(id, { warning_behavior: [...most, ...most.slice(0, 1)] })).rejects.toMatchObject(refusal)
  })

  const file = (spec: object) => (c: Client) => c.files.add(id, { name: 'new', source_type: 'PULL', ...spec })
  const source = (spec: object) => file({ source_endpoint: { uri: 'https://a.test/', ...spec } })
  it.each<[string, number, (length: number) => (client: Client) => Promise<unknown>]>([
    ['name', 80, (length) => item({ name: x(length) })],
    ['name', 80, (length) => item({ name: '😀'.repeat(length / 2) + x(length % 2) })],
    ['description', 2000, (length) => item({ description: x(length) })],
    ['type', 255, (length) => item({ type: x(length) })],
    ['source_id', 255, (length) => item({ source_id: x(length) })],
    ['library_id', 255, (length) => item({ library_id: x(length) })],
    ['name', 255, (length) => library({ name: x(length) })],
    ['description', 2000, (length) => library({ description: x(length) })],
    ['datastore_id', 255, (length) => library({ storage_backings: [{ type: 'DATASTORE', datastore_id: x(length) }] })],
    ['security_policy_id', 255, (length) => library({ security_policy_id: x(length) })],
    ['name', 255, (length) => file({ name: x(length) })],
    ['uri', 4096, (length) => source({ uri: `https://a.test/${x(length - 15)}` })],
    ['ssl_certificate', 16_384, (length) => source({ ssl_certificate: x(length) })],
    ['ssl_certificate_thumbprint', 255, (length) => source({ ssl_certificate_thumbprint: x(length) })],
    ['client_error_message', 10_000, (length) => (c) => c.fail(id, x(length))],
    ['client_token', 255, (length) => (c) => c.items.create({ library_id: LIBRARY, name: 'new' }, x(length))],
    ['update_session_id', 255, (length) => (c) => c.get(x(length))],
    ['library_item_id', 255, (length) => (c) => c.list(x(length))],
    ['file_name', 255, (length) => (c) => c.files.get(id, x(length))],
    ['name', 255, (length) => (c) => c.itemFiles.get(ITEM, x(length))],
  ])('a %s of %i characters is within its limit, and one more is not', async (field, limit, make) => {
    const before = await holdings(client)

    const refusal = await make(limit + 1)(client).catch((error: unknown) => error)

    expect(refusal).toMatchObject({ status: 400, errorType: 'INVALID_ARGUMENT' })
    const { message } = refusal as Refusal
    expect(message).toContain(`${field} is wrong: it has ${limit + 1} characters; at most ${limit} are allowed`)
    expect(message.length).toBeLessThan(1000)
    expect(await holdings(client)).toEqual(before)
    // Whatever becomes of it then, it is not too long.
    const within = await make(limit)(client).catch((error: unknown) => (error as Error).message)
    expect(String(within)).not.toContain('at most')
  })

  it('a name with half of a character is refused, however often it is sent', async () => {
    const message = expect.stringContaining('half of a character') as string
    const refusal = { status: 400, errorType: 'INVALID_ARGUMENT', message }
    for (let times = 0; times < 2; times += 1)
      await expect(client.items.create({ library_id: LIBRARY, name: '\ud800' })).rejects.toMatchObject(refusal)

    await expect(client.items.list(LIBRARY)).resolves.toEqual([ITEM])
  })

  it('a session takes a thousand files and no further one, until one is removed', async () => {
    await fillSession(client.user, id, 999)
    const push = (file: string) => client.files.add(id, { name: file, source_type: 'PUSH' })
    await push('last')

    const message = expect.stringContaining('1000 files') as string
    await expect(push('one more')).rejects.toMatchObject({ errorType: 'NOT_ALLOWED_IN_CURRENT_STATE', message })

    await expect(push('last')).resolves.toMatchObject({ name: 'last' })
    expect(await rowsOf(client.user, 'update_file')).toHaveLength(1000)
    await client.files.remove(id, 'last')
    await expect(push('one more')).resolves.toMatchObject({ name: 'one more' })
  })
})

/** Whatever a client has made. */
const holdings = ({ user }: Client) =>
  Promise.all(['library', 'item', 'update_session', 'update_file', 'replay'].map((table) => rowsOf(user, table)))

describe('a refusal says of what a client sent no more than it must', () => {
  const long = 'x'.repeat(8000)
  it.each<[string, string, string, RequestInit]>([
    ['an unknown action', 'POST', `${SESSIONS}/a?action=${long}`, {}],
    ['an unknown query parameter', 'GET', `${SESSIONS}?${long}=1`, {}],
    ['a query parameter that is given twice', 'GET', `${SESSIONS}?${long}=1&${long}=2`, {}],
    ['an unknown method', 'PUT', `${SESSIONS}/${long}`, {}],
    ['an unknown property', 'POST', SESSIONS, { body: `{"${long}":1}` }],
    ['many unknown properties', 'POST', SESSIONS, { body: `{${members(20, (n) => `"${n}${long}":1`)}}` }],
    ['a property that is elsewhere', 'POST', `${SESSIONS}/a?action=cancel`, { body: `{"${long}":1}` }],
    ['a media type', 'POST', SESSIONS, { body: '{}', headers: { 'content-type': long } }],
    ['an id', 'GET', `${SESSIONS}/${long}`, {}],
    ['a key of a map', 'POST', SESSIONS, { body: `{"error_message":{"params":{"${long}":{}}}}` }],
    ['an action of /rest', 'POST', `/rest/com/vmware/content/library?~action=${long}`, {}],
    ['a method of JSON-RPC', 'POST', '/api', { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: long }) }],
    ['a service of JSON-RPC', 'POST', '/api', { body: JSON.stringify(invocation({ service: long, operation: '' })) }],
  ])('about %s', async (_, method, path, init) => {
    const { token } = await connect()
    const headers = new Headers({ ...json, ...(init.headers as object) })
    headers.set('vmware-api-session-id', token)

    const response = await request(path, { method, ...init, headers })

    const answer = await response.text()
    expect(response.status).toBeLessThan(500)
    expect(answer).not.toContain('x'.repeat(1000))
    expect(answer.length).toBeLessThan(15_000)
  })

  it.each([`/${long}`, `/sessions/${long}`, `/faults?${long}=1`])('about an address of the admin API', async (path) => {
    expect((await (await adminRequest(path)).text()).length).toBeLessThan(5000)
  })

  it('about a method of SOAP', async () => {
    const response = await postSoap(methodCall(long, 'ServiceInstance'))
    expect((await response.text()).length).toBeLessThan(1500)
  })
})

it.each([
  ['an array of 130,000 wrong elements', `{"files":[${members(130_000, () => '0')}]}`, '10000 values'],
  ['20,000 unknown keys', `{${keys(20_000)}}`, '10000 values'],
  ['lists within lists to the end of the body', `${'['.repeat(130_000)}${']'.repeat(130_000)}`, '64 levels'],
  ['the prototype of all objects', '{"__proto__":{}}', '__proto__'],
  ['a hundred and one files', `{"files":[${members(101, (n) => `{"name":"${n}"}`)}]}`, 'at most 100'],
  ['a name that is too long', `{"files":[{"name":"${'x'.repeat(256)}"}]}`, 'at most 255'],
  ['half of a character', String.raw`{"files":[{"name":"\ud800"}]}`, 'half of a character'],
])('the admin API refuses %s, and changes nothing', async (_, body, named) => {
  const { user } = await connect()

  const headers = { ...json, 'x-mock-sandbox': user }
  const response = await adminRequest('/sessions', { method: 'POST', headers, body })

  expect(response.status).toBe(422)
  expect(await response.text()).toContain(named)
  expect((await admin(user, 'GET', '/sessions')).body).toMatchObject({ sessions: [] })
})
