// Items and libraries through HTTP: what is found, listed and changed, and what is refused.
import { describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { bindings, connect, request } from '../support/api.ts'
import { ITEM, LIBRARY, unknownId, type Client } from '../support/client.ts'

const storage_backings = [{ type: 'DATASTORE', datastore_id: 'datastore-1' }]
const onShare = (storage_uri: string) => [{ type: 'OTHER', storage_uri }]
const BASIC = { authentication_method: 'BASIC', published: true, password: 'first' } as const
const invalid = { status: 400, errorType: 'INVALID_ARGUMENT' }
const lacks = (...fields: string[]) => ({
  ...invalid,
  messages: [{ id: 'vapi.invoke.input.invalid' }, ...fields.map((field) => ({ args: [field] }))],
})
const empty = (name: string) => ({
  ...invalid,
  messages: [{ default_message: `The property ${name} must not be empty.` }],
})
const misplaced = (field: string, type: string) => ({
  ...invalid,
  message: expect.stringContaining(`${field} is wrong: it belongs to the type ${type}`) as string,
})
const taken = { status: 400, errorType: 'ALREADY_EXISTS', messages: [{ args: ['item', 'local-library', LIBRARY] }] }
const unsupported = { status: 400, errorType: 'UNSUPPORTED' }
const notFound = { status: 404, errorType: 'NOT_FOUND' }
/** Creates a library that is one but for these properties. */
const aLibrary = (spec: object) => (client: Client) => client.libraries.create({ name: 'x', storage_backings, ...spec })
const published = (publish_info: object) => aLibrary({ publish_info })
const [A_SHARE] = onShare('nfs://host/a')
/** What is of both types, called one of them. */
const on = (type: string) => aLibrary({ storage_backings: [{ ...A_SHARE, datastore_id: 'd', type }] })
const anItem = (spec: object) => (client: Client) => client.items.create({ library_id: LIBRARY, name: 'x', ...spec })

describe.concurrent.each(bindings)('through $name', ({ name: binding, connect }) => {
  it.each<[string, (client: Client) => Promise<unknown>, object]>([
    ['create of an item whose name is taken', anItem({ name: 'item' }), taken],
    ['create of an item without a name', anItem({ name: undefined }), lacks('name')],
    ['create of an item with no name', anItem({ name: '' }), empty('name')],
    ['create of an item that names no library', anItem({ library_id: undefined }), lacks('library_id')],
    ['create of an item in no library', anItem({ library_id: unknownId() }), notFound],
    ['get of no item', ({ items }) => items.get(unknownId()), notFound],
    ['update of no item', ({ items }) => items.update(unknownId(), { description: 'x' }), notFound],
    ['update of an item in another version', ({ items }) => items.update(ITEM, { version: '0' }), invalid],
    ['update of an item to no name', ({ items }) => items.update(ITEM, { name: '' }), empty('name')],
    [
      'update of an item to a name that is taken',
      async ({ items }) => items.update(await items.create({ library_id: LIBRARY, name: 'x' }), { name: 'item' }),
      taken,
    ],
    ['delete of no item', ({ items }) => items.delete(unknownId()), notFound],
    ['find of items by nothing', ({ items }) => items.find({}), invalid],
    ['list of the items of no library', ({ items }) => items.list(unknownId()), notFound],
    ['create of a library without storage', aLibrary({ storage_backings: undefined }), lacks('storage_backings')],
    ['create of a library without a word', ({ libraries }) => libraries.create({}), lacks('name', 'storage_backings')],
    [
      'create of a library on a storage of no type',
      aLibrary({ storage_backings: [{ datastore_id: 'd' }] }),
      lacks('storage_backings.0.type'),
    ],
    ['create of a library on a datastore with an address', on('DATASTORE'), misplaced('storage_uri', 'OTHER')],
    ['create of a library on a share with a datastore', on('OTHER'), misplaced('datastore_id', 'DATASTORE')],
    ['create of a library that does not say how it is published', published({ published: true }), invalid],
    ['create of a library that does not say whether', published({ authentication_method: 'NONE' }), invalid],
    ['create of a library that is published for other users', published({ ...BASIC, user_name: 'me' }), invalid],
    ['create of a library on no storage', aLibrary({ storage_backings: [] }), empty('storage_backings')],
    ['create of a library on two storages', aLibrary({ storage_backings: [A_SHARE, A_SHARE] }), unsupported],
    ['create of a library with no name', aLibrary({ name: '' }), empty('name')],
    ['update of a library to no name', ({ libraries }) => libraries.update(LIBRARY, { name: '' }), empty('name')],
    ['get of no library', ({ libraries }) => libraries.get(unknownId()), notFound],
    ['update of no library', ({ libraries }) => libraries.update(unknownId(), { description: 'x' }), notFound],
    [
      'update of a library in a version that is not its own',
      ({ libraries }) => libraries.update(LIBRARY, { description: 'x', version: '0' }),
      { status: binding === '/api' ? 409 : 400, errorType: 'CONCURRENT_CHANGE' },
    ],
    ['delete of no library', ({ libraries }) => libraries.delete(unknownId()), notFound],
    ['find of libraries by nothing', ({ libraries }) => libraries.find({}), invalid],
    ['create of an update session without an item', (client) => client.create({}), lacks('library_item_id')],
  ])('refuses a %s', async (_, ask, refusal) => {
    const client = await connect()
    await expect(ask(client)).rejects.toMatchObject(refusal)
  })

  it('finds an item by its name and its type, and none by another', async () => {
    const { items } = await connect()
    const id = await items.create({ library_id: LIBRARY, name: 'one of a kind', type: 'iso' })
    await expect(items.find({ name: 'one of a kind', type: 'ISO' })).resolves.toEqual([id])
    await expect(items.find({ type: 'ISO' })).resolves.toEqual([id])
    await expect(items.find({ name: 'another' })).resolves.toEqual([])
  })

  it('finds a library by its name, and none by another; a new one has no items', async () => {
    const { items, libraries } = await connect()
    const id = await libraries.create({ name: 'one of a kind', storage_backings })

    await expect(libraries.find({ name: 'one of a kind' })).resolves.toEqual([id])
    await expect(libraries.find({ name: 'another' })).resolves.toEqual([])
    await expect(items.list(id)).resolves.toEqual([])
  })

  it('finds a library by each property of its storage', async () => {
    const { libraries } = await connect()
    const [first, second] = ['nfs://host/a', 'nfs://host/b']
    const id = await libraries.create({ name: 'first', storage_backings: onShare(first) })
    await libraries.create({ name: 'second', storage_backings: onShare(second) })

    await expect(libraries.find({ storage_backing: { storage_uri: first } })).resolves.toEqual([id])
    await expect(libraries.find({ storage_backing: { type: 'DATASTORE' } })).resolves.toEqual([LIBRARY])
    await expect(libraries.find({ name: 'SECOND', storage_backing: { storage_uri: first } })).resolves.toEqual([])
  })

  it('keeps what an update does not name of a publication', async () => {
    const { libraries } = await connect()
    const publish_info = { authentication_method: 'NONE', published: true, user_name: 'vcsp' } as const
    const id = await libraries.create({ name: 'published', storage_backings, publish_info })
    const before = { ...publish_info, persist_json_enabled: false }
    await expect(libraries.get(id)).resolves.toMatchObject({ publish_info: before })

    await libraries.update(id, { publish_info: { persist_json_enabled: true } })

    await expect(libraries.get(id)).resolves.toMatchObject({ publish_info: { ...before, persist_json_enabled: true } })
  })

  it('shows where a library is published, whatever a client says, and never its password', async () => {
    const { libraries } = await connect()
    const publish_info = { ...BASIC, publish_url: 'https://elsewhere.test' }
    const id = await libraries.create({ name: 'published', storage_backings, publish_info })

    await expect(libraries.get(id)).resolves.toHaveProperty('publish_info', {
      authentication_method: 'BASIC',
      persist_json_enabled: false,
      published: true,
      publish_url: expect.stringMatching(`^https?://[^/]+/cls/vcsp/lib/${id}/lib\\.json$`),
    })
  })

  it.each([
    ['another password', { password: 'second' }],
    ['no authentication', { authentication_method: 'NONE' }],
    ['no publication', { published: false }],
  ] as const)('gives a library that has a password %s only with the current one', async (_, change) => {
    const { libraries } = await connect()
    const id = await libraries.create({ name: 'published', storage_backings, publish_info: BASIC })

    const wrong = { current_password: 'wrong' }
    for (const publish_info of [change, wrong, { ...change, ...wrong }])
      await expect(libraries.update(id, { publish_info })).rejects.toMatchObject(invalid)
    await libraries.update(id, { description: 'changed', publish_info: { password: 'first' } })
    await libraries.update(id, { publish_info: { ...change, current_password: 'first' } })
    const { password: _password, ...shown } = { password: '', ...change }

    const after = await libraries.get(id)
    expect(after).toMatchObject({ version: '3', publish_info: shown })
    expect(after).not.toHaveProperty('publish_info.current_password')
  })

  it('keeps what of a library is set at its creation', async () => {
    const { libraries } = await connect()
    const optimization_info = { optimize_remote_publishing: true }
    const id = await libraries.create({ name: 'optimized', storage_backings, optimization_info })

    const others = {
      storage_backings: onShare('nfs://host/a'),
      optimization_info: { optimize_remote_publishing: false },
    }
    await libraries.update(id, others)

    await expect(libraries.get(id)).resolves.toMatchObject({ storage_backings, optimization_info })
  })

  it('takes the security policy of a library away where it is told so', async () => {
    const { libraries } = await connect()
    const id = await libraries.create({ name: 'secure', storage_backings, security_policy_id: 'policy' })
    await expect(libraries.get(id)).resolves.toMatchObject({ security_policy_id: 'policy' })

    await libraries.update(id, { unset_security_policy_id: true })

    await expect(libraries.get(id)).resolves.not.toHaveProperty('security_policy_id')
  })

  it('shows a library that was not published as unpublished', async () => {
    const { libraries } = await connect()
    const unpublished = { authentication_method: 'NONE', published: false } as const
    const publish_info = { ...unpublished, publish_url: 'https://elsewhere.test' }
    const id = await libraries.create({ name: 'unpublished', storage_backings, publish_info })
    for (const each of [LIBRARY, id])
      expect((await libraries.get(each)).publish_info).toEqual({ ...unpublished, persist_json_enabled: false })
  })

  it('changes an item and its library, and counts their versions; its source is set at its creation alone', async () => {
    const { items, libraries, user } = await connect()
    const id = await items.create({ library_id: LIBRARY, name: 'copied', type: 'iso', source_id: 'source' })
    await admin(user, 'POST', '/clock/advance', { by: '1m' })

    await items.update(id, { description: 'changed', source_id: 'another' })
    await libraries.update(LIBRARY, { description: 'changed' })

    const [item, library] = [await items.get(id), await libraries.get(LIBRARY)]
    const fixed = { type: 'iso', source_id: 'source', cached: true, security_compliance: true }
    expect(item).toMatchObject({ description: 'changed', version: '2', metadata_version: '2', ...fixed })
    expect(library).toMatchObject({ description: 'changed', version: '2' })
    for (const { creation_time = '', last_modified_time = '' } of [item, library])
      expect(Date.parse(last_modified_time) - Date.parse(creation_time)).toBeGreaterThanOrEqual(60_000)
  })
})

it.each([
  ['/api/content/subscribed-library', []],
  ['/rest/com/vmware/content/subscribed-library', { value: [] }],
])('%s lists no library: all are local ones', async (path, listed) => {
  const { token } = await connect()
  const answer = await request(path, { headers: { 'vmware-api-session-id': token } })
  await expect(answer.json()).resolves.toEqual(listed)
})

it('an update of any library changes what all types have, and nothing of its publication', async () => {
  const { libraries, token } = await connect()
  const id = await libraries.create({ name: 'published', storage_backings, publish_info: BASIC })
  const { publish_info } = await libraries.get(id)
  const patch = async (library: string, body: object) => {
    const headers = { 'vmware-api-session-id': token, 'content-type': 'application/json' }
    const path = `/api/content/library/${library}`
    return (await request(path, { method: 'PATCH', headers, body: JSON.stringify(body) })).status
  }

  const common = { name: 'renamed', configuration_info: { apply_library_usage_to_items: true } }
  const unpublished = { authentication_method: 'NONE', published: false }
  expect(await patch(id, { ...common, version: '1', publish_info: unpublished })).toBe(204)

  await expect(libraries.get(id)).resolves.toMatchObject({ ...common, version: '2', publish_info })
  expect(await patch(id, { version: '1' })).toBe(400)
  expect(await patch(unknownId(), {})).toBe(404)
})
