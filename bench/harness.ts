// What runs the worker of a wrangler configuration, and lets tools look inside.
import { fileURLToPath } from 'node:url'
import type { TestHarness } from 'wrangler'

const CONFIG = fileURLToPath(new URL('../wrangler.toml', import.meta.url))

/** `vars` replace those of the configuration. */
export async function harnessOf(configPath = CONFIG, vars: Record<string, string> = {}): Promise<TestHarness> {
  // wrangler reads these while it loads: only what goes wrong is worth a line, and nobody else need know that it ran.
  process.env['WRANGLER_LOG'] ??= 'error'
  process.env['WRANGLER_SEND_METRICS'] ??= 'false'
  process.env['CLOUDFLARE_CF_FETCH_ENABLED'] ??= 'false'
  const { createTestHarness } = await import('wrangler')
  return createTestHarness({ workers: [{ configPath, vars }] })
}
