// How long a start takes, from the command to the first cancel that is answered, beside vcsim and Prism.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask, median, say } from './load.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const PRISM = '@stoplight/prism-cli@5.16.0'
const ITEM = '22222222-2222-4222-8222-222222222222'
/** Its model begins with this one. */
const VCSIM_DATASTORE = 'datastore-59'
const LISTENING = /http:\/\/\S*127\.0\.0\.1:\d+/

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'bench-start-'))
const at = (path: string) => join(folder, path)

say('getting ready: the package, vcsim and Prism')
const [tarball] = await Promise.all([pack(), buildVcsim(), install('prism', PRISM)])
await install('installed', tarball)
await writeFile(at('openapi.json'), await openApi())

/** Each does all that a user waits for, and ends what it started. */
const ways: Record<string, () => Promise<number>> = {
  'npx of the tarball, npm cache empty': async () => {
    await rm(at('cache'), { recursive: true, force: true })
    return npx()
  },
  'npx of the tarball, again': npx,
  'the command, installed': () =>
    command(at('installed/node_modules/.bin/update-session-mock'), ['--port', '0'], cancel),
  'start() in a process': inProcess,
  'vcsim, built': () => command(at('vcsim'), [], cancelInVcsim),
  'Prism, installed': async () => {
    const port = `${await freePort()}`
    return command(at('prism/node_modules/.bin/prism'), ['mock', '--port', port, at('openapi.json')], deleteInPrism)
  },
}
const tookMs: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
try {
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const [name, way] of Object.entries(ways)) {
      const ms = await way()
      tookMs[name]?.push(ms)
      say(`round ${round} of ${ROUNDS}: ${name}: ${seconds(ms)} s`)
    }
} finally {
  await rm(folder, { recursive: true, force: true })
}

say(`\nfrom the command to the first cancel that is answered, ${ROUNDS} rounds, in seconds`)
say(`${''.padEnd(36)} median    best   worst`)
for (const [name, all] of Object.entries(tookMs))
  say(
    `${name.padEnd(36)} ${[median(all), Math.min(...all), Math.max(...all)].map((ms) => seconds(ms).padStart(6)).join('  ')}`,
  )
say('\nThe mock answers 204. vcsim answers 200, on /rest, and first has to be given a library and an item. Prism mocks')
say('/openapi.json and is asked for a delete, which is answered 204: it takes a path with a query in it for no path.')

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}

async function pack(): Promise<string> {
  await run('npm', ['run', '-s', 'build'])
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [{ filename }] = JSON.parse((await run('npm', args)).stdout) as [{ filename: string }]
  return at(filename)
}

async function buildVcsim(): Promise<void> {
  await run('go', ['build', '-C', 'bench/vcsim', '-o', at('vcsim'), '.'])
}

async function install(name: string, what: string): Promise<void> {
  await mkdir(at(name))
  await writeFile(at(`${name}/package.json`), '{ "private": true, "type": "module" }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', what], { cwd: at(name) })
}

async function openApi(): Promise<string> {
  let document = ''
  await command(at('installed/node_modules/.bin/update-session-mock'), ['--port', '0'], async (url) => {
    document = await ask({ method: 'GET', url: `${url}/openapi.json`, expect: 200 })
  })
  return document
}

/** In a folder where nothing is installed. */
async function npx(): Promise<number> {
  await mkdir(at('empty'), { recursive: true })
  const args = ['--yes', '--package', tarball, 'update-session-mock', '--port', '0']
  return command('npx', args, cancel, { cwd: at('empty'), env: { ...process.env, npm_config_cache: at('cache') } })
}

/** The time until what it started has been asked. */
async function command(
  name: string,
  args: string[],
  use: (url: string) => Promise<unknown>,
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const startedAt = performance.now()
  // A group of its own, which ends as one: npx has the command below it.
  const child = spawn(name, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
    // Prism names every operation's URL, and listens when it says so.
    const [url] = LISTENING.exec(text.includes('[CLI]') ? (text.split('listening on')[1] ?? '') : text) ?? []
    if (url !== undefined) resolve(url)
  })
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`${name} ended before it listened: ${text}`)))
  try {
    await use(await promise)
    return performance.now() - startedAt
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
}

/** A process that imports the library, starts the mock, cancels, and says how long that took. */
async function inProcess(): Promise<number> {
  const script = `
    const startedAt = performance.now()
    const { start } = await import('update-session-mock')
    const { login } = await import('update-session-mock/client')
    await using vcenter = await start()
    const { updateSessions } = await login(vcenter.url, { user: 'user', password: 'pass' })
    await updateSessions.cancel(await updateSessions.create({ library_item_id: '${ITEM}' }))
    console.log(performance.now() - startedAt)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: at('installed') })
  return Number(stdout)
}

async function cancel(url: string): Promise<void> {
  const token = await logIn(`${url}/api/session`, 201)
  const sessions = `${url}/api/content/library/item/update-session`
  const headers = { 'vmware-api-session-id': JSON.parse(token) as string }
  const id = await ask({ method: 'POST', url: sessions, headers, body: { library_item_id: ITEM }, expect: 201 })
  await ask({ method: 'POST', url: `${sessions}/${JSON.parse(id)}?action=cancel`, headers, expect: 204 })
}

function value(text: string): string {
  return (JSON.parse(text) as { value: string }).value
}

async function cancelInVcsim(address: string): Promise<void> {
  const rest = `http://${new URL(address).host}/rest/com/vmware`
  const headers = { 'vmware-api-session-id': value(await logIn(`${rest}/cis/session`, 200)) }
  const create = async (path: string, create_spec: object) =>
    value(await ask({ method: 'POST', url: `${rest}/content/${path}`, headers, body: { create_spec }, expect: 200 }))
  const library_id = await create('local-library', {
    name: 'bench',
    type: 'LOCAL',
    storage_backings: [{ type: 'DATASTORE', datastore_id: VCSIM_DATASTORE }],
  })
  const library_item_id = await create('library/item', { library_id, name: 'bench' })
  const id = await create('library/item/update-session', { library_item_id })
  const url = `${rest}/content/library/item/update-session/id:${id}?~action=cancel`
  await ask({ method: 'POST', url, headers, expect: 200 })
}

function deleteInPrism(url: string): Promise<string> {
  return ask({
    method: 'DELETE',
    url: `${url}/content/library/item/update-session/any`,
    headers: { 'vmware-api-session-id': 'any' },
    expect: 204,
  })
}

function logIn(url: string, expect: number): Promise<string> {
  const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`
  return ask({ method: 'POST', url, headers: { authorization }, expect })
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  server.close()
  await once(server, 'close')
  return port
}
