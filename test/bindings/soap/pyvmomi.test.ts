// How pyvmomi and the samples built on it find a vCenter, a session and a datastore by its name.
import { describe, expect, it } from 'vitest'
import { admin } from '../../support/admin.ts'
import { connect, freshUser, request } from '../../support/api.ts'
import { cookieOf, login, methodCall, post, readProperty } from '../../support/soap.ts'

const fetchProperty = (on: string, prop: string) => methodCall('Fetch', on, `<prop>${prop}</prop>`)
const createView = (type: string) => {
  const container = `<container type="Folder">group-d1</container><type>${type}</type><recursive>true</recursive>`
  return methodCall('CreateContainerView', 'ViewManager', container)
}
const namesFrom = (method: string, view: string) => {
  const names = '<propSet><type>Datastore</type><pathSet>name</pathSet></propSet>'
  const objects = `<objectSet><obj type="ContainerView">${view}</obj><skip>true</skip></objectSet>`
  return methodCall(method, 'propertyCollector', `<specSet>${names}${objects}</specSet>`)
}

/** A user of three libraries, on two datastores. */
async function aUser() {
  const client = await connect(freshUser())
  const backing = { type: 'DATASTORE', datastore_id: 'vsanDatastore' }
  for (const name of ['second', 'third'])
    await client.libraries.create({ name, type: 'LOCAL', storage_backings: [backing] })
  const cookie = cookieOf(await login(client.user))
  return { user: client.user, ask: async (body: string) => (await post(body, { cookie })).text() }
}
const valueIn = (text: string) => /<returnval[^>]*>([^<]*)/.exec(text)?.[1] ?? text

describe('pyvmomi', () => {
  it('learns which versions of the API there are, without a login', async () => {
    const answer = await request('/sdk/vimServiceVersions.xml')

    expect(answer.headers.get('content-type')).toContain('text/xml')
    expect(await answer.text()).toMatch(
      /<namespaces version="1\.0">\s*<namespace>\s*<name>urn:vim25<\/name>\s*<version>9\.1\.0\.0<\/version>\s*<priorVersions><version>.*<version>6\.5<\/version>/,
    )
  })

  it('reads the content of the service, and its own session', async () => {
    const { user, ask } = await aUser()
    expect(await ask(fetchProperty('ServiceInstance', 'content'))).toContain('<viewManager type="ViewManager">')
    expect(await ask(fetchProperty('SessionManager', 'currentSession'))).toContain(`<userName>${user}</userName>`)
  })

  it('reads its own session in the older way, too', async () => {
    const { user, ask } = await aUser()
    const answer = await ask(readProperty('SessionManager', 'currentSession', 'RetrieveProperties'))
    expect(answer).toContain('<RetrievePropertiesResponse xmlns="urn:vim25"><returnval><obj type="SessionManager">')
    expect(answer).toContain(`<userName>${user}</userName>`)
  })

  it('has no session without a login, which is no refusal', async () => {
    const answer = await post(fetchProperty('SessionManager', 'currentSession'))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('<FetchResponse xmlns="urn:vim25"/>')
  })

  it('is told what a fault says, and not that it has no session', async () => {
    const { user, ask } = await aUser()
    await admin(user, 'POST', '/faults', { operation: 'com.vmware.cis.session.get', error: 'SERVICE_UNAVAILABLE' })
    expect(await ask(fetchProperty('SessionManager', 'currentSession'))).toMatch(/xsi:type="RuntimeFault"/)
  })

  it('finds the datastores of its libraries, and the name of each, one by one', async () => {
    const { ask } = await aUser()
    const view = valueIn(await ask(createView('Datastore')))

    const shown = await ask(fetchProperty(view, 'view'))

    expect(shown.match(/(?<=<returnval type="Datastore">)[^<]*/g)).toEqual(['datastore-1', 'vsanDatastore'])
    expect(valueIn(await ask(fetchProperty('vsanDatastore', 'name')))).toBe('vsanDatastore')
    expect(await ask(methodCall('DestroyView', view))).toContain('<DestroyViewResponse')
  })

  it.each(['RetrievePropertiesEx', 'RetrieveProperties'])('reads all names at once by %s', async (method) => {
    const { ask } = await aUser()
    const view = valueIn(await ask(createView('Datastore')))

    const answer = await ask(namesFrom(method, view))

    expect(answer.match(/(?<=<val xsi:type="xsd:string">)[^<]*/g)).toEqual(['datastore-1', 'vsanDatastore'])
    expect(answer).toContain('<obj type="Datastore">vsanDatastore</obj>')
  })

  it('reads one property after the other in the way of its releases 6 and 7', async () => {
    const { ask } = await aUser()
    const view = valueIn(await ask(createView('Datastore')))

    expect(await ask(readProperty('ServiceInstance', 'content'))).toContain(
      '<name>content</name><val xsi:type="ServiceContent"><rootFolder type="Folder">',
    )
    expect(await ask(readProperty(view, 'view'))).toContain(
      '<name>view</name><val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Datastore">datastore-1<',
    )
    expect(await ask(namesFrom('RetrievePropertiesEx', 'vsanDatastore'))).toContain('>vsanDatastore</val>')
  })

  it('sees no machines', async () => {
    const { ask } = await aUser()
    const view = valueIn(await ask(createView('VirtualMachine')))
    expect(await ask(fetchProperty(view, 'view'))).toContain('<FetchResponse xmlns="urn:vim25"/>')
  })

  it.each([
    ['a view that is none', methodCall('DestroyView', 'nothing'), 'ManagedObjectNotFound'],
    ['a datastore that is none', fetchProperty('datastore-9', 'name'), 'ManagedObjectNotFound'],
    ['another property of a datastore', fetchProperty('datastore-1', 'summary'), 'has no inventory'],
    ['a property of a manager', fetchProperty('LicenseManager', 'licenses'), 'has no inventory'],
  ])('is told that %s is not there', async (_, body, why) => {
    expect(await (await aUser()).ask(body)).toContain(why)
  })

  it.each([
    ['a view', createView('Datastore')],
    ['names', namesFrom('RetrievePropertiesEx', 'view-datastores')],
    ['a property', fetchProperty('datastore-1', 'name')],
  ])('gets %s only after a login', async (_, body) => {
    expect(await (await post(body)).text()).toContain('NotAuthenticated')
  })

  it('sees the datastores of no other user', async () => {
    await aUser()
    const cookie = cookieOf(await login(freshUser()))
    const names = await post(namesFrom('RetrievePropertiesEx', 'view-datastores'), { cookie })
    expect(await names.text()).not.toContain('vsan')
  })
})
