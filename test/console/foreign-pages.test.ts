// Pages of another origin, in a real browser that has the cookie of a user of the mock.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve, type Embedded } from '../../src/node/server.ts'
import { ITEM } from '../support/client.ts'
import { listen, type Listening } from '../support/listen.ts'
import { browserPath, openBrowser, WITHOUT } from './browser.ts'

const EVIL = 'evil.example'
let mock: Embedded
let elsewhere: Listening
let browser: Browser

/** What becomes of a session that a page cancels with nothing but the cookie of its user: by a script and by a form. */
async function canceledBy(origin: string): Promise<string[]> {
  const { updateSessions } = await login(mock.url, { user: 'user', password: 'pass' })
  const id = await updateSessions.create({ library_item_id: ITEM })
  const url = `${mock.url}/api/content/library/item/update-session/${id}?action=cancel`
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${mock.url}/`)
  const authorization = `Basic ${btoa('user:pass')}`
  await page.evaluate(`fetch('/api/session', { method: 'POST', headers: { authorization: '${authorization}' } })`)
  expect(await context.cookies(url)).toMatchObject([{ name: 'vmware-api-session-id', path: '/api', httpOnly: true }])
  await page.goto(`${origin}/`)
  await page.evaluate(`fetch('${url}', { method: 'POST', mode: 'no-cors', credentials: 'include' })`)
  const { state: afterScript = '' } = await updateSessions.get(id)
  await page.evaluate(
    `document.body.innerHTML = '<form method="post" action="${url}"></form>'; document.forms[0].submit()`,
  )
  await page.waitForURL(url)
  const { state: afterForm = '' } = await updateSessions.get(id)
  await context.close()
  if (afterForm === 'ACTIVE') await updateSessions.cancel(id)
  return [afterScript, afterForm]
}

describe.skipIf(browserPath === undefined)(browserPath ? 'a page' : `a page (${WITHOUT})`, () => {
  beforeAll(async () => {
    ;[mock, browser] = await Promise.all([serve(), openBrowser(`--host-resolver-rules=MAP ${EVIL} 127.0.0.1`)])
    elsewhere = await listen((_, response) => response.setHeader('content-type', 'text/html').end('<p>elsewhere</p>'))
  })
  afterAll(async () => {
    await browser?.close()
    await elsewhere?.stop()
    await mock?.stop()
  })

  it.each([
    ['of the mock cancels', () => mock.url, 'CANCELED'],
    ['of another port of this machine does not cancel', () => elsewhere.url, 'ACTIVE'],
    ['of another site does not cancel', () => `http://${EVIL}:${elsewhere.port}`, 'ACTIVE'],
  ])('%s with the cookie', async (_, originOf, state) => {
    expect(await canceledBy(originOf())).toEqual([state, state])
  })
})
