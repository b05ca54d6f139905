// The worker of this checkout on a server of the caller's own: a free port, storage that goes when it stops.
import { fileURLToPath } from 'node:url'
import type { TestHarness } from 'wrangler'
import { openTls } from './tls.ts'

const CONFIG = fileURLToPath(new URL('../../wrangler.toml', import.meta.url))

type Embedded = { url: string; stored: () => Promise<Stored>; stop: () => Promise<void> }
/** What lies in its bucket. */
export type Stored = { objects: number; bytes: number }
type Bindings = { CONTENT: { list: () => Promise<{ objects: { size: number }[] }> } }

/** `vars` replace those of wrangler.toml. */
export async function start(vars: Record<string, string> = {}): Promise<Embedded> {
  const harness = await harnessOf(CONFIG, vars)
  const { url } = await harness.listen()
  const stored = async () => {
    const { CONTENT } = await harness.getWorker<Bindings>().getEnv()
    const { objects } = await CONTENT.list()
    return { objects: objects.length, bytes: objects.reduce((sum, { size }) => sum + size, 0) }
  }
  return { url: url.origin, stored, stop: () => harness.close() }
}

/** The same over https, for clients that speak nothing else; they are to trust what `caFile` holds. */
export async function startTls(vars: Record<string, string> = {}): Promise<Embedded & { caFile: string }> {
  const { url, caFile, lead, close } = await openTls()
  try {
    const worker = await start({ ...vars, PUBLIC_URL: url })
    lead(Number(new URL(worker.url).port))
    return { ...worker, url, caFile, stop: () => close().finally(worker.stop) }
  } catch (error) {
    await close()
    throw error
  }
}

/** What runs the worker of a wrangler configuration, and lets tools look inside. */
export async function harnessOf(configPath = CONFIG, vars: Record<string, string> = {}): Promise<TestHarness> {
  // wrangler reads these while it loads: only what goes wrong is worth a line, and nobody else need know that it ran.
  process.env['WRANGLER_LOG'] ??= 'error'
  process.env['WRANGLER_SEND_METRICS'] ??= 'false'
  process.env['CLOUDFLARE_CF_FETCH_ENABLED'] ??= 'false'
  const { createTestHarness } = await import('wrangler')
  return createTestHarness({ workers: [{ configPath, vars }] })
}
