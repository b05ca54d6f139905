// Requests as real clients spell them, beside what the specification says (docs/fidelity.md, requests).
import { describe, expect, it } from 'vitest'
import { admin } from '../../support/admin.ts'
import { aSession, underWay } from '../../support/bytes.ts'
import { connect, request, SESSIONS } from '../../support/api.ts'
import { ITEM, LIBRARY, type Client } from '../../support/client.ts'
import { upload } from '../../support/files.ts'
import { methodCall } from '../../support/soap.ts'

const REST = '/rest/com/vmware/content/library/item'
const ask = (client: Client, method: string, path: string, body?: BodyInit, more: Record<string, string> = {}) =>
  request(path, {
    method,
    headers: { 'vmware-api-session-id': client.token, ...(body && { 'content-type': 'application/json' }), ...more },
    ...(body && { body }),
  })
const addBody = JSON.stringify({ name: 'disk.vmdk', source_type: 'PUSH' })
const gzip = (text: string | Uint8Array<ArrayBuffer>) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()

it.each([
  ['?action=add', 201, { name: 'disk.vmdk' }],
  ['', 201, { name: 'disk.vmdk' }],
  ['?action=adds', 404, { error_type: 'OPERATION_NOT_FOUND' }],
])('a file that is added by POST file%s is answered %i', async (query, status, body) => {
  const { client, id } = await aSession()
  const answer = await ask(client, 'POST', `${SESSIONS}/${id}/file${query}`, addBody)
  expect([answer.status, await answer.json()]).toMatchObject([status, body])
})

const LACKS_ITEM = 'The structure is missing a field: library_item_id.'
it.each([
  [{ create_spec: { library_item_id: ITEM } }, 'Found invalid field create_spec in structure.', LACKS_ITEM],
  [{ library_item_id: 1 }, 'The field library_item_id is wrong: Invalid input: expected string, received number.'],
  [undefined, 'The structure is missing a field: create_spec.'],
  [{}, LACKS_ITEM],
])('a session made of %j on /api is refused, and the field named as it was sent', async (body, ...said) => {
  const answer = await ask(await connect(), 'POST', SESSIONS, JSON.stringify(body))
  const messages = [{ id: 'vapi.invoke.input.invalid' }, ...said.map((text) => ({ default_message: text }))]
  expect([answer.status, await answer.json()]).toMatchObject([400, { messages }])
})

describe('a client token', () => {
  const token = crypto.randomUUID()
  const storage_backings = [{ type: 'DATASTORE', datastore_id: 'datastore-1' }]
  const spec = JSON.stringify({ library_item_id: ITEM })
  const create = async (client: Client, query: string, headers: Record<string, string>) =>
    (await ask(client, 'POST', `${SESSIONS}${query}`, spec, headers)).json<string>()

  it('in the query is the one of the header, in whatever letters', async () => {
    const client = await connect()

    const ids = [
      await create(client, '', { 'client-token': token }),
      await create(client, `?client_token=${token}`, {}),
      await create(client, `?client_token=${token.toUpperCase()}`, {}),
      await create(client, '', { 'client-token': token.toUpperCase() }),
    ]

    expect(new Set(ids).size).toBe(1)
  })

  it('in the query and in the header is one, and two are refused', async () => {
    const client = await connect()
    const other = crypto.randomUUID()

    const id = await create(client, `?client_token=${token}`, { 'client-token': token })
    const refused = await ask(client, 'POST', `${SESSIONS}?client_token=${token}`, spec, { 'client-token': other })

    expect(await client.list()).toEqual([id])
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ messages: [{ args: [`${token}, ${other}`] }] })
  })

  it.each([
    ['an update session', 'item/update-session', { library_item_id: ITEM }],
    ['an item', 'item', { library_id: LIBRARY, name: 'made again' }],
    ['a library', 'local-library', { name: 'made again', type: 'LOCAL', storage_backings }],
  ])('is free when %s that it made is deleted', async (_, path, body) => {
    const client = await connect()
    const all = `/api/content/${path === 'local-library' ? path : `library/${path}`}`
    const make = async () =>
      (await ask(client, 'POST', all, JSON.stringify(body), { 'client-token': token })).json<string>()
    const made = await make()
    if (path === 'item/update-session') await ask(client, 'POST', `${all}/${made}?action=cancel`)

    await ask(client, 'DELETE', `${all}/${made}`)

    expect(await make()).not.toBe(made)
  })

  it('is not for what creates nothing', async () => {
    const { client, id } = await aSession()
    expect((await ask(client, 'GET', `${SESSIONS}/${id}?client_token=${token}`)).status).toBe(400)
    const unread = await ask(client, 'GET', `${SESSIONS}/${id}`, undefined, { 'client-token': token })
    expect(unread.status).toBe(200)
  })
})

