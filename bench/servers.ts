// The mock and the floor, started alike: each is a bundle in a runtime of its own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Log, LogLevel, Miniflare } from 'miniflare'
import { readWorker } from '../test/support/miniflare.ts'
import { countCalls } from './counting.ts'

type Kind = 'mock' | 'floor'
const bundles: Record<Kind, { config: string; folder: string; mainModule: string }> = {
  mock: { config: 'wrangler.toml', folder: 'dist/worker', mainModule: 'index.js' },
  floor: { config: 'bench/floor.toml', folder: 'dist/floor', mainModule: 'floor.js' },
}
/** `vars` replace the worker's; state that is kept lies in the directory, or else in one that goes with the server. A counted
 * server says at `COUNTS` what it has asked of objects and bucket, which costs it time. */
type Options = { vars?: Record<string, string>; stateDirectory?: string; isCounted?: boolean }
export type Server = { url: string; miniflare: Miniflare; stop: () => Promise<void> }

export async function build(): Promise<void> {
  // Here, since the servers' memory is measured, and this takes much.
  const { buildWorker } = await import('../scripts/build.ts')
  // Absolute, since wrangler takes a folder to be beside its configuration.
  for (const { config, folder } of Object.values(bundles)) buildWorker(config, resolve(folder))
}

export async function start(
  kind: Kind,
  { vars = {}, stateDirectory, isCounted = false }: Options = {},
): Promise<Server> {
  const { folder, mainModule } = bundles[kind]
  const worker = await readWorker(pathToFileURL(`${resolve(folder)}/`), vars, mainModule)
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    unsafeInspectDurableObjects: true,
    ...(stateDirectory !== undefined && { resourcePersistencePath: stateDirectory }),
    workers: [isCounted ? countCalls(worker) : worker],
  })
  const { port } = await miniflare.ready
  return { url: `http://127.0.0.1:${port}`, miniflare, stop: () => miniflare.dispose() }
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
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()
  const below = children === '' ? [] : await Promise.all(children.split(' ').map((child) => memoryOf(Number(child))))
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 + below.reduce((sum, mib) => sum + mib, 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , kind, options] = process.argv as [string, string, Kind, string]
  const server = await start(kind, JSON.parse(options) as Options)
  process.once('disconnect', () => void server.stop().finally(() => process.exit()))
  process.send?.(server.url)
}
