// A built worker in miniflare: what `wrangler dev` and the test runner run it in.
import { readFile } from 'node:fs/promises'
import { fileURLToPath, type URL } from 'node:url'
import { Log, LogLevel, Miniflare, type MiniflareOptions } from 'miniflare'
import { readBundle } from '../../src/node/bundle.ts'

/** Silent, but for what the worker logs. */
export const runWorker = (worker: Worker, onLog: (line: string) => void, resourcePersistencePath?: string) =>
  new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    enableDevRegistry: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    handleStructuredLogs: ({ message }) => onLog(message),
    ...(resourcePersistencePath !== undefined && { resourcePersistencePath }),
    workers: [worker],
  })

export type Worker = Extract<MiniflareOptions, { workers: unknown }>['workers'][number]

const NAME = 'worker'

/** The bundle in a folder that the build has made; `vars` replace its own. It has no pages. */
export async function readWorker(folder: URL, vars: Record<string, string>, mainModule = 'index.js'): Promise<Worker> {
  const { script, compatibilityDate, compatibilityFlags, objects, ...bundle } = await readBundle(folder, mainModule)
  const texts = Object.entries({ ...bundle.vars, ...vars }).map(([name, value]) => [name, { type: 'text', value }])
  const namespaces = Object.entries(objects).map(([name, exportName]) => [
    name,
    { type: 'durable-object', worker: NAME, exportName },
  ])
  return {
    config: {
      name: NAME,
      compatibilityDate,
      compatibilityFlags,
      env: { ...Object.fromEntries([...texts, ...namespaces]), CONTENT: { type: 'r2', name: 'content' } },
      exports: Object.fromEntries(
        Object.values(objects).map((name) => [name, { type: 'durable-object', storage: 'sqlite' }]),
      ),
      manifest: {
        mainModule,
        modulesRoot: fileURLToPath(folder),
        modules: { [mainModule]: { type: 'esm', contents: await readFile(script, 'utf8') } },
      },
    },
  }
}
