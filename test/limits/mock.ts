// Builds the limits around the built worker, and starts a mock with them.
import { copyFileSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { looksAt } from '../kills/mock.ts'
import { readWorker, runWorker } from '../support/miniflare.ts'
import type { Bill, Event } from './bill.ts'

const ROOT = new URL('../../', import.meta.url)
const pathOf = (file: string) => fileURLToPath(new URL(file, ROOT))
const ISOLATE = 'test/kills/worker.ts'
const BUILT = 'dist/worker/index.js'

/** Modules of an isolate are copies of its own. The worker is the built one: what is deployed is what the limits are around. */
const isolates: Plugin = {
  name: 'isolates',
  setup(bundler) {
    bundler.onResolve({ filter: /^isolate:/ }, ({ path }) => ({ path: pathOf(ISOLATE), namespace: path }))
    bundler.onResolve({ filter: /src\/index\.ts$/ }, ({ namespace }) => ({ path: pathOf(BUILT), namespace }))
    bundler.onLoad({ filter: /\/(worker\.ts|index\.js)$/ }, ({ path, namespace }) =>
      namespace.startsWith('isolate:')
        ? {
            contents: readFileSync(path, 'utf8'),
            loader: path.endsWith('.ts') ? 'ts' : 'js',
            resolveDir: dirname(path),
          }
        : undefined,
    )
  },
}

/** The worker must have been built. */
async function buildLimits(count: number, folder: string): Promise<void> {
  const names = Array.from({ length: count }, (_, at) => `isolate${at}`)
  const contents = [
    ...names.map((name, at) => `import * as ${name} from 'isolate:${at}'`),
    `import { within } from './test/limits/worker.ts'`,
    `export const { Sandbox, Pull, worker } = within([${names.join(', ')}])`,
    'export default worker',
  ].join('\n')
  await build({
    stdin: { contents, resolveDir: fileURLToPath(ROOT) },
    outfile: join(folder, 'index.js'),
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'warning',
    plugins: [isolates],
  })
  copyFileSync(new URL('dist/worker/config.json', ROOT), join(folder, 'config.json'))
}

/** Two isolates are in use from the start; each event takes one more. */
export async function startLimited(vars: Record<string, string>, isolates = 2) {
  const folder = await mkdtemp(join(tmpdir(), 'limits-'))
  await buildLimits(isolates, folder)
  const all = { PULL_HOSTS: 'loopback', PULL_RETRY_SECONDS: '0.1', ...vars }
  const worker = await readWorker(pathToFileURL(`${folder}/`), all)
  await rm(folder, { recursive: true })
  const { url, stop } = await runWorker(worker, () => undefined)
  const { ask, ...looks } = looksAt(url)
  return {
    url,
    /** What there is to pay since the last time this was asked. */
    bill: async () => (await (await ask('/__limits/bill')).json()) as Bill, // as worker.ts answers
    setLimits: ({ calls }: { calls: number }) => ask(`/__limits/set?calls=${calls}`),
    /** At the next call `CONTENT.put`, say, this happens. */
    awaitCall: (what: string, event: Event) => ask('/__limits/await', { what, event }),
    /** Whether such a call has come. From now on it is awaited no more. */
    hasMet: async () => (await (await ask('/__limits/met')).json()) as boolean, // likewise
    happenNow: (event: Event) => ask(`/__limits/now?${new URLSearchParams({ event })}`),
    ...looks,
    stop,
  }
}
