// The pictures of the console in the documentation, taken anew: `npm run screenshots`.
import { serve } from '../src/node/server.ts'
import { openBrowser, openPage } from '../test/console/browser.ts'
import { admin, everything } from '../test/console/stage.ts'

const USER = 'ci-1'
const PICTURES = [
  { file: 'docs/console-light.png', width: 1440, height: 1040, colorScheme: 'light' },
  { file: 'docs/console-dark.png', width: 1440, height: 1040, colorScheme: 'dark' },
  { file: 'docs/console-narrow.png', width: 360, height: 800, colorScheme: 'light' },
] as const

const mock = await serve()
const browser = await openBrowser()
try {
  await admin(mock.url, USER, 'POST', '/clock/set', { now: '2026-10-05T09:30:00Z' })
  await admin(mock.url, USER, 'POST', '/clock/freeze')
  await everything(mock.url, USER)
  for (const { file, width, height, colorScheme } of PICTURES) {
    const { page } = await openPage(browser, `${mock.url}/__admin/?sandbox=${USER}`, {
      viewport: { width, height },
      colorScheme,
      reducedMotion: 'reduce',
    })
    await page.getByRole('button', { name: /^ACTIVE ?appliance/ }).click()
    await page.locator('[data-state="ACTIVE"].here').waitFor()
    await page.mouse.move(0, 0)
    await page.screenshot({ path: file })
  }
} finally {
  await browser.close()
  await mock.stop()
}
