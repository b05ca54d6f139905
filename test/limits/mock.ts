// Builds the limits around the built worker, and starts a mock with them.
import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Log, LogLevel, Miniflare } from 'miniflare'
import { readWorker } from '../support/miniflare.ts'
import type { Bill } from './bill.ts'

const ROOT = new URL('../../', import.meta.url)
const LIMITS = new URL('dist/limits/', ROOT)
const pathOf = (file: string) => fileURLToPath(new URL(file, ROOT))

/** The worker must have been built: what is deployed is what the limits are around. */
async function buildLimits(): Promise<void> {
  await build({
    entryPoints: [pathOf('test/limits/worker.ts')],
    outfile: fileURLToPath(new URL('index.js', LIMITS)),
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'warning',
    plugins: [
      {
        name: 'built',
        setup: (bundler) =>
          bundler.onResolve({ filter: /src\/index\.ts$/ }, () => ({ path: pathOf('dist/worker/index.js') })),
      },
    ],
  })
  copyFileSync(new URL('dist/worker/config.json', ROOT), new URL('config.json', LIMITS))
}

export async function startLimited(vars: Record<string, string> = {}, stateDirectory?: string) {
  await buildLimits()
  const worker = await readWorker(LIMITS, { PULL_HOSTS: 'loopback', PULL_RETRY_SECONDS: '0.1', ...vars })
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    enableDevRegistry: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    handleStructuredLogs: () => undefined,
    ...(stateDirectory !== undefined && { resourcePersistencePath: stateDirectory }),
    workers: [worker],
  })
  const url = `http://127.0.0.1:${(await miniflare.ready).port}`
  const ask = async (path: string) => (await fetch(`${url}/__limits/${path}`)).json()
  return {
    url,
    /** What there is to pay since the last time this was asked. */
    bill: async () => (await ask('bill')) as Bill,
    limitCalls: (calls: number) => ask(`set?calls=${calls}`),
    /** The call `CONTENT.put`, say, fails once, after so many that succeed. */
    fail: (what: string, after = 0) => ask(`set?fails=${what}&after=${after}`),
    /** Resets the sandbox, as a deployment does with one that is at work for too long. */
    replace: (sandbox: string) => ask(`replace?sandbox=${encodeURIComponent(sandbox)}`),
    stop: () => miniflare.dispose(),
  }
}
