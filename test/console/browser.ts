// A browser of the machine's own, and a page in it that tells what goes wrong.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { isThere } from '../support/gate.ts'

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const browserPath = PLACES.find((path) => path !== undefined && path !== '' && existsSync(path))

export const openBrowser = (...args: string[]): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath ?? '', args: ['--no-sandbox', '--disable-gpu', ...args] })

export const WITHOUT = 'no Chromium on this machine: apt-get install chromium, or set CHROMIUM to the path of one'
isThere(browserPath !== undefined, WITHOUT)

/** What no page should ever do. */
export type Trouble = { errors: string[]; elsewhere: string[] }

/** A page of its own, and a list that fills with errors of scripts, breaches of its policy, and calls to elsewhere. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; trouble: Trouble }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options })
  context.setDefaultTimeout(15_000)
  // Time goes on by itself, until a test stops it.
  await context.clock.install()
  const page = await context.newPage()
  const trouble: Trouble = { errors: [], elsewhere: [] }
  page.on('pageerror', (error) => trouble.errors.push(error.message))
  page.on('console', (message) => {
    // The browser notes refusals of the mock as errors too; those are what the page is for.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      trouble.errors.push(message.text())
  })
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${new URL(url).origin}/`))
      trouble.elsewhere.push(request.url())
  })
  await page.goto(url)
  return { page, trouble }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What the WCAG's rules and good practice find wrong, each with the places where it is. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate<AxeResults>('axe.run()')
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}
