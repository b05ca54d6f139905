// The mock and the floor, started alike: each is a bundle in a runtime of its own. It is that of the command, with the state where
// that of the command lies, or miniflare, with the bytes in its R2.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build as bundle } from 'esbuild'
import { readBundle } from '../src/node/bundle.ts'
import { startRuntime } from '../src/node/runtime.ts'
import { CLIENTS, runtimeConfig, SCRIPT } from '../src/node/runtime-config.ts'
import { openState } from '../src/node/state.ts'
import { makeTemporaryFolder, temporaryState } from '../src/node/temporary.ts'
import { storedIn, type Stored } from '../scripts/stored.ts'
import { processesBelow, readProcess } from '../test/support/process.ts'
import { openedModule } from './opened.ts'

type Kind = 'mock' | 'floor'
const bundles: Record<Kind, { config: string; folder: string; mainModule: string }> = {
  mock: { config: 'wrangler.toml', folder: 'dist/worker', mainModule: 'index.js' },
  floor: { config: 'bench/floor.toml', folder: 'dist/floor', mainModule: 'floor.js' },
}
const HOST = '127.0.0.1'

type Options = {
  /** They replace the worker's. */
  vars?: Record<string, string>
  /** Where state is kept; else it goes with the server. */
  stateDirectory?: string
  /** It takes `runSql`. */
  isOpened?: boolean
  /** In miniflare, in which `wrangler dev` runs the worker. */
  inMiniflare?: boolean
}
export type Server = { url: string; stored: () => Promise<Stored>; stop: () => Promise<void> }

export async function build(): Promise<void> {
  // Here, since the servers' memory is measured, and this takes much.
  const { buildWorker } = await import('../scripts/build.ts')
  // Absolute, since wrangler takes a folder to be beside its configuration.
  for (const { config, folder } of Object.values(bundles)) buildWorker(config, resolve(folder))
}

export async function start(
  kind: Kind,
  { vars = {}, stateDirectory, isOpened = false }: Options = {},
): Promise<Server> {
  const { folder, mainModule } = bundles[kind]
  const worker = await readBundle(pathToFileURL(`${resolve(folder)}/`), mainModule)
  const temporary = await makeTemporaryFolder()
  const kept = stateDirectory === undefined ? undefined : await openState(stateDirectory, worker.schema)
  const state = kept ?? (await temporaryState(temporary))
  const config = runtimeConfig({
    bundle: worker,
    vars: { LOG_REQUESTS: 'refused', ...vars, OWN_CONNECTIONS: 'on', LOCAL_ADMIN: 'on' },
    pages: resolve('dist/assets'),
    ...state,
    address: `${HOST}:0`,
    authorities: [],
    isPrivateReachable: true,
  })
  const file = join(temporary.path, 'runtime.capnp')
  await writeFile(file, config, { mode: 0o600 })
  await writeFile(
    join(temporary.path, SCRIPT),
    isOpened ? await around(folder, openedModule(mainModule)) : await readFile(worker.script),
  )
  const runtime = await startRuntime(file, { [CLIENTS]: HOST }, (line) => process.stderr.write(`${line}\n`))
  return {
    url: `http://${HOST}:${runtime.ports.get(CLIENTS)}`,
    stored: () => storedIn(state.bytes),
    stop: async () => {
      await runtime.stop()
      kept?.close()
      temporary.remove()
    },
  }
}

async function startMiniflare(
  kind: Kind,
  { vars = {}, stateDirectory }: Options,
): Promise<Pick<Server, 'url' | 'stop'>> {
  // Here, since it takes memory.
  const { readWorker, runWorker } = await import('../test/support/miniflare.ts')
  const { folder, mainModule } = bundles[kind]
  const worker = await readWorker(pathToFileURL(`${resolve(folder)}/`), vars, mainModule)
  return runWorker(worker, (line) => process.stderr.write(`${line}\n`), stateDirectory)
}

/** The built worker and a module around it, in one script. */
async function around(folder: string, contents: string): Promise<string> {
  const { outputFiles } = await bundle({
    stdin: { contents, resolveDir: resolve(folder) },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*', 'node:*'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** In a process of its own, whose memory can be told from the client's. */
export async function startApart(
  kind: Kind,
  options: Options,
): Promise<{ url: string; pid: number; stop: () => Promise<void> }> {
  const child = fork(fileURLToPath(import.meta.url), [kind, JSON.stringify(options)])
  const ended = once(child, 'exit')
  const [url] = (await once(child, 'message')) as [string]
  const stop = async () => {
    child.disconnect()
    await ended
  }
  return { url, pid: child.pid ?? 0, stop }
}

/** What a process and all below it hold, in MiB. */
export function memoryOf(pid: number): number {
  const statuses = [pid, ...processesBelow(pid)].map((each) => readProcess(each, 'status'))
  return statuses.reduce((sum, status) => sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024, 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , kind, options] = process.argv as [string, string, Kind, string]
  const asked = JSON.parse(options) as Options
  const server = await (asked.inMiniflare ? startMiniflare(kind, asked) : start(kind, asked))
  process.once('disconnect', () => void server.stop().finally(() => process.exit()))
  process.send?.(server.url)
}
