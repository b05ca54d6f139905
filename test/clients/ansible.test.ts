// The modules for content libraries of Ansible's collections; of those that import, what they clean up: cancel, delete, item delete.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, inject, it, vi } from 'vitest'
import { ITEM, LIBRARY } from '../support/client.ts'
import { journalOf, newFolder, newUser, PASSWORD, pathOf, python, run, server, serving, type User } from './harness.ts'
import { COLLECTIONS } from './install.ts'
import { anIso, anOva, anOvf, sha256 } from './packages.ts'

const clients = inject('clients')
const VMWARE = 'vmware.vmware'
const REST = 'vmware.vmware_rest'
const COMMUNITY = 'community.vmware'

type Outcome = {
  changed: boolean
  failed: boolean
  msg?: string
  value?: object
  library_item?: { id: string; name: string }
}

/** A new user, and what a module of this collection says when it runs on this machine with its login. */
async function using(collection: string) {
  const user = await newUser(`ansible (${collection})`)
  const { host, hostname, port } = new URL(server.url)
  const login =
    collection === REST
      ? { vcenter_hostname: host, vcenter_username: user.name, vcenter_password: PASSWORD }
      : { hostname, port: Number(port), username: user.name, password: PASSWORD }
  const module = async (name: string, parameters: object = {}): Promise<Outcome> => {
    const home = newFolder()
    const args = ['localhost', '-i', 'localhost,', '-c', 'local', '-m', `${collection}.${name}`]
    const interpreter = `ansible_python_interpreter=${pathOf(clients.python)}`
    const { code, stdout, stderr } = await run(
      pathOf(clients.ansible),
      [...args, '-e', interpreter, '-a', JSON.stringify({ ...login, ...parameters })],
      { ...python(home), ANSIBLE_COLLECTIONS_PATH: COLLECTIONS, ANSIBLE_HOME: home, ANSIBLE_NOCOLOR: '1' },
    )
    const [, json] = /=> (\{[^]*\})/.exec(stdout) ?? []
    if (json === undefined) throw new Error(`Ansible said nothing of use: ${stdout}${stderr}`)
    return { ...(JSON.parse(json) as Outcome), failed: code !== 0 }
  }
  return { ...user, module }
}

const importing = async (parameters: object) => {
  const user = await using(VMWARE)
  const iso = (more: object) =>
    user.module('import_content_library_iso', { library_id: LIBRARY, dest: 'boot', ...parameters, ...more })
  return { user, iso }
}
/** What the user's requests asked for, in order, reads left out. */
async function asked({ name }: User): Promise<string[]> {
  const operations = (await journalOf(name)).flatMap(
    ({ operation }) => operation?.replace('com.vmware.content.library.', '') ?? [],
  )
  return operations
    .filter((operation) => /^(item\.)?(item|update_session)?\.?(create|cancel|complete|delete)$/.test(operation))
    .toReversed()
}
const nothingIsLeft = async ({ api }: User) => {
  expect(await api.updateSessions.list()).toEqual([])
  expect(await api.items.find({ name: 'boot' })).toEqual([])
}

describe.skipIf('missing' in clients.ansible)('an import by vmware.vmware', () => {
  it.each([
    ['an ISO image', 'import_content_library_iso', anIso, ['boot.iso']],
    ['an OVF package', 'import_content_library_ovf', () => dirname(anOvf()), ['vm-disk1.vmdk', 'vm.ovf']],
    ['an OVA archive', 'import_content_library_ovf', anOva, ['appliance.ova']],
  ])('imports %s once, and leaves no session', async (_, module, make, files) => {
    const user = await using(VMWARE)
    const parameters = { library_name: 'local-library', src: make(), dest: 'imported' }

    const first = await user.module(module, parameters)
    const second = await user.module(module, parameters)

    expect(first, first.msg).toMatchObject({ changed: true, library_item: { name: 'imported' } })
    expect(second).toMatchObject({ changed: false })
    expect(await user.api.updateSessions.list()).toEqual([])
    const item = first.library_item?.id ?? ''
    const answer = await fetch(`${server.url}/api/content/library/item/${item}/file`, {
      headers: { 'vmware-api-session-id': user.api.token },
    })
    const stored = (await answer.json()) as { name: string }[]
    expect(stored.map(({ name }) => name).toSorted()).toEqual(files)
  })

  it('removes an item', async () => {
    const { user, iso } = await importing({ src: anIso() })
    await iso({})

    expect(await iso({ state: 'absent' })).toMatchObject({ changed: true })
    await nothingIsLeft(user)
  })

  it('has the server fetch an ISO image, with the right checksum', async () => {
    const path = anIso()
    const { user, iso } = await importing({ checksum_algorithm: 'SHA256', checksum: sha256(path) })

    await serving(
      (_, response) => response.end(readFileSync(path)),
      async (src) => expect(await iso({ src })).toMatchObject({ changed: true }),
    )
    expect(await user.api.updateSessions.list()).toEqual([])
  })

  it('after a failed transfer deletes the session and the item, and says what failed', async () => {
    const { user, iso } = await importing({ checksum_algorithm: 'SHA256', checksum: 'f'.repeat(64) })
    const completed = () =>
      vi.waitFor(async () => expect(await asked(user)).toContain('item.update_session.complete'), { timeout: 30_000 })

    await serving(
      // A transfer that fails before the module completes takes away the preview that the module goes on to read.
      (_, response) => void completed().finally(() => response.end('something else')),
      async (src) =>
        expect(await iso({ src })).toMatchObject({
          failed: true,
          msg: expect.stringMatching(/^Failed to complete upload of ISO to vCenter: .*checksum/),
        }),
    )
    await nothingIsLeft(user)
  })

  it('after a transfer that takes too long cancels the session, deletes it and the item', async () => {
    const { user, iso } = await importing({ timeout: 2 })

    await serving(
      (_, response) => response.write('the first bytes, and no more'),
      async (src) =>
        expect(await iso({ src })).toMatchObject({
          failed: true,
          msg: expect.stringContaining('Upload has reached timeout limit 2 and has been canceled.'),
        }),
    )
    await nothingIsLeft(user)
    expect(await asked(user)).toEqual([
      'item.create',
      'item.update_session.create',
      'item.update_session.complete',
      'item.update_session.cancel',
      'item.update_session.delete',
      'item.delete',
    ])
  })
})

