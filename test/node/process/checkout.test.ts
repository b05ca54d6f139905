// `npm start` in a checkout: the command, on a worker that is built where that is needed.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { started } from '../../support/command.ts'

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

const startByNpm = () => started(/Ctrl-C/, 'npm', ['start', '--', '--port', '0'], { cwd: checkout })

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
  await expect(promisify(execFile)('npm', ['start', '--', '--prot', '1'], { cwd: checkout })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("update-session-mock: Unknown option '--prot'"),
  })
})
