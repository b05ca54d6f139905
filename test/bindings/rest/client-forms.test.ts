// Requests as real clients spell them, beside what the specification says (docs/fidelity.md, requests).
import { describe, expect, it } from 'vitest'
import { admin } from '../../support/admin.ts'
import { aSession } from '../../support/bytes.ts'
import { connect, request, SESSIONS } from '../../support/api.ts'
import { ITEM, LIBRARY, type Client } from '../../support/client.ts'
import { methodCall } from '../../support/soap.ts'

const REST = '/rest/com/vmware/content/library/item'
const ask = (client: Client, method: string, path: string, body?: BodyInit, more: Record<string, string> = {}) =>
  request(path, {
    method,
    headers: { 'vmware-api-session-id': client.token, ...(body && { 'content-type': 'application/json' }), ...more },
    ...(body && { body }),
  })
/** Of a file that is added, where its bytes go. */
const pathOf = async (client: Client, id: string) => {
  const file = await client.files.add(id, { name: 'disk.vmdk', source_type: 'PUSH' })
  return new URL(file.upload_endpoint?.uri ?? '').pathname
}
const addBody = JSON.stringify({ name: 'disk.vmdk', source_type: 'PUSH' })
const gzip = (text: string | Uint8Array<ArrayBuffer>) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()

describe('a file', () => {
  it.each(['?action=add', ''])('is added by POST file%s', async (query) => {
    const { client, id } = await aSession()

    const answer = await ask(client, 'POST', `${SESSIONS}/${id}/file${query}`, addBody)

    expect([answer.status, await answer.json()]).toEqual([201, expect.objectContaining({ name: 'disk.vmdk' })])
  })

  it('is not added by another action', async () => {
    const { client, id } = await aSession()

    expect((await ask(client, 'POST', `${SESSIONS}/${id}/file?action=adds`, addBody)).status).toBe(404)
  })
})

describe('a client token', () => {
  const token = crypto.randomUUID()
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
    [
      'a library',
      'local-library',
      { name: 'made again', type: 'LOCAL', storage_backings: [{ type: 'DATASTORE', datastore_id: 'datastore-1' }] },
    ],
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
    const client = await connect()

    const answer = await ask(client, 'POST', SESSIONS, await gzip(JSON.stringify({ library_item_id: ITEM })), {
      'content-encoding': coding,
    })

    expect(answer.status).toBe(201)
  })

  it('has the limits of any other', async () => {
    const client = await connect()
    const large = await gzip(JSON.stringify({ library_item_id: 'x'.repeat(2_000_000) }))
    expect(large.byteLength).toBeLessThan(100_000)

    const answer = await ask(client, 'POST', SESSIONS, large, { 'content-encoding': 'gzip' })

    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('larger than')])
  })

  it('that is none is refused', async () => {
    const client = await connect()

    const answer = await ask(client, 'POST', SESSIONS, '{}', { 'content-encoding': 'gzip' })

    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { messages: [{ id: 'com.vmware.vapi.rest.body_not_gzip' }] },
    ])
  })

  it.each(['br', 'gzip, gzip'])('or in %s: that is refused, with its name', async (coding) => {
    const client = await connect()

    const answer = await ask(client, 'POST', SESSIONS, '{}', { 'content-encoding': coding })

    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { messages: [{ id: 'com.vmware.vapi.rest.unsupported_content_encoding', args: [coding] }] },
    ])
  })

  it('over SOAP is read as well', async () => {
    const body = await gzip(methodCall('CurrentTime', 'ServiceInstance'))

    const headers = { 'content-type': 'text/xml', 'content-encoding': 'gzip' }
    expect((await request('/sdk', { method: 'POST', headers, body })).status).toBe(200)
  })
})

describe('an upload with Content-Range', () => {
  it('is refused; the file waits, the session is ACTIVE, and the whole file is taken then', async () => {
    const { client, id } = await aSession()
    const path = await pathOf(client, id)

    const headers = { 'content-range': 'bytes 5-9/10' }
    const refused = await request(path, { method: 'PUT', body: 'bytes', headers })

    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('from its first byte')])
    await expect(client.files.get(id, 'disk.vmdk')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    expect((await request(path, { method: 'PUT', body: 'ten bytes.' })).status).toBe(200)
  })
})

describe('an upload as multipart/form-data', () => {
  it('is stored as it is sent, envelope and all', async () => {
    const { client, id } = await aSession()
    const path = await pathOf(client, id)
    const form = new FormData()
    form.append('file', new Blob(['ten bytes.']), 'disk.vmdk')
    const encoded = new Response(form)
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' }
    const body = await encoded.arrayBuffer()

    expect((await request(path, { method: 'POST', body, headers })).status).toBe(200)

    expect(body.byteLength).toBeGreaterThan(100)
    await expect(client.files.get(id, 'disk.vmdk')).resolves.toMatchObject({ status: 'READY', size: body.byteLength })
  })
})

/** Over /rest, a file of this size. */
const addSized = async (size: unknown) => {
  const { client, id } = await aSession()
  const body = JSON.stringify({ file_spec: { name: 'disk.vmdk', source_type: 'PUSH', size } })
  return ask(client, 'POST', `${REST}/updatesession/file/id:${id}?~action=add`, body)
}

describe('a number that is a text', () => {
  it('is the number on /rest', async () => {
    expect((await addSized('10')).status).toBe(200)
  })

  it.each(['', 'ten', '1e3', ' 10', '10.5'])('is none there as %j', async (size) => {
    expect((await addSized(size)).status).toBe(400)
  })

  it('is none on /api', async () => {
    const { client, id } = await aSession()

    expect((await ask(client, 'POST', `${SESSIONS}/${id}/file`, addBody.replace('}', ',"size":"10"}'))).status).toBe(
      400,
    )
  })
})

describe('a moment with an offset', () => {
  it('is taken as one in UTC is', async () => {
    const { client, id } = await aSession()
    const read = await client.get(id)
    const moved = { ...read, expiration_time: read.expiration_time.replace('Z', '+00:00') }

    expect((await ask(client, 'PATCH', `${SESSIONS}/${id}`, JSON.stringify(moved))).status).toBe(204)
  })
})

describe('a clock that leaps beyond the idle time', () => {
  it('spares no session that rests', async () => {
    const { client, id } = await aSession()

    await admin(client.user, 'POST', '/clock/advance', { by: '10m' })

    await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
  })

  it('spares a session whose upload is under way', async () => {
    const { client, id } = await aSession()
    const path = await pathOf(client, id)
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const upload = request(path, { method: 'PUT', body: readable, headers: { 'content-length': '10' } })
    await writer.write(new TextEncoder().encode('ten b'))
    await expect.poll(async () => (await client.files.get(id, 'disk.vmdk')).bytes_transferred).toBe(5)

    await admin(client.user, 'POST', '/clock/advance', { by: '10m' })
    const { state } = await client.get(id)
    await writer.write(new TextEncoder().encode('ytes.'))
    await writer.close()

    expect([state, (await upload).status]).toEqual(['ACTIVE', 200])
  })
})
