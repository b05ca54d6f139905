// What is particular to /rest: envelopes, ids in paths, actions, statuses and errors (reference 10, 14.1 and 15).
import { beforeAll, describe, expect, it } from 'vitest'
import { connect, request } from '../../support/api.ts'
import { ITEM, unknownId } from '../../support/client.ts'

const ITEMS = '/rest/com/vmware/content/library/item'
const SESSIONS = `${ITEMS}/update-session`
const FILES = `${ITEMS}/updatesession/file`

const valueOf = async (response: Response) => (await response.json<{ value: unknown }>()).value

describe('the /rest binding', () => {
  let token: string
  beforeAll(async () => {
    token = (await connect()).token
  })

  const send = (method: string, path: string, body?: object | string) =>
    request(path, {
      method,
      headers: { 'vmware-api-session-id': token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const begin = async () => {
    const client = await connect()
    token = client.token
    return client.create({ library_item_id: ITEM })
  }

  it('answers what has no result with 200 and no body', async () => {
    const id = await begin()
    const response = await send('POST', `${SESSIONS}/id:${id}?~action=cancel`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  it.each([
    ['raw', (id: string) => `id:${id}`],
    ['percent-encoded', (id: string) => `id:${encodeURIComponent(id)}`],
    ['percent-encoded with its prefix', (id: string) => encodeURIComponent(`id:${id}`)],
  ])('takes an id %s', async (_, spell) => {
    const id = await begin()
    const response = await send('GET', `${SESSIONS}/${spell(id)}`)
    expect(await valueOf(response)).toMatchObject({ id, state: 'ACTIVE' })
  })

  it('knows no id without its prefix', async () => {
    expect((await send('GET', `${SESSIONS}/${await begin()}`)).status).toBe(404)
  })

  it('takes the key of an action in the body as well', async () => {
    const update_session_id = await begin()
    const file_spec = { name: 'disk.vmdk', source_type: 'PUSH' }
    const response = await send('POST', `${FILES}?~action=add`, { update_session_id, file_spec })
    expect(await valueOf(response)).toMatchObject({ name: 'disk.vmdk' })
  })

  it('answers that a file is not there where it is asked for by action', async () => {
    const file = await send('POST', `${ITEMS}/file/id:${ITEM}?~action=get`, { name: 'none' })
    const storage = await send('POST', `${ITEMS}/storage/id:${ITEM}?~action=get`, { file_name: 'none' })
    const notFound = { type: 'com.vmware.vapi.std.errors.not_found' }
    expect([await file.json(), await storage.json()]).toMatchObject([notFound, notFound])
  })

  it('reads by action what has no key', async () => {
    const { user } = (await valueOf(await send('POST', '/rest/com/vmware/cis/session?~action=get'))) as { user: string }
    expect(user).toMatch(/^user-/)
  })

  it('wraps an error in its type', async () => {
    const id = await begin()
    await send('POST', `${SESSIONS}/id:${id}?~action=cancel`)

    const response = await send('POST', `${SESSIONS}/id:${id}?~action=cancel`)

    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      type: 'com.vmware.vapi.std.errors.not_allowed_in_current_state',
      value: {
        error_type: 'NOT_ALLOWED_IN_CURRENT_STATE',
        messages: [{ id: expect.any(String), default_message: expect.any(String), args: ['cancel', 'CANCELED'] }],
      },
    })
  })

  it('asks who is there with a challenge', async () => {
    const response = await request(SESSIONS)

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(await response.json()).toMatchObject({
      type: 'com.vmware.vapi.std.errors.unauthenticated',
      value: { error_type: 'UNAUTHENTICATED', challenge: expect.any(String) },
    })
  })

  it.each([
    ['a path of no service', 'GET', '/rest/com/vmware/content/no-such-service', 'not_found'],
    ['an unknown action', 'POST', `${SESSIONS}/id:${unknownId()}?~action=pause`, 'operation_not_found'],
    ['an action of /api', 'POST', `${SESSIONS}/id:${unknownId()}?action=cancel`, 'operation_not_found'],
    ['a method that is not there', 'PUT', SESSIONS, 'operation_not_found'],
  ])('finds nothing at %s', async (_, method, path, type) => {
    const response = await send(method, path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ type: `com.vmware.vapi.std.errors.${type}` })
  })

  it('finds nothing at a path of nothing, without a login either', async () => {
    expect((await request('/rest/nothing')).status).toBe(404)
  })

  it.each([
    ['a list of its entries', [{ key: 'what', value: { s: 'vmdk' } }], 200],
    ['a map, as on /api', { what: { s: 'vmdk' } }, 400],
    ['a list of other things', [{ name: 'what' }], 400],
    ['an entry that says more', [{ key: 'what', value: { s: 'vmdk' }, more: 1 }], 400],
    ['an entry of the wrong type', [{ key: 'what', value: { s: 1 } }], 400],
  ])('takes for a map %s: %s', async (_, params, status) => {
    const id = await begin()
    const update_spec = { error_message: { id: 'x', default_message: 'y', args: [], params } }
    expect((await send('PATCH', `${SESSIONS}/id:${id}`, { update_spec })).status).toBe(status)
  })

  it.each([
    ['half of a body', '{"create_spec":', 'com.vmware.vapi.rest.invalid_body'],
    ['ten megabytes', `"${'x'.repeat(10 * 1024 * 1024)}"`, 'com.vmware.vapi.rest.body_too_large'],
    ['a wrong type', { create_spec: { library_item_id: 1 } }, 'vapi.data.validate.mismatch'],
    ['an unknown field', { create_spec: { colour: 'red' } }, 'vapi.data.structure.field.invalid', ['colour']],
    [
      'no choice',
      { create_spec: { warning_behavior: [{ ignored: true }] } },
      'vapi.data.structure.field.missing',
      ['warning_behavior.0.type'],
    ],
    [
      'a body without its wrapper',
      { library_item_id: ITEM },
      'com.vmware.vapi.rest.unsupportedProperty',
      ['library_item_id'],
    ],
  ])('refuses %s', async (_, body, id, args: unknown = expect.any(Array)) => {
    const response = await send('POST', SESSIONS, body)
    expect(response.status).toBe(400)
    const messages = expect.arrayContaining([expect.objectContaining({ id, args })])
    expect(await valueOf(response)).toMatchObject({ messages })
  })
})
