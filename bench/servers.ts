// The mock and the floor, started alike: each is a bundle in a runtime of its own.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Log, LogLevel, Miniflare, type MiniflareOptions } from 'miniflare'
import { buildWorker } from '../build.ts'

type Worker = Extract<MiniflareOptions, { workers: unknown }>['workers'][number]

export const startMock = (options: Options = {}): Promise<Server> => {
  buildWorker()
  return start('dist/worker', 'index.js', options)
}
export const startFloor = (options: Options = {}): Promise<Server> => {
  buildWorker('bench/floor.toml', 'dist/floor')
  return start('dist/floor', 'floor.js', options)
}

/** `vars` replace the worker's; state that is kept lies in the directory, or else in one that goes with the server. */
type Options = { vars?: Record<string, string>; stateDirectory?: string }
type Server = { url: string; miniflare: Miniflare; stop: () => Promise<void> }

async function start(folder: string, mainModule: string, { vars = {}, stateDirectory }: Options): Promise<Server> {
  const contents = await readFile(`${folder}/${mainModule}`, 'utf8')
  // Written by the build, of this type.
  const { env, ...config } = JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as Worker['config']
  const manifest = {
    mainModule,
    modulesRoot: resolve(folder),
    modules: { [mainModule]: { type: 'esm' as const, contents } },
  }
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }])
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    ...(stateDirectory !== undefined && { resourcePersistencePath: stateDirectory }),
    workers: [{ config: { ...config, manifest, env: { ...env, ...Object.fromEntries(texts) } } }],
  })
  const { port } = await miniflare.ready
  return { url: `http://127.0.0.1:${port}`, miniflare, stop: () => miniflare.dispose() }
}
