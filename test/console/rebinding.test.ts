// A page of another site, under a name that leads to this machine (DNS rebinding), in a real browser.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type Embedded } from '../../src/node/server.ts'
import { browserPath, openBrowser, WITHOUT } from './browser.ts'

const EVIL = 'evil.example'
/** The admin API and the files of its page. */
const ROUTES = ['/__admin/clock', '/__admin/requests', '/__admin/sandboxes', '/__admin/', '/__admin/console/main.js']

let mock: Embedded
let browser: Browser

/** What a page under this name reads of each route. */
async function statusesFor(name: string, headers: Record<string, string>): Promise<number[]> {
  const { port } = new URL(mock.url)
  const page = await browser.newPage()
  // The mock itself answers this: the page has its origin.
  await page.goto(`http://${name}:${port}/`)
  const asked = `Promise.all(${JSON.stringify(ROUTES)}.map((path) =>
    fetch(path, { headers: ${JSON.stringify(headers)} }).then(({ status }) => status)))`
  const statuses = await page.evaluate<number[]>(asked)
  await page.close()
  return statuses
}

/** What such a page may add to its requests. */
const forged = (): Record<string, string>[] => {
  const { port } = new URL(mock.url)
  return [
    {},
    { 'mf-original-url': `http://localhost:${port}/__admin/clock` },
    { 'mf-original-url': `http://127.0.0.1:${port}/__admin/clock`, 'cf-connecting-ip': '127.0.0.1' },
    { 'mf-original-url': `http://${EVIL}:${port}/__admin/clock`, 'x-forwarded-host': 'localhost' },
    { 'x-forwarded-proto': 'http', 'x-forwarded-for': '127.0.0.1' },
  ]
}

describe.skipIf(browserPath === undefined)(browserPath ? 'a page' : `a page (${WITHOUT})`, () => {
  beforeAll(async () => {
    ;[mock, browser] = await Promise.all([serve(), openBrowser(`--host-resolver-rules=MAP ${EVIL} 127.0.0.1`)])
  })
  afterAll(async () => {
    await browser?.close()
    await mock?.stop()
  })
  it('of the mock uses the admin API', async () => {
    expect(await statusesFor('127.0.0.1', {})).toEqual(ROUTES.map(() => 200))
  })

  it('of another site cannot read it, whatever it sends', async () => {
    for (const headers of forged())
      expect([headers, await statusesFor(EVIL, headers)]).toEqual([headers, ROUTES.map(() => 403)])
  })
})
