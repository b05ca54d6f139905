// The modules of vmware.vmware_rest for content libraries, which use /api.
import { beforeEach, describe, expect, inject, it } from 'vitest'
import { ansible, type Outcome } from './ansible.ts'
import { ITEM, newUser, PASSWORD, recordSeen, server, type User } from './harness.ts'

recordSeen('ansible (vmware.vmware_rest)')

const storage_backings = [{ type: 'DATASTORE', datastore_id: 'datastore-1' }]

describe.skipIf('missing' in inject('clients').ansible)('vmware.vmware_rest', () => {
  let user: User
  beforeEach(async () => {
    user = await newUser('vmware-rest')
  })

  const module = (name: string, parameters: object): Promise<Outcome> =>
    ansible(`vmware.vmware_rest.${name}`, {
      vcenter_hostname: new URL(server.url).host,
      vcenter_username: user.name,
      vcenter_password: PASSWORD,
      ...parameters,
    })

  it('content_locallibrary makes a library, changes it and removes it', async () => {
    const own = { name: 'own', type: 'LOCAL', storage_backings }
    const { value } = await module('content_locallibrary', own)
    expect(value).toMatchObject({ name: 'own', type: 'LOCAL', storage_backings })
    const { id: library_id } = value as { id: string } // as it is in the answer of get

    expect(await module('content_locallibrary', { ...own, description: 'changed' })).toMatchObject({ changed: true })
    expect(await module('content_locallibrary', { ...own, description: 'changed' })).toMatchObject({ changed: false })
    expect(await user.api.libraries.get(library_id)).toMatchObject({ description: 'changed' })

    expect(await module('content_locallibrary', { library_id, state: 'absent' })).toMatchObject({ changed: true })
    expect(await user.api.libraries.find({ name: 'own' })).toEqual([])
  })

  it('the modules that read know the library, the item, and that nothing is subscribed', async () => {
    const library = { name: 'local-library', publish_info: { published: false } }

    expect(await module('content_library_info', {})).toMatchObject({ value: [library] })
    expect(await module('content_locallibrary_info', {})).toMatchObject({ value: [library] })
    expect(await module('content_library_item_info', { library_item_id: ITEM })).toMatchObject({
      value: { name: 'item' },
    })
    expect(await module('content_subscribedlibrary_info', {})).toMatchObject({ failed: false, value: [] })
  })

  it('content_library_item_info is refused the list of a library: it asks for `?library_id?library_id=`', async () => {
    const { failed, value } = await module('content_library_item_info', { library_id: ITEM })

    expect(failed).toBe(true)
    // The answer of a real vCenter: vmware.vmware_rest#532.
    expect(value).toMatchObject({
      error_type: 'INVALID_ARGUMENT',
      messages: [
        {
          id: 'com.vmware.vapi.rest.unsupportedProperty',
          default_message: 'Unsupported property with name: library_id?library_id.',
          args: ['library_id?library_id'],
        },
      ],
    })
  })

  it.each([
    [
      'content_subscribedlibrary',
      {
        name: 'other',
        type: 'SUBSCRIBED',
        storage_backings,
        subscription_info: { subscription_url: 'https://publisher.test/lib.json' },
      },
      'OPERATION_NOT_FOUND',
    ],
    ['content_library_subscriptions_info', { library: '11111111-1111-4111-8111-111111111111' }, 'NOT_FOUND'],
    ['content_configuration_info', {}, 'NOT_FOUND'],
    ['content_configuration', { automatic_sync_enabled: true }, 'NOT_FOUND'],
  ])('%s finds no operation', async (name, parameters, error_type) => {
    expect(await module(name, parameters)).toMatchObject({ failed: true, value: { error_type } })
  })
})
