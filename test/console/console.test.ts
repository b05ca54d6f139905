// The console in a real browser: what a person sees, and what their clicks do.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page, Response, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { basic, type Client } from '../../src/client/client.ts'
import { serve, type Embedded } from '../../src/node/server.ts'
import { browserPath, openBrowser, openPage, violations, WITHOUT, type Trouble } from './browser.ts'
import { admin, aSession, enter, everything } from './stage.ts'
import { freshUser, ITEM } from '../support/client.ts'

const rowOf = (page: Page, item: string) => page.getByRole('button', { name: new RegExp(`^\\w+ ?${item}`) })
const journal = (page: Page) => page.getByRole('list', { name: 'Requests, newest first' }).getByRole('button')

let mock: Embedded
let browser: Browser
/** Of the pages of a test. */
const troubles: Trouble[] = []

async function visit(url: string, options = {}): Promise<Page> {
  const { page, trouble } = await openPage(browser, url, options)
  troubles.push(trouble)
  return page
}

/** The console of a sandbox. */
async function look(user: string, options = {}): Promise<Page> {
  const page = await visit(`${mock.url}/__admin/?sandbox=${encodeURIComponent(user)}`, options)
  await page.locator('.connection.live').waitFor()
  await page.locator('#journal').waitFor()
  return page
}

/** The console of a user who has logged in, and has a session for the item of this name. */
async function open(item?: string, options = {}) {
  const user = freshUser()
  const client = await enter(mock.url, user)
  const id = item === undefined ? '' : await aSession(client, item)
  return { user, client, id, page: await look(user, options) }
}

/** Whether one is no wider than the other, in the page. */
const isWithin = (inner: string, outer: string, width: string) =>
  `document.querySelector('${inner}').scrollWidth <= document.querySelector('${outer}').${width}`

/** The second time it is refused. */
async function cancelTwice({ updateSessions }: Client, id: string): Promise<void> {
  await updateSessions.cancel(id)
  await updateSessions.cancel(id).catch(() => undefined)
}

/** From now on no time passes in the page but what the test lets pass. */
const stopClock = (page: Page) => page.clock.pauseAt(Date.now() + 1000)
async function letPass(page: Page, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await page.clock.runFor(1000)
}

/** Another mock than that of all tests, for as long as the test runs. */
async function serveOther(vars: Record<string, string>): Promise<string> {
  const { url, stop } = await serve({ vars })
  onTestFinished(stop)
  return url
}

