// The modules of vmware.vmware for content libraries; of those that import, what they clean up: cancel, delete, item delete.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { ansible as runModule, loginOf, type Outcome } from './ansible.ts'
import { newUser, recordSeen, server, serving, type User } from './harness.ts'
import { anIso, anOva, anOvf, sha256 } from './packages.ts'

const clients = inject('clients')
const LIBRARY = '11111111-1111-4111-8111-111111111111'

recordSeen('ansible (vmware.vmware)')

describe.skipIf('missing' in clients.ansible)('vmware.vmware', () => {
  let user: User
  beforeEach(async () => {
    user = await newUser('ansible')
  })

  const ansible = (module: string, parameters: object): Promise<Outcome> =>
    runModule(`vmware.vmware.${module}`, { ...loginOf(user), ...parameters })
  const iso = (parameters: object) =>
    ansible('import_content_library_iso', { library_id: LIBRARY, dest: 'boot', ...parameters })

  /** What the user's requests asked for, in order, reads left out. */
  async function asked(): Promise<string[]> {
    const answer = await fetch(`${server.url}/__admin/requests?sandbox=${user.name}`)
    const { requests } = (await answer.json()) as { requests: { operation?: string }[] }
    return requests
      .flatMap(({ operation }) => operation?.replace('com.vmware.content.library.', '') ?? [])
      .filter((operation) => /^(item\.)?(item|update_session)?\.?(create|cancel|complete|delete)$/.test(operation))
      .toReversed()
  }
  const nothingIsLeft = async () => {
    expect(await user.api.updateSessions.list()).toEqual([])
    expect(await user.api.items.find({ name: 'boot' })).toEqual([])
  }

  const completed = () =>
    vi.waitFor(async () => expect(await asked()).toContain('item.update_session.complete'), { timeout: 30_000 })

  it.each([
    ['an ISO image', 'import_content_library_iso', anIso, ['boot.iso']],
    ['an OVF package', 'import_content_library_ovf', () => dirname(anOvf()), ['vm-disk1.vmdk', 'vm.ovf']],
    ['an OVA archive', 'import_content_library_ovf', anOva, ['appliance.ova']],
  ])('imports %s once, and leaves no session', async (_, module, make, files) => {
    const parameters = { library_name: 'local-library', src: make(), dest: 'imported' }

    const first = await ansible(module, parameters)
    const second = await ansible(module, parameters)

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
    await iso({ src: anIso() })

    expect(await iso({ state: 'absent' })).toMatchObject({ changed: true })
    await nothingIsLeft()
  })

  it('has the server fetch an ISO image, with the right checksum', async () => {
    const path = anIso()

    await serving(
      (_, response) => response.end(readFileSync(path)),
      async (src) => {
        expect(await iso({ src, checksum_algorithm: 'SHA256', checksum: sha256(path) })).toMatchObject({
          changed: true,
        })
      },
    )
    expect(await user.api.updateSessions.list()).toEqual([])
  })

  it('after a failed transfer deletes the session and the item, and says what failed', async () => {
    await serving(
      // A transfer that fails before the module completes takes away the preview that the module goes on to read.
      (_, response) => void completed().finally(() => response.end('something else')),
      async (src) => {
        expect(await iso({ src, checksum_algorithm: 'SHA256', checksum: 'f'.repeat(64) })).toMatchObject({
          failed: true,
          msg: expect.stringMatching(/^Failed to complete upload of ISO to vCenter: .*checksum/),
        })
      },
    )
    await nothingIsLeft()
  })

  it('after a transfer that takes too long cancels the session, deletes it and the item', async () => {
    await serving(
      (_, response) => response.write('the first bytes, and no more'),
      async (src) => {
        expect(await iso({ src, timeout: 2 })).toMatchObject({
          failed: true,
          msg: expect.stringContaining('Upload has reached timeout limit 2 and has been canceled.'),
        })
      },
    )
    await nothingIsLeft()
    expect(await asked()).toEqual([
      'item.create',
      'item.update_session.create',
      'item.update_session.complete',
      'item.update_session.cancel',
      'item.update_session.delete',
      'item.delete',
    ])
  })
})

describe.skipIf('missing' in clients.ansible)('vmware.vmware, without an import', () => {
  let user: User
  beforeEach(async () => {
    user = await newUser('ansible')
  })
  const ansible = (module: string, parameters: object): Promise<Outcome> =>
    runModule(`vmware.vmware.${module}`, { ...loginOf(user), ...parameters })

  it('local_content_library makes a library on a datastore and removes it; content_library_item_info reads it', async () => {
    const own = { name: 'own', datastore: 'datastore-1' }
    expect(await ansible('local_content_library', own)).toMatchObject({ changed: true })
    expect(await ansible('local_content_library', own)).toMatchObject({ changed: false, failed: false })
    expect(await ansible('content_library_item_info', { library_name: 'local-library' })).toMatchObject({
      library_item_info: [{ name: 'item' }],
    })
    expect(await ansible('local_content_library', { ...own, state: 'absent' })).toMatchObject({ changed: true })
    expect(await user.api.libraries.find({ name: 'own' })).toEqual([])
  })

  const place = { datacenter: 'dc', cluster: 'cluster', datastore: 'datastore-1' }
  it.each([
    [
      'subscribed_content_library',
      { name: 'other', datastore: 'datastore-1', subscription_url: 'http://publisher.test/lib.json' },
      "Cannot find method 'create' in service 'com.vmware.content.subscribed_library'.",
    ],
    ['deploy_content_library_ovf', { ...place, library_item_name: 'item', vm_name: 'vm' }, 'has no inventory'],
    ['deploy_content_library_template', { ...place, library_item_name: 'item', vm_name: 'vm' }, 'has no inventory'],
    [
      'content_template',
      { template: 'template', library: 'local-library', vm_name: 'vm', cluster: 'cluster' },
      'has no inventory',
    ],
  ])('%s cannot work, and says why', async (module, parameters, reason) => {
    expect(await ansible(module, parameters)).toMatchObject({ failed: true, msg: expect.stringContaining(reason) })
  })
})
