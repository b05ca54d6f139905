// The modules of community.vmware for content libraries, which use JSON-RPC and SOAP.
import { beforeEach, describe, expect, inject, it } from 'vitest'
import { ansible, loginOf, type Outcome } from './ansible.ts'
import { newUser, recordSeen, type User } from './harness.ts'

recordSeen('ansible (community.vmware)')

describe.skipIf('missing' in inject('clients').ansible)('community.vmware', () => {
  let user: User
  beforeEach(async () => {
    user = await newUser('community-vmware')
  })

  const module = (name: string, parameters: object): Promise<Outcome> =>
    ansible(`community.vmware.${name}`, { ...loginOf(user), ...parameters })

  it('vmware_content_library_manager makes a library on a datastore, changes it and removes it', async () => {
    const own = { library_name: 'own', library_type: 'local', datastore_name: 'datastore-1' }
    expect(await module('vmware_content_library_manager', own)).toMatchObject({ changed: true })

    const changed = { ...own, library_description: 'changed' }
    expect(await module('vmware_content_library_manager', changed)).toMatchObject({ changed: true })
    expect(await module('vmware_content_library_manager', changed)).toMatchObject({ changed: false, failed: false })
    const [id = ''] = await user.api.libraries.find({ name: 'own' })
    expect(await user.api.libraries.get(id)).toMatchObject({ description: 'changed' })

    expect(await module('vmware_content_library_manager', { ...own, state: 'absent' })).toMatchObject({ changed: true })
    expect(await user.api.libraries.find({ name: 'own' })).toEqual([])
  })

  it('vmware_content_library_info lists the libraries, and tells of one', async () => {
    const [library_id] = await user.api.libraries.list()

    expect(await module('vmware_content_library_info', {})).toMatchObject({ content_libs: [library_id] })
    expect(await module('vmware_content_library_info', { library_id })).toMatchObject({
      content_lib_details: [{ library_name: 'local-library', library_publish_info: { published: false } }],
    })
  })

  const place = { datacenter: 'dc', cluster: 'cluster', datastore: 'datastore-1', name: 'vm' }
  it.each([
    ['vmware_content_deploy_ovf_template', { ...place, ovf_template: 'item' }],
    ['vmware_content_deploy_template', { ...place, template: 'item' }],
  ])('%s cannot work, and says why', async (name, parameters) => {
    expect(await module(name, parameters)).toMatchObject({
      failed: true,
      msg: expect.stringContaining('has no inventory'),
    })
  })
})
