// A built worker in miniflare: what `wrangler dev` and the test runner run it in.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath, type URL } from 'node:url'
import { Log, LogLevel, Miniflare, type MiniflareOptions } from 'miniflare'
import { readBundle } from '../../src/node/bundle.ts'

/** Miniflare starts processes, and hands none of them out. */
const spawned = new AsyncLocalStorage<(child: ChildProcess) => void>()
subscribe('child_process', (message) => spawned.getStore()?.((message as { process: ChildProcess }).process))

/** Of what the runtime wrote last. */
const KEPT_LINES = 20

export type Running = {
  url: string
  /** When the runtime is no more. */
  ended: Promise<void>
  /** Ends the runtime at once, as a crash does. */
  kill: () => void
  stop: () => Promise<void>
}

/**
 * Silent, but for what the worker logs. A runtime that ends by itself is not started again, as miniflare would, on another port and
 * without a word: how it ended and what it wrote last is told, since all that its clients see is a lost connection.
 */
export async function runWorker(
  worker: Worker,
  onLog: (line: string) => void,
  resourcePersistencePath?: string,
): Promise<Running> {
  const lines: string[] = []
  const runtimes: ChildProcess[] = []
  let isEnding = false
  let disposed: Promise<void> | undefined
  const miniflare = spawned.run(
    (child) => void runtimes.push(child),
    () =>
      new Miniflare({
        host: '127.0.0.1',
        port: 0,
        cf: false,
        enableDevRegistry: false,
        log: new Log(LogLevel.NONE),
        logRequests: false,
        handleStructuredLogs: ({ message }) => {
          lines.splice(0, lines.length - KEPT_LINES + 1)
          lines.push(message)
          onLog(message)
        },
        ...(resourcePersistencePath !== undefined && { resourcePersistencePath }),
        workers: [worker],
      }),
  )
  const url = await miniflare.ready
  const [runtime] = runtimes
  if (!runtime) throw new Error('Miniflare has started no process.')
  // A second time it throws.
  const dispose = () => (disposed ??= miniflare.dispose())
  const untilEnded = async () => {
    // All that it wrote has been read then.
    const [code, signal] = (await once(runtime, 'close')) as [number | null, NodeJS.Signals | null]
    if (!isEnding) {
      const last = lines.map((line) => `  ${line}\n`).join('')
      process.stderr.write(`The runtime (workerd) ended with ${signal ?? `exit code ${code}`}. It wrote last:\n${last}`)
    }
    await dispose()
  }
  const ended = untilEnded()
  return {
    url: url.origin,
    ended,
    kill: () => {
      isEnding = true
      runtime.kill('SIGKILL')
    },
    stop: async () => {
      isEnding = true
      await dispose()
      await ended
    },
  }
}

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
