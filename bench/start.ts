// How long a start takes, from the command to the first cancel that is answered, beside vcsim and Prism.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask, ITEM_ID, median, say } from './load.ts'
import { cancel, command, freePort } from './process.ts'
import { buildVcsim, cancelInVcsim } from './vcsim.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const PRISM = '@stoplight/prism-cli@5.16.0'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'bench-start-'))
const at = (path: string) => join(folder, path)

say('getting ready: the package, vcsim and Prism')
const [tarball] = await Promise.all([pack(), buildVcsim(at('vcsim')), install('prism', PRISM)])
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

/** A process that imports the library, starts the mock, cancels, and says how long that took. */
async function inProcess(): Promise<number> {
  const script = `
    const startedAt = performance.now()
    const { start } = await import('update-session-mock')
    const { login } = await import('update-session-mock/client')
    await using vcenter = await start()
    const { updateSessions } = await login(vcenter.url, { user: 'user', password: 'pass' })
    await updateSessions.cancel(await updateSessions.create({ library_item_id: '${ITEM_ID}' }))
    console.log(performance.now() - startedAt)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: at('installed') })
  return Number(stdout)
}

function deleteInPrism(url: string): Promise<string> {
  return ask({
    method: 'DELETE',
    url: `${url}/content/library/item/update-session/any`,
    headers: { 'vmware-api-session-id': 'any' },
    expect: 204,
  })
}
