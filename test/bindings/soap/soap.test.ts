// The SOAP handshake of govc and Terraform, byte for byte as they send it.
import { describe, expect, it } from 'vitest'
import { admin } from '../../support/admin.ts'
import { connect, freshUser, request, SESSIONS } from '../../support/api.ts'
import { ITEM } from '../../support/client.ts'
import { bomb, cookieOf, envelope, login, methodCall, post, readProperty, tokenOf } from '../../support/soap.ts'

const fault = (type: string) => expect.stringMatching(new RegExp(`<${type}Fault xmlns="urn:\\w+" xsi:type="${type}"/>`))
const pbmContent = methodCall('PbmRetrieveServiceContent', 'ServiceInstance', '', 'urn:pbm')
const XMLNS = Array.from({ length: 2000 }, (_, n) => `xmlns:n${n}="n"`).join(' ')
const answerOf = async (response: Response) => ({ status: response.status, body: await response.text() })

describe('over SOAP', () => {
  it('says before any login that a vCenter is here', async () => {
    const response = await post(methodCall('RetrieveServiceContent', 'ServiceInstance'))

    expect(response.headers.get('content-type')).toBe('text/xml; charset="utf-8"')
    expect(await answerOf(response)).toEqual({
      status: 200,
      body: expect.stringMatching(
        /<RetrieveServiceContentResponse xmlns="urn:vim25"><returnval>.*<apiType>VirtualCenter<\/apiType>.*<sessionManager type="SessionManager">SessionManager<\/sessionManager>/,
      ),
    })
  })

  it.each([
    ['searchIndex', 'SearchIndex'],
    ['licenseManager', 'LicenseManager'],
    ['setting', 'OptionManager'],
  ])('names its %s, since govc crashes without', async (name, type) => {
    const { body } = await answerOf(await post(methodCall('RetrieveServiceContent', 'ServiceInstance')))
    expect(body).toContain(`<${name} type="${type}">${type}</${name}>`)
  })

  it('says on /pbm that storage policies are here', async () => {
    const { status, body } = await answerOf(await post(pbmContent, { path: '/pbm' }))
    expect(status).toBe(200)
    expect(body).toContain('<profileManager type="PbmProfileProfileManager">')
  })

  it('tells the time', async () => {
    const response = await post(methodCall('CurrentTime', 'ServiceInstance'))
    expect(await response.text()).toMatch(/<returnval>\d{4}-\d\d-\d\dT[\d:.]+Z<\/returnval>/)
  })

  it('logs in by name and password, with a cookie that only the server reads, and its token in nothing else', async () => {
    const user = freshUser()

    const response = await login(user)

    expect(response.headers.get('set-cookie')).toMatch(/^vmware_soap_session=[\w.-]+; Path=\/; HttpOnly; Secure$/)
    const text = await response.text()
    expect(text).toContain(`<userName>${user}</userName>`)
    expect(text).not.toContain(tokenOf(response))
  })

  it("names the session by its beginning on the sandbox's clock, at the login and later", async () => {
    const user = freshUser()
    await admin(user, 'POST', '/clock/freeze')
    await admin(user, 'POST', '/clock/set', { now: '2030-01-01T00:00:00Z' })

    const response = await login(user)

    const key = `<key>${user}/2030-01-01T00:00:00.000Z</key>`
    expect(await response.clone().text()).toContain(key)
    const read = await post(readProperty('SessionManager', 'currentSession'), { cookie: cookieOf(response) })
    const session = `<name>currentSession</name><val xsi:type="UserSession">${key}<userName>${user}</userName>`
    expect(await read.text()).toContain(session)
  })

  it('reads a name and password that had to be escaped', async () => {
    const user = `${freshUser()}&amp;&#39;&lt;`
    const text = await (await login(user, '&#34;&amp;')).text()
    expect(text).toContain(`<userName>${user.replace('&#39;', '&apos;')}</userName>`)
  })

  it.each([
    ['no name', '<userName></userName><password>secret</password>'],
    ['no password', '<userName>somebody</userName><password></password>'],
    ['a name longer than any', `<userName>${'x'.repeat(257)}</userName><password>secret</password>`],
    ['a name that is a structure', '<userName><a>somebody</a></userName><password>secret</password>'],
    ['a password that is a structure', '<userName>somebody</userName><password><a>secret</a></password>'],
    ['a name in an attribute', '<userName value="somebody"/><password>secret</password>'],
  ])('refuses a login with %s', async (_, credentials) => {
    const response = await post(methodCall('Login', 'SessionManager', credentials))
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(await answerOf(response)).toEqual({ status: 500, body: fault('InvalidLogin') })
  })

  it('opens the same vCenter as a login over REST', async () => {
    const client = await connect()
    const session = await client.create({ library_item_id: ITEM })
    const token = tokenOf(await login(client.user))

    const response = await request(SESSIONS, { headers: { 'vmware-api-session-id': token } })

    expect(await response.json()).toEqual([session])
  })

  it.each([
    ['none', ''],
    ['a made-up one', 'vmware_soap_session=eA.00000000000000000000000000000000ffffffffffffffffffffffffffffffff'],
    ['nonsense', 'vmware_soap_session="%%%"'],
  ])('takes a cookie that is %s for no session', async (_, cookie) => {
    const response = await post(readProperty('SessionManager', 'currentSession'), { cookie })
    expect(await answerOf(response)).toEqual({ status: 500, body: fault('NotAuthenticated') })
  })

  it('takes no other proof than its cookie', async () => {
    const headers = { 'content-type': 'text/xml', 'vmware-api-session-id': (await connect()).token }
    const body = readProperty('SessionManager', 'currentSession')
    const response = await request('/sdk', { method: 'POST', headers, body })
    expect(await answerOf(response)).toEqual({ status: 500, body: fault('NotAuthenticated') })
  })

  it('ends the session at a logout, for REST as well', async () => {
    const first = await login(freshUser())
    const cookie = cookieOf(first)

    const logout = await post(methodCall('Logout', 'SessionManager'), { cookie })

    expect(await logout.text()).toContain('<LogoutResponse xmlns="urn:vim25"/>')
    const again = await post(methodCall('Logout', 'SessionManager'), { cookie })
    expect(await answerOf(again)).toEqual({ status: 500, body: fault('NotAuthenticated') })
    expect((await request('/api/session', { headers: { 'vmware-api-session-id': tokenOf(first) } })).status).toBe(401)
  })

  it.each([
    ['a method that is not here', '/sdk', methodCall('PowerOnVM_Task', 'vm-1'), 'NotSupported'],
    ['a method of /sdk on /pbm', '/pbm', methodCall('Login', 'SessionManager'), 'NotSupported'],
    ['a method named like one of every object', '/sdk', methodCall('toString', 'x'), 'NotSupported'],
    ['a property that is not here', '/sdk', readProperty('SessionManager', 'sessionList'), 'NotSupported'],
    ['an object that is not here', '/sdk', readProperty('VirtualMachine', 'name'), 'NotSupported'],
    ['a method on the wrong object', '/sdk', methodCall('Login', 'ServiceInstance'), 'ManagedObjectNotFound'],
    ['a body with nothing in it', '/sdk', envelope(''), 'InvalidRequest'],
    ['a body with two requests', '/sdk', envelope('<Login xmlns="v"/><Logout xmlns="v"/>'), 'InvalidRequest'],
    ['a body with one request twice', '/sdk', envelope('<Logout xmlns="v"/>'.repeat(2)), 'InvalidRequest'],
    ['an envelope without a body', '/sdk', '<Envelope/>', 'InvalidRequest'],
    ['another document', '/sdk', '<Body><Login xmlns="urn:vim25"/></Body>', 'InvalidRequest'],
    ['text in the body', '/sdk', envelope('Login'), 'InvalidRequest'],
    ['JSON', '/sdk', '{}', 'InvalidRequest'],
    ['nothing', '/sdk', '', 'InvalidRequest'],
    ['another media type than XML', '/pbm', pbmContent, 'InvalidRequest', 'text/plain'],
  ])('refuses %s by a fault', async (_, path, body, name, type = 'text/xml') => {
    expect(await answerOf(await post(body, { path, type }))).toEqual({ status: 500, body: fault(name) })
  })

  it('says what it does answer, where it is asked for more', async () => {
    const response = await post(methodCall('PowerOnVM_Task', 'vm-1'))
    expect(await response.text()).toContain(
      'does not implement PowerOnVM_Task; over SOAP it answers RetrieveServiceContent, CurrentTime, Login, Logout, RetrievePropertiesEx, RetrieveProperties, Fetch, CreateContainerView, DestroyView.',
    )
  })

  it.each([
    ['a request cut off in the middle', methodCall('RetrieveServiceContent', 'ServiceInstance').slice(0, 120)],
    ['a bomb of entities', bomb()],
    ['elements in elements in elements', envelope('<a>'.repeat(5000) + '</a>'.repeat(5000))],
    ['10 MB of text', envelope(`<Login xmlns="urn:vim25">${'x'.repeat(10_000_000)}</Login>`)],
    ['10 MB of elements', envelope('<a/>'.repeat(2_500_000))],
    ['10 MB of open tags', '<a>'.repeat(3_333_333)],
    ['bytes that are no text', new Uint8Array(1000).fill(0xff)],
  ])('refuses %s, and goes on answering', async (_, body) => {
    expect(await answerOf(await post(body))).toEqual({ status: 500, body: fault('InvalidRequest') })
    expect((await post(methodCall('CurrentTime', 'ServiceInstance'))).status).toBe(200)
  })

  it.each([
    ['an attribute full of ampersands', envelope(`<a b="${'&'.repeat(64_000)}"/>`)],
    ['a text full of references', envelope(`<a>${'&amp;'.repeat(12_000)}</a><a/>`)],
    ['thousands of namespaces around elements', envelope(`<a ${XMLNS}>${'<b/>'.repeat(7000)}</a><a/>`)],
  ])('is kept busy for no time by %s', async (_, body) => {
    const startedAt = Date.now()

    // Each within the limit; what cost its length squared would take seconds every time.
    for (let sent = 0; sent < 10; sent += 1)
      expect(await answerOf(await post(body))).toEqual({ status: 500, body: fault('InvalidRequest') })

    expect(Date.now() - startedAt).toBeLessThan(8000)
  })

  it.each([
    'text/xml',
    'Text/XML; charset=UTF-8',
    'application/xml ; charset=utf-8',
    'application/soap+xml; charset=utf-8; action="urn:vim25/6.0"',
    'application/anything+xml ;a=b',
  ])('takes the media type %s', async (type) => {
    expect((await post(methodCall('CurrentTime', 'ServiceInstance'), { type })).status).toBe(200)
  })

  it.each([
    'text/plain',
    'text/plain; a=application/soap+xml',
    'text/plain;+xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=text/xml',
    'application/json',
    'xml',
    '',
  ])('does nothing for a page of another site, which can send the media type %j', async (type) => {
    const user = freshUser()
    const cookie = cookieOf(await login(user))

    const response = await post(methodCall('Logout', 'SessionManager'), { cookie, type })

    expect(await answerOf(response)).toEqual({ status: 500, body: expect.stringContaining('Send text/xml') })
    expect((await post(readProperty('SessionManager', 'currentSession'), { cookie })).status).toBe(200)
  })

  it('stops keeping a body at its limit, and stops reading it some time after its answer', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new TextEncoder().encode('<a>'.repeat(1000)))
      },
    })

    expect(await answerOf(await post(endless))).toEqual({ status: 500, body: fault('InvalidRequest') })
    expect(pulled * 3000).toBeLessThan(66 * 1024 * 1024)
  })
})
