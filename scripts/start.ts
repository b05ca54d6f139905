// `npm start`: the command in a checkout. It builds the worker first where none is built, or where its sources are newer.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Deletions count: they change the time of a folder. */
const SOURCES = ['src', 'scripts', 'package.json', 'package-lock.json', 'wrangler.toml']
/** Node runs it as it stands, so it goes into nothing that is built. */
const UNBUILT = join('src', 'node')
/** The last file of the worker that the build writes. */
const BUILT = join('dist', 'worker', 'config.json')

if (isStale()) {
  process.stderr.write('npm start: building the worker\n')
  const { status } = spawnSync(process.execPath, ['scripts/build.ts', 'worker'], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
await import('../src/node/command.ts')

function isStale(): boolean {
  const builtAt = changedAt(BUILT)
  const below = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => join('src', path))
  return [...SOURCES, ...below].some((path) => !path.startsWith(UNBUILT) && changedAt(path) > builtAt)
}

/** In epoch milliseconds; long ago where there is no such file. */
function changedAt(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}
