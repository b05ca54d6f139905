// `npm start` in a checkout: the command, on a worker that is built where that is needed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, symlink, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

const ROOT = new URL('../../../', import.meta.url).pathname
const COPIED = ['src', 'scripts', 'package.json', 'package-lock.json', 'wrangler.toml', '.dev.vars', '.env']
const BUILDING = 'npm start: building the worker'
const PATIENTLY = { timeout: 180_000 }

let checkout: string
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'checkout-'))
  for (const path of COPIED) await cp(join(ROOT, path), join(checkout, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
})
afterAll(() => rm(checkout, { recursive: true }))

/** What it says until it can be used, and where it is. */
async function startByNpm(...args: string[]) {
  const child = spawn('npm', ['start', '--', '--port', '0', ...args], { cwd: checkout })
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await closed
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
  while (!text.includes('Ctrl-C') && child.exitCode === null) await Promise.race([once(child.stdout, 'data'), closed])
  return { text, child, closed, url: /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? text }
}

const isBuilt = async () => (await startByNpm()).text.includes(BUILDING)

it('builds the worker where none is built, and again only when a source has changed', PATIENTLY, async () => {
  const source = join(checkout, 'src/app.ts')
  const inNode = join(checkout, 'src/node/server.ts')

  expect(await isBuilt()).toBe(true)
  expect(await isBuilt()).toBe(false)
  await utimes(inNode, new Date(), new Date())
  expect(await isBuilt()).toBe(false)
  await utimes(source, new Date(), new Date())
  expect(await isBuilt()).toBe(true)
})

it.each(['SIGTERM', 'SIGINT'] as const)('ends all that it has started when npm gets %s', PATIENTLY, async (signal) => {
  const { child, closed, url } = await startByNpm()
  expect((await fetch(`${url}/__admin/health`)).status).toBe(200)

  child.kill(signal)
  await closed

  await expect(fetch(`${url}/__admin/health`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})

it('says what is wrong with its options, as the command does', PATIENTLY, async () => {
  const { text, child } = await startByNpm('--prot', '1')

  expect(text).toContain("update-session-mock: Unknown option '--prot'")
  expect(child.exitCode).toBe(2)
})