const refused = (msg: string) => ({ failed: true, msg: expect.stringContaining(msg) })
const notFound = (error_type = 'NOT_FOUND') => ({ failed: true, value: { error_type } })

describe.skipIf('missing' in clients.ansible)('Ansible, without an import', () => {
  const storage_backings = [{ type: 'DATASTORE', datastore_id: 'datastore-1' }]
  const ofCommunity = { library_name: 'own', library_type: 'local', datastore_name: 'datastore-1' }
  it.each([
    [VMWARE, 'local_content_library', { name: 'own', datastore: 'datastore-1' }, {}],
    [REST, 'content_locallibrary', { name: 'own', type: 'LOCAL', storage_backings }, { description: 'changed' }],
    [COMMUNITY, 'vmware_content_library_manager', ofCommunity, { library_description: 'changed' }],
  ])('%s.%s makes a library on a datastore, changes it and removes it', async (collection, name, own, change) => {
    const { module, api } = await using(collection)
    const changed = { ...own, ...change }
    const isChanging = Object.keys(change).length > 0

    expect(await module(name, own)).toMatchObject({ changed: true })
    const [library_id = ''] = await api.libraries.find({ name: 'own' })
    expect(await api.libraries.get(library_id)).toMatchObject({ type: 'LOCAL', storage_backings })
    if (isChanging) expect(await module(name, changed)).toMatchObject({ changed: true })
    expect(await module(name, changed)).toMatchObject({ changed: false, failed: false })
    if (isChanging) expect(await api.libraries.get(library_id)).toMatchObject({ description: 'changed' })

    const named = collection === REST ? { library_id } : own
    expect(await module(name, { ...named, state: 'absent' })).toMatchObject({ changed: true })
    expect(await api.libraries.find({ name: 'own' })).toEqual([])
  })

  const library = { name: 'local-library', publish_info: { published: false } }
  const details = { library_name: 'local-library', library_publish_info: { published: false } }
  // The answer of a real vCenter: vmware.vmware_rest#532.
  const unsupported = {
    error_type: 'INVALID_ARGUMENT',
    messages: [
      {
        id: 'com.vmware.vapi.rest.unsupportedProperty',
        default_message: 'Unsupported property with name: library_id?library_id.',
        args: ['library_id?library_id'],
      },
    ],
  }
  const anOther = { name: 'other', datastore: 'datastore-1', subscription_url: 'http://publisher.test/lib.json' }
  const noMethod = "Cannot find method 'create' in service 'com.vmware.content.subscribed_library'."
  const subscription_info = { subscription_url: 'https://publisher.test/lib.json' }
  const subscribed = { name: 'other', type: 'SUBSCRIBED', storage_backings, subscription_info }
  const place = { datacenter: 'dc', cluster: 'cluster', datastore: 'datastore-1' }
  const ofItem = { ...place, library_item_name: 'item', vm_name: 'vm' }
  const ofTemplate = { template: 'template', library: library.name, vm_name: 'vm', cluster: 'cluster' }
  const noInventory = refused('has no inventory')
  it.each<[collection: string, name: string, parameters: object, outcome: object]>([
    [VMWARE, 'content_library_item_info', { library_name: library.name }, { library_item_info: [{ name: 'item' }] }],
    [COMMUNITY, 'vmware_content_library_info', {}, { content_libs: [LIBRARY] }],
    [COMMUNITY, 'vmware_content_library_info', { library_id: LIBRARY }, { content_lib_details: [details] }],
    [REST, 'content_library_info', {}, { value: [library] }],
    [REST, 'content_locallibrary_info', {}, { value: [library] }],
    [REST, 'content_library_item_info', { library_item_id: ITEM }, { value: { name: 'item' } }],
    [REST, 'content_subscribedlibrary_info', {}, { failed: false, value: [] }],
    // It asks for `?library_id?library_id=`.
    [REST, 'content_library_item_info', { library_id: ITEM }, { failed: true, value: unsupported }],
    // These cannot work, and say why.
    [VMWARE, 'subscribed_content_library', anOther, refused(noMethod)],
    [VMWARE, 'deploy_content_library_ovf', ofItem, noInventory],
    [VMWARE, 'deploy_content_library_template', ofItem, noInventory],
    [VMWARE, 'content_template', ofTemplate, noInventory],
    [COMMUNITY, 'vmware_content_deploy_ovf_template', { ...place, name: 'vm', ovf_template: 'item' }, noInventory],
    [COMMUNITY, 'vmware_content_deploy_template', { ...place, name: 'vm', template: 'item' }, noInventory],
    [REST, 'content_subscribedlibrary', subscribed, notFound('OPERATION_NOT_FOUND')],
    [REST, 'content_library_subscriptions_info', { library: LIBRARY }, notFound()],
    [REST, 'content_configuration_info', {}, notFound()],
    [REST, 'content_configuration', { automatic_sync_enabled: true }, notFound()],
  ])('%s.%s: %o', async (collection, name, parameters, outcome) => {
    expect(await (await using(collection)).module(name, parameters)).toMatchObject(outcome)
  })
})
