// The console behind a proxy that ends TLS and puts a path before that of the mock, in a real browser.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type Embedded } from '../../src/node/server.ts'
import { freePort, hasProxy, startReverseProxy } from '../node/reverse-proxy.ts'
import { browserPath, openBrowser, openPage } from './browser.ts'
import { freshUser } from '../support/client.ts'

const HOST = 'mocks.example.com'
const ADMIN_TOKEN = 'open sesame'

let url: string
let mock: Embedded
let proxy: { stop: () => Promise<void> }
let browser: Browser

const isPossible = hasProxy('nginx') && browserPath !== undefined

describe.skipIf(!isPossible)('the console behind nginx', () => {
  beforeAll(async () => {
    const port = await freePort()
    url = `https://${HOST}:${port}/mock`
    mock = await serve({ vars: { PUBLIC_URL: url, ADMIN_TOKEN, LOG_REQUESTS: 'off' } })
    proxy = await startReverseProxy('nginx', { host: HOST, port, mockUrl: mock.url, path: '/mock' })
    browser = await openBrowser(`--host-resolver-rules=MAP ${HOST} 127.0.0.1`)
  })
  afterAll(async () => {
    await browser?.close()
    await proxy?.stop()
    await mock?.stop()
  })

  it('steers the mock and acts as a client, below its path', async () => {
    const user = freshUser()
    const link = `${url}/__admin/?sandbox=${user}#token=${encodeURIComponent(ADMIN_TOKEN)}`
    const { page, trouble } = await openPage(browser, link, { ignoreHTTPSErrors: true })
    await page.locator('.connection.live').waitFor()

    await page.getByRole('button', { name: 'New session' }).click()
    await page.getByLabel('Content').setInputFiles({ name: 'disk.vmdk', mimeType: '', buffer: Buffer.alloc(300_000) })
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('push, ready').waitFor()
    await page.getByRole('button', { name: '+1 min' }).click()
    await page.getByText('1 min ahead').waitFor()
    await page.getByRole('button', { name: 'Complete', exact: true }).click()
    await page.locator('.session .state', { hasText: 'DONE' }).waitFor()
    await page.getByRole('link', { name: 'API reference' }).click()
    await page.getByText('/content/library/item/update-session', { exact: true }).first().waitFor()

    expect(page.url()).toBe(`${url}/docs/`)
    await page.locator('[data-path="/session"]').first().click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByRole('button', { name: 'Execute' }).click()
    expect(await page.locator('.curl').innerText()).toContain(`'${url}/api/session'`)
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'x-mock-sandbox': user }
    const clock = await (await fetch(`${mock.url}/__admin/clock`, { headers })).json()
    expect(clock).toMatchObject({ offset_seconds: 60 })
    expect(trouble).toEqual({ errors: [], elsewhere: [] })
  })
})