describe('a HEAD', () => {
  it.each([
    ['a list', SESSIONS, 200],
    ['a session', `${SESSIONS}/none`, 404],
    ['a list over /rest', `${REST}/update-session`, 200],
    ['a download', '/cls/static/any/none/none', 404],
  ])('of %s answers as GET does, without a body', async (_, path, status) => {
    const { client } = await aSession()

    const [head, get] = [await ask(client, 'HEAD', path), await ask(client, 'GET', path)]

    expect([head.status, get.status]).toEqual([status, status])
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
    expect(await head.text()).toBe('')
  })

  it('of an action is none', async () => {
    const { client, id } = await aSession()
    expect((await ask(client, 'HEAD', `${SESSIONS}/${id}?action=cancel`)).status).toBe(404)
  })
})

describe('a body in gzip', () => {
  it.each(['gzip', 'x-gzip', 'GZIP'])('that says %s is read', async (coding) => {
    const body = await gzip(JSON.stringify({ library_item_id: ITEM }))
    expect((await ask(await connect(), 'POST', SESSIONS, body, { 'content-encoding': coding })).status).toBe(201)
  })

  it('has the limits of any other', async () => {
    const large = await gzip(JSON.stringify({ library_item_id: 'x'.repeat(2_000_000) }))
    expect(large.byteLength).toBeLessThan(100_000)
    const answer = await ask(await connect(), 'POST', SESSIONS, large, { 'content-encoding': 'gzip' })
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('larger than 1048576 bytes (MAX_BODY_BYTES)'),
    ])
  })

  it.each([
    ['gzip, but is none', 'gzip', { id: 'com.vmware.vapi.rest.body_not_gzip' }],
    ['br', 'br', { id: 'com.vmware.vapi.rest.unsupported_content_encoding', args: ['br'] }],
    ['two', 'gzip, gzip', { id: 'com.vmware.vapi.rest.unsupported_content_encoding', args: ['gzip, gzip'] }],
  ])('or in another coding is refused, with its name: %s', async (_, coding, message) => {
    const answer = await ask(await connect(), 'POST', SESSIONS, '{}', { 'content-encoding': coding })
    expect([answer.status, await answer.json()]).toMatchObject([400, { messages: [message] }])
  })

  it('over SOAP is read as well', async () => {
    const body = await gzip(methodCall('CurrentTime', 'ServiceInstance'))
    const headers = { 'content-type': 'text/xml', 'content-encoding': 'gzip' }
    expect((await request('/sdk', { method: 'POST', headers, body })).status).toBe(200)
  })
})

describe('an upload', () => {
  it('with Content-Range is refused, changes nothing, and the whole file is taken then', async () => {
    const { client, id, files } = await aSession()
    const file = await files.push('disk.vmdk')

    const refused = upload(file, 'bytes', { headers: { 'content-range': 'bytes 5-9/10' } })

    const message = expect.stringContaining('from its first byte') as string
    await expect(refused).rejects.toMatchObject({ status: 400, message })
    await expect(files.get('disk.vmdk')).resolves.toEqual(file)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    expect(await upload(file, 'ten bytes.')).toBe(200)
  })
})

it.each([
  ['10', 200],
  ['', 400],
  ['ten', 400],
  ['1e3', 400],
  [' 10', 400],
  ['10.5', 400],
])('a number that is the text %j is answered %i on /rest', async (size, status) => {
  const { client, id } = await aSession()
  const body = JSON.stringify({ file_spec: { name: '10', source_type: 'PUSH', size } })
  expect((await ask(client, 'POST', `${REST}/updatesession/file/id:${id}?~action=add`, body)).status).toBe(status)
})

it('a moment with an offset is taken as one in UTC is', async () => {
  const { client, id } = await aSession()
  const read = await client.get(id)
  const moved = { ...read, expiration_time: read.expiration_time.replace('Z', '+00:00') }
  expect((await ask(client, 'PATCH', `${SESSIONS}/${id}`, JSON.stringify(moved))).status).toBe(204)
})

describe('a clock that leaps beyond the idle time', () => {
  it('spares no session that rests', async () => {
    const { client, id } = await aSession()
    await admin(client.user, 'POST', '/clock/advance', { by: '10m' })
    await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
  })

  it('spares a session whose upload is under way', async () => {
    const { client, id, files } = await aSession()
    const { answer, end } = await underWay(files, await files.push('disk.vmdk'))

    await admin(client.user, 'POST', '/clock/advance', { by: '10m' })
    const { state } = await client.get(id)
    await end()

    expect([state, await answer]).toEqual(['ACTIVE', 200])
  })
})