/** None of its pages asks another server, meets an error, or breaks a rule of its policy. */
describe.skipIf(browserPath === undefined)(browserPath ? 'the console' : `the console (${WITHOUT})`, () => {
  beforeAll(async () => {
    ;[mock, browser] = await Promise.all([serve(), openBrowser()])
  })
  afterEach(async () => {
    // An open page asks each second, and is drawn: the pages of all tests would leave none any time.
    for (const context of browser.contexts()) await context.close()
    for (const trouble of troubles.splice(0)) expect(trouble).toEqual({ errors: [], elsewhere: [] })
  })
  afterAll(async () => {
    await browser?.close()
    await mock?.stop()
  })

  describe.each([
    { width: 320, height: 800, colorScheme: 'light' },
    { width: 320, height: 800, colorScheme: 'dark' },
    { width: 1440, height: 1000, colorScheme: 'light' },
    { width: 1440, height: 1000, colorScheme: 'dark' },
  ] as const)('$width pixels wide, $colorScheme', ({ width, height, colorScheme }) => {
    it('is accessible, and no wider than the screen', async () => {
      const user = freshUser()
      await everything(mock.url, user)
      const page = await look(user, { viewport: { width, height }, colorScheme, reducedMotion: 'reduce' })

      expect(await violations(page)).toEqual([])
      await rowOf(page, 'appliance').click()
      await journal(page).first().click()
      for (const summary of await page.locator('summary').all()) await summary.click()

      expect(await violations(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    })
  })

  it('keeps the name of a session on one line at any width', async () => {
    const { page } = await open('windows-2025')
    const name = page.locator('.session .name')
    for (const width of [360, 800, 1120, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      expect([width, (await name.boundingBox())?.height]).toEqual([width, expect.toSatisfy((height) => height < 30)])
    }
  })

  it('makes a session, sends a file and completes it, as a client would', async () => {
    const user = freshUser()
    const page = await look(user)

    await page.getByRole('button', { name: 'New session' }).click()
    await page.getByLabel('Content').setInputFiles({ name: 'disk.vmdk', mimeType: '', buffer: Buffer.alloc(300_000) })
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('push, ready').waitFor()
    await page.getByRole('button', { name: 'Complete', exact: true }).click()
    await page.locator('.session .state', { hasText: 'DONE' }).waitFor()

    expect(await page.locator('[data-state].here').getAttribute('data-state')).toBe('DONE')
    const { requests } = (await admin(mock.url, user, 'GET', '/requests')) as { requests: { operation: string }[] }
    const operations = ['complete', 'upload', 'add', 'create', 'list', 'list', 'create']
    expect(requests.map(({ operation }) => operation.split('.').at(-1))).toEqual(operations)
  })

  it('says why an upload is refused', async () => {
    const { page, user } = await open('mine')
    await admin(mock.url, user, 'POST', '/settings', { store_bytes: 1 })

    await rowOf(page, 'mine').click()
    await page.getByLabel('Content').setInputFiles({ name: 'disk.vmdk', mimeType: '', buffer: Buffer.alloc(9) })
    await page.getByRole('button', { name: 'Upload' }).click()

    await page
      .locator('.notice', { hasText: /Upload disk.vmdk failed: 507 SERVICE_UNAVAILABLE This sandbox has no room/ })
      .waitFor()
  })

  it('shows a file without a source as one that waits', async () => {
    const { client, id, page } = await open('none')
    await client.updateSessionFiles.add(id, { name: 'disk.vmdk', source_type: 'NONE' })

    await rowOf(page, 'none').click()

    await page.getByText('none, waiting for transfer').waitFor()
  })

  it('lists what was asked for and is not there, each once with how often', async () => {
    const { client, page } = await open()
    expect(await page.locator('#missing').count()).toBe(0)
    const headers = { 'vmware-api-session-id': client.token, 'content-type': 'application/json' }
    const params = { serviceId: 'com.vmware.vcenter.VM', operationId: 'list', input: { STRUCTURE: { a: {} } } }
    const call = { jsonrpc: '2.0', id: 1, method: 'invoke', params }

    for (const path of ['/api/vcenter/vm?a', '/api/vcenter/vm']) await fetch(`${mock.url}${path}`, { headers })
    for (const body of ['no json', JSON.stringify(call)])
      await fetch(`${mock.url}/api`, { method: 'POST', headers, body })

    const rows = page.locator('#missing li')
    await expect
      .poll(() => rows.allInnerTexts())
      .toEqual([
        expect.stringMatching(/^Cannot find service 'com\.vmware\.vcenter\.VM'\.\s*1×$/),
        expect.stringMatching(/^GET \/api\/vcenter\/vm\s*2×$/),
      ])
  })

  it('says in the words of the API why something is refused', async () => {
    const { page } = await open('mine')

    await rowOf(page, 'mine').click()
    await page.getByRole('button', { name: 'Delete' }).click()

    const said = page.locator('.notice')
    await said.waitFor()
    expect(await said.textContent()).toContain(
      'Delete failed: 400 NOT_ALLOWED_IN_CURRENT_STATE The operation delete can not be invoked',
    )
    await journal(page).filter({ hasText: 'update_session.delete' }).click()
    expect(await page.locator('.journal .why').textContent()).toContain(
      'Refused by rule: NOT_ALLOWED_IN_CURRENT_STATE.',
    )
  })

  it('fails a session with the message that one gives', async () => {
    const { client, id, page } = await open('mine')

    await rowOf(page, 'mine').click()
    await page.getByRole('button', { name: 'Fail…' }).click()
    await page.getByRole('dialog').getByLabel('Message', { exact: true }).fill('The disk is full.')
    await page.getByRole('button', { name: 'Fail it' }).click()
    await page.locator('.session .state', { hasText: 'ERROR' }).waitFor()

    expect((await client.updateSessions.get(id)).error_message?.default_message).toContain('The disk is full.')
  })

  it('shows at once what another client does', async () => {
    const { client, page } = await open()
    expect(await page.locator('.session').count()).toBe(0)

    const id = await aSession(client, 'from-elsewhere')
    await rowOf(page, 'from-elsewhere').waitFor()
    await client.updateSessions.cancel(id)

    await page.locator('.session .state', { hasText: 'CANCELED' }).waitFor()
    await journal(page).filter({ hasText: 'update_session.cancel' }).waitFor()
  })

  it('asks for little each second, for nothing while it is hidden, and at once when it is shown again', async () => {
    const { page } = await open()
    await stopClock(page)
    const asked: string[] = []
    const answers: Response[] = []
    page.on('request', (request) => asked.push(request.url().slice(mock.url.length).split('=')[0] ?? ''))
    page.on('response', (response) => answers.push(response))
    const setHidden = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
         document.dispatchEvent(new Event('visibilitychange'))`,
      )

    await letPass(page, 10)
    // One may be an answer to what was asked before.
    await expect.poll(() => answers.length).toBeGreaterThanOrEqual(asked.length)
    expect(new Set(asked)).toEqual(new Set(['/__admin/view?since']))
    expect(asked.length).toBeLessThanOrEqual(10)
    for (const answer of answers) expect((await answer.body()).byteLength).toBeLessThan(300)

    await setHidden(true)
    asked.length = 0
    await letPass(page, 10)
    expect(asked).toEqual([])

    await Promise.all([page.waitForRequest(/view/), setHidden(false)])
  })

  it('waits for an answer before it asks again', async () => {
    const page = await look(freshUser())
    const asked: Route[] = []
    await page.route(/__admin\/view/, (route) => void asked.push(route))
    await expect.poll(() => asked).toHaveLength(1)

    await stopClock(page)
    await letPass(page, 10)
    expect(asked).toHaveLength(1)

    await asked[0]?.continue()
    await page.unroute(/__admin\/view/)
    await Promise.all([page.waitForResponse(/view/), letPass(page, 10)])
  })

  it('says that the mock is gone, shows what it has, and goes on when the mock is there again', async () => {
    const { client, page } = await open('before')
    await rowOf(page, 'before').waitFor()

    await page.route(/__admin\/view/, (route) => route.abort())
    await page.locator('.connection.lost').waitFor()
    await page.route(/__admin\/clock/, (route) => route.abort())
    await page.getByRole('button', { name: '+1 min' }).click()
    await page.getByText('failed: No answer came (Failed to fetch)').waitFor()
    await aSession(client, 'meanwhile')
    expect(await rowOf(page, 'before').count()).toBe(1)
    await page.unroute(/__admin\/view/)

    await page.locator('.connection.live').waitFor()
    await rowOf(page, 'meanwhile').waitFor()
  })

  it('says why the mock shows a sandbox no more, and goes on when it does again', async () => {
    const page = await look(freshUser())
    const body = JSON.stringify({ errors: [{ title: 'The disk is full.' }] })
    await page.route(/__admin\/view/, (route) => route.fulfill({ status: 503, body }))

    await page.getByText('503 The disk is full.').waitFor()
    expect(await page.locator('.connection').innerText()).toBe('Refused')
    await page.unroute(/__admin\/view/)

    await page.locator('.connection.live').waitFor()
    expect(await page.getByText('503 The disk is full.').count()).toBe(0)
  })

  it('says why there is no sandbox of a name', async () => {
    const page = await visit(`${mock.url}/__admin/?sandbox=${'x'.repeat(300)}`)

    await page.locator('.why', { hasText: /^422 .*255 bytes/ }).waitFor()
  })

  it('says how many files a session has, where the view has no room for them', async () => {
    const user = freshUser()
    const files = Array.from({ length: 100 }, (_, at) => ({ name: `disk-${at}` }))
    for (let done = 0; done < 11; done += 1) await admin(mock.url, user, 'POST', '/sessions', { files })
    const page = await look(user)

    const told = new Set(await page.locator('.facts span:first-child').allInnerTexts())
    expect(told).toEqual(new Set(['0 of 100 files ready', '100 files']))
  })

  it('says that there are more sessions than it shows, and makes one more', async () => {
    const user = freshUser()
    const seed = (spec: object) => admin(mock.url, user, 'POST', '/sessions', spec)
    await enter(mock.url, user)
    await seed({ library_item_id: ITEM })
    for (let done = 0; done < 100; done += 1) await seed({})
    const page = await look(user)
    await page.getByText('The newest 100 of 101').waitFor()

    await page.getByRole('button', { name: 'New session' }).click()

    await page.getByText('The newest 100 of 102').waitFor()
    expect(await page.locator('.notice').innerText()).toContain('New session done')
  })

  it('makes a session where every library has been deleted', async () => {
    const { page, client } = await open()
    for (const id of await client.libraries.list()) await client.libraries.delete(id)

    await page.getByRole('button', { name: 'New session' }).click()

    await page.locator('.session .state', { hasText: 'ACTIVE' }).waitFor()
  })

  it('takes a double click for one, but on the clock', async () => {
    const { page } = await open()
    const button = (name: string) => page.getByRole('button', { name, exact: true })

    /** A second click of the same button counts when the first is answered. */
    const isDone = (title: string) => page.locator('.notice', { hasText: `${title} done` }).waitFor()

    await button('New session').dblclick()
    await isDone('New session')
    await page.getByText('Add a fault').click()
    await button('Add').dblclick()
    await isDone('Add the fault')
    await button('Add').click()
    await page.locator('.fault').nth(1).waitFor()
    await page.locator('.fault').getByRole('button').first().dblclick()
    await isDone('Remove the fault')
    await button('+1 min').dblclick()
    await page.getByText('2 min ahead').waitFor()

    expect([await page.locator('.session').count(), await page.locator('.fault').count()]).toEqual([1, 1])
  })

  it('sends a file once, however often one clicks while it is on its way', async () => {
    const { page } = await open('slow')
    let sent = 0
    const { promise: mayArrive, resolve: letArrive } = Promise.withResolvers<void>()
    await page.route(/cls\/data/, async (route) => {
      sent += 1
      await mayArrive
      await route.continue()
    })
    await rowOf(page, 'slow').click()
    await page.getByLabel('Content').setInputFiles({ name: 'disk.vmdk', mimeType: '', buffer: Buffer.alloc(10) })

    for (let clicks = 0; clicks < 3; clicks += 1) await page.getByRole('button', { name: 'Upload' }).click()
    letArrive()

    await page.getByText('push, ready').waitFor()
    expect(sent).toBe(1)
  })

  it('shows at once what it has done itself', async () => {
    const page = await look(freshUser())
    await stopClock(page)

    await page.getByRole('button', { name: 'Freeze' }).click()

    await page.getByText('stands still').waitFor()
  })

  it('finds requests by words and by kind', async () => {
    const { client, id, page } = await open('mine')
    await cancelTwice(client, id)
    await journal(page).filter({ hasText: 'cancel' }).nth(1).waitFor()

    await page.getByLabel('Filter the journal').fill('cancel')
    expect(await journal(page).count()).toBe(2)
    await page.getByLabel('Kind of request').selectOption('Refused')
    expect(await journal(page).count()).toBe(1)
    await page.keyboard.press('Tab')
    await page.getByLabel('Filter the journal').press('Escape')
    expect(await page.getByLabel('Filter the journal').inputValue()).toBe('')
  })

  it('finds a request that JSON-RPC refuses with the status 200', async () => {
    const { client, id, page } = await open('mine')
    const input = { STRUCTURE: { 'operation-input': { update_session_id: `not-${id}` } } }
    await fetch(`${mock.url}/api`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'vmware-api-session-id': client.token },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: '1',
        method: 'invoke',
        params: { ctx: {}, serviceId: 'com.vmware.content.library.item.update_session', operationId: 'get', input },
      }),
    })

    await page.getByLabel('Kind of request').selectOption('Refused')

    await expect.poll(() => journal(page).allInnerTexts()).toEqual([expect.stringMatching(/refused\s+200/)])
  })

  it('stops the journal where one wants to read, and goes on', async () => {
    const { client, page } = await open()
    await journal(page).first().waitFor()

    await page.getByRole('button', { name: 'Pause' }).click()
    await aSession(client, 'later')
    await rowOf(page, 'later').waitFor()
    expect(await journal(page).count()).toBe(1)
    await page.getByRole('button', { name: 'Go on' }).click()
    expect(await journal(page).count()).toBeGreaterThan(1)
  })

  it('copies a request as a command and as an interaction of a pact', async () => {
    const { client, id, page } = await open('mine', { permissions: ['clipboard-read', 'clipboard-write'] })
    await cancelTwice(client, id)
    const pasted = () => page.evaluate<string>('navigator.clipboard.readText()')

    await journal(page).filter({ hasText: '400' }).click()
    await page.getByRole('button', { name: 'Copy as curl' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await pasted()).toContain(
      `curl -g -X POST '${mock.url}/api/content/library/item/update-session/${encodeURIComponent(id)}?action=cancel'`,
    )
    await page.getByRole('button', { name: 'Copy as Pact interaction' }).click()
    await expect.poll(pasted).toContain('providerStates')
    expect(JSON.parse(await pasted())).toMatchObject({
      request: { method: 'POST', query: { action: ['cancel'] } },
      response: { status: 400, body: { error_type: 'NOT_ALLOWED_IN_CURRENT_STATE' } },
    })
  })

  it('copies no upload, whose address and content the journal does not have', async () => {
    const { client, id, page } = await open('mine')
    const file = await client.updateSessionFiles.add(id, { name: 'a.iso', source_type: 'PUSH' })
    await fetch(file.upload_endpoint?.uri ?? '', { method: 'PUT', body: 'content' })

    await journal(page).filter({ hasText: 'PUT' }).click()

    await page.getByText('/cls/data/***/a.iso').waitFor()
    expect(await page.getByRole('button', { name: /^Copy/ }).count()).toBe(0)
  })

  it('copies a command that asks as the client did, of brackets, an "@", HEAD and a cookie, too', async () => {
    const { client, page } = await open(undefined, { permissions: ['clipboard-read', 'clipboard-write'] })
    const sessions = `${mock.url}/api/content/library/item/update-session?a[]=1`
    const headers = { 'vmware-api-session-id': client.token, 'content-type': 'application/json' }
    await fetch(sessions, { method: 'POST', headers, body: "@it's" })
    await fetch(sessions, { method: 'HEAD', headers })
    await fetch(sessions, { headers: { cookie: `vmware-api-session-id=${client.token}` } })

    for (const method of ['GET', 'HEAD', 'POST']) {
      await journal(page).filter({ hasText: method }).first().click()
      await page.getByRole('button', { name: 'Copy as curl' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      const pasted = await page.evaluate<string>('navigator.clipboard.readText()')
      const command = `token=${client.token}; ${pasted} -s -m 5 -o /dev/null -w '%{http_code}'`
      const { stdout } = await promisify(execFile)('bash', ['-c', command])
      expect([method, stdout]).toEqual([method, '400'])
    }
  })

  it('adds a fault that a client then meets, and takes it away', async () => {
    const { client, page } = await open()

    await page.getByText('Add a fault').click()
    await page.getByLabel('Operation', { exact: true }).fill('update_session.list')
    expect(await page.getByLabel('Error type').inputValue()).toBe('SERVICE_UNAVAILABLE')
    await page.getByLabel('Error type').selectOption('RESOURCE_BUSY')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('.fault', { hasText: 'RESOURCE_BUSY' }).waitFor()

    await expect(client.updateSessions.list()).rejects.toMatchObject({ errorType: 'RESOURCE_BUSY' })
    await page.locator('.fault', { hasText: 'applied 1×' }).waitFor()
    await page.locator('.fault').getByRole('button').click()
    await page.getByText('Nothing is set to go wrong.').waitFor()
    await expect(client.updateSessions.list()).resolves.toEqual([])
  })

  it('adds a fault that closes the connection before a cancel, which is not carried out', async () => {
    const { client, id, page } = await open('kept')

    await page.getByText('Add a fault').click()
    await page.getByLabel('Operation', { exact: true }).fill('cancel')
    await page.getByLabel('What happens').selectOption('reset')
    await page.getByLabel(/^When/).and(page.locator('select')).selectOption('before')
    await page.getByLabel('Times').fill('1')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('.fault', { hasText: 'reset before the operation' }).waitFor()

    await expect(client.updateSessions.cancel(id)).rejects.toThrow('fetch failed')
    await journal(page).filter({ hasText: 'fault' }).click()
    expect(await page.locator('.journal dl').innerText()).toMatch(/Fault\s+\S+: reset/)
    await expect(client.updateSessions.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
    await client.updateSessions.cancel(id)
  })

  it('adds a fault that breaks an answer off after so many bytes', async () => {
    const { user, page } = await open()

    await page.getByText('Add a fault').click()
    await page.getByLabel('What happens').selectOption('truncate')
    await page.getByLabel('After bytes').fill('3')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('.fault', { hasText: 'truncate, after 3 bytes' }).waitFor()

    expect(await admin(mock.url, user, 'GET', '/faults')).toMatchObject({
      faults: [{ connection: 'truncate', after_bytes: 3 }],
    })
  })

  it('turns the clock, and an idle session is gone', async () => {
    const { page } = await open('idle')
    await rowOf(page, 'idle').waitFor()

    await page.getByRole('button', { name: '+5 min' }).click()

    await rowOf(page, 'idle').waitFor({ state: 'detached' })
    await page.getByText('5 min ahead').waitFor()
    await page.getByRole('button', { name: 'Real time' }).click()
    await page.locator('#clock').getByText('real time', { exact: true }).waitFor()
  })

  it('takes no year that the clock cannot show', async () => {
    const { page } = await open()

    await page.getByText('Set it to a time').click()
    for (const year of ['1969', '9999', '20261']) {
      await page.locator('#at').fill(`${year}-01-01T00:00:00`)
      await page.getByRole('button', { name: 'Set', exact: true }).click()
      expect([year, await page.locator('#at:invalid').count()]).toEqual([year, 1])
    }
    await page.locator('#at').fill('2030-01-01T00:00:00')
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await page.locator('.now', { hasText: '2030-01-01' }).waitFor()
  })

  it('lets one session expire, and no older one, and keeps the focus near', async () => {
    const { client, page } = await open('older')
    await aSession(client, 'idle')

    await rowOf(page, 'idle').click()
    await page.getByRole('button', { name: 'Let it expire' }).click()

    await rowOf(page, 'idle').waitFor({ state: 'detached' })
    expect(await rowOf(page, 'older').count()).toBe(1)
    expect(await page.locator(':focus').getAttribute('id')).toBe('sessions')
  })

  it('resets a sandbox, but only after asking', async () => {
    const { page } = await open('mine')

    const leave = page.getByRole('button', { name: 'Leave it' })
    const focused = () => page.locator(':focus').innerText()
    await page.getByRole('button', { name: 'Reset sandbox' }).click()
    await leave.click()
    expect(await rowOf(page, 'mine').count()).toBe(1)
    await expect.poll(focused).toBe('Reset sandbox')
    await page.keyboard.press('Enter')
    await leave.waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(focused).toBe('Reset sandbox')
    await page.getByRole('button', { name: 'Reset sandbox' }).click()
    await page.getByRole('button', { name: 'Reset it' }).click()

    await rowOf(page, 'mine').waitFor({ state: 'detached' })
  })

  it('shows one sandbox, whose name no header can hold as it is, and then another', async () => {
    const [one, two] = [`${freshUser()}-100%25-名`, freshUser()]
    await aSession(await enter(mock.url, one), 'of-one')
    await aSession(await enter(mock.url, two), 'of-two')
    const page = await look(one)
    await rowOf(page, 'of-one').waitFor()

    await page.getByLabel('Sandbox').fill(two)
    await page.keyboard.press('Enter')

    await rowOf(page, 'of-two').waitFor()
    expect(await rowOf(page, 'of-one').count()).toBe(0)
    await page.goBack()
    await rowOf(page, 'of-one').waitFor()
  })

  it('can be used without a mouse', async () => {
    const { page } = await open('mine')
    await rowOf(page, 'mine').waitFor()

    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    for (let step = 0; step < 3; step++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel')
    await page.keyboard.press('Enter')

    await page.locator('.session .state', { hasText: 'CANCELED' }).waitFor()
  })

  it('shows script in names as the text that it is', async () => {
    const script = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
    const user = `u-${script}`
    const client = await enter(mock.url, user)
    const id = await aSession(client, `item ${script}`)
    await client.updateSessionFiles.add(id, { name: `${script.replaceAll('/', '')}.vmdk`, source_type: 'PUSH' })
    await client.updateSessions.fail(id, script)
    const headers = { 'vmware-api-session-id': client.token, 'user-agent': script }
    await fetch(`${mock.url}/api/${encodeURIComponent(script)}`, { headers })
    const fault = { id: script, error: 'NOT_FOUND', message: script, match: { name: script } }
    await admin(mock.url, user, 'POST', '/faults', fault)
    const page = await look(user)

    await page.locator('.session .line').click()
    for (const row of await journal(page).all()) await row.click()
    await page.locator('.why', { hasText: script }).first().waitFor()

    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(await page.locator('main img, main script').count()).toBe(0)
  })

  it('keeps long texts, and those that run from right to left, in their places', async () => {
    const long = 'w'.repeat(200)
    const user = freshUser()
    const client = await enter(mock.url, user)
    await aSession(client, '\u202ename')
    await fetch(`${mock.url}/api/${long}`, { headers: { 'vmware-api-session-id': client.token } })
    await admin(mock.url, user, 'POST', '/faults', { error: 'NOT_FOUND', match: { name: `${long} ` } })
    const page = await look(user)

    await page.locator('.session .line').click()
    await page.locator('#states bdi').waitFor()

    const right = async (selector: string) => {
      const box = await page.locator(selector).boundingBox()
      return box ? box.x + box.width : NaN
    }
    expect(await right('#states bdi')).toBeLessThan(await right('#states bdi + span'))
    const list = '#missing ul'
    expect(await page.evaluate(isWithin('#missing .mono', list, 'scrollWidth'))).toBe(true)
    expect(await page.evaluate(isWithin(list, '#missing', 'clientWidth'))).toBe(true)
    expect((await page.locator('.fault button').boundingBox())?.height).toBeLessThan(50)
  })

  it('keeps the longest name of a sandbox within a narrow screen', async () => {
    const page = await look('w'.repeat(255), { viewport: { width: 375, height: 800 } })

    await page.getByRole('button', { name: 'Reset sandbox' }).click()
    await page.getByRole('button', { name: 'Leave it' }).waitFor()

    expect(await page.evaluate(isWithin('html', 'html', 'clientWidth'))).toBe(true)
    expect(await page.evaluate(isWithin('dialog', 'dialog', 'clientWidth'))).toBe(true)
  })

  it('shows what the keyboard reaches below its header, upwards too', async () => {
    const user = freshUser()
    for (let done = 0; done < 20; done += 1) await admin(mock.url, user, 'POST', '/sessions', {})
    const page = await look(user, { viewport: { width: 1440, height: 500 } })
    await page.locator('.session .line').last().focus()

    const hidden = `document.activeElement.getBoundingClientRect().top < document.querySelector('header').clientHeight`
    for (let up = 0; up < 19; up += 1) {
      await page.keyboard.press('Shift+Tab')
      expect(await page.evaluate(hidden)).toBe(false)
    }
  })

  it('asks for the admin token where there is one', async () => {
    const url = await serveOther({ ADMIN_TOKEN: 'open sesame' })
    const page = await visit(`${url}/__admin/`)
    await page.getByRole('heading', { name: 'Locked' }).waitFor()
    expect(await page.getByRole('heading', { name: 'Journal' }).count()).toBe(0)

    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>()
    await page.route('**/view*', (route) => mayAnswer.then(() => route.continue()))
    await page.getByLabel('Admin token').fill('wrong')
    await page.getByRole('button', { name: 'Unlock' }).click()
    // What one writes before the answer comes is kept.
    await page.getByLabel('Admin token').fill('open sesame')
    answer()
    await page.getByText('This is not the admin token.').waitFor()
    await page.getByRole('button', { name: 'Unlock' }).click()

    await page.getByRole('heading', { name: 'Journal' }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('is opened by a link that carries the admin token, which the address bar then does not show', async () => {
    const token = 'open sesame & more'
    const url = await serveOther({ ADMIN_TOKEN: token })
    const link = (given: string) => `${url}/__admin/?sandbox=ci-1#token=${encodeURIComponent(given)}`
    const page = await visit(link(token))
    const heading = page.getByRole('heading', { name: 'Journal' })
    const prompts = page.getByRole('heading', { name: 'Locked' })
    await heading.waitFor()
    await page.locator('.connection.live').waitFor()

    expect(await prompts.count()).toBe(0)
    expect(page.url()).toBe(`${url}/__admin/?sandbox=ci-1`)
    await page.reload()
    await heading.waitFor()

    // In a tab that shows the page already, such a link changes the fragment alone.
    await page.goto(link('of another start'))
    await prompts.waitFor()
    await page.goto(link(token))
    await heading.waitFor()
    expect(page.url()).toBe(`${url}/__admin/?sandbox=ci-1`)
  })

  it('asks for a password where users are configured, after one login that was refused', async () => {
    const url = await serveOther({ CREDENTIALS: 'ci:right' })
    const page = await visit(`${url}/__admin/?sandbox=ci`)
    const logins: string[] = []
    page.on('request', (request) => request.url() === `${url}/api/session` && logins.push(request.method()))

    await page.getByRole('button', { name: 'New session' }).click()
    await page.getByLabel('Password').fill('right')
    expect(logins).toEqual(['POST'])
    await page.getByRole('button', { name: 'Use it' }).click()
    await page.getByRole('button', { name: 'New session' }).click()

    await page.locator('.session .state', { hasText: 'ACTIVE' }).waitFor()
  })

  it('has an API reference beside it, made from what this mock serves, and no wider than the screen', async () => {
    const page = await visit(`${mock.url}/docs/`, { viewport: { width: 320, height: 800 } })

    await page.getByText('/content/library/item/update-session/{updateSessionId}?action=cancel').click()
    await page.getByText('updateSessionId *').waitFor()
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
  })

  it('has an API reference that executes what is filled in, also where the path has a query', async () => {
    const client = await enter(mock.url, 'reader')
    const id = await aSession(client, 'an item')
    const page = await visit(`${mock.url}/docs/`)
    const login = { method: 'POST', headers: { authorization: basic('reader', 'secret') } }
    await page.evaluate(`fetch('../api/session', ${JSON.stringify(login)})`)

    await page.getByText('/content/library/item/update-session/{updateSessionId}?action=cancel').click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByPlaceholder('updateSessionId').fill(id)
    await page.getByRole('button', { name: 'Execute' }).click()

    await expect.poll(async () => (await client.updateSessions.get(id)).state).toBe('CANCELED')
    expect(await page.locator('.curl').innerText()).toContain(`${encodeURIComponent(id)}?action=cancel'`)
  })

  it('has an API reference that can be read, and breaks no name where there is room', async () => {
    const page = await visit(`${mock.url}/docs/`, { colorScheme: 'light' })

    await page.getByText('/content/library/item/update-session/{updateSessionId}?action=cancel').click()

    expect((await page.locator('.parameter__name').boundingBox())?.height).toBeLessThan(40)
    expect((await violations(page)).filter((each) => each.startsWith('color-contrast'))).toEqual([])
  })
})
