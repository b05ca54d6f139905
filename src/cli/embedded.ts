// The worker on a server of this process's own: a free port, its state in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Embedded = { url: string; stop: () => Promise<void> }

export async function start(): Promise<Embedded> {
  // Both are read when wrangler is loaded: only what goes wrong is worth a line, and nobody is told that it ran.
  process.env['WRANGLER_LOG'] ??= 'error'
  process.env['WRANGLER_SEND_METRICS'] ??= 'false'
  const { createTestHarness } = await import('wrangler')
  const harness = createTestHarness({
    workers: [{ configPath: fileURLToPath(new URL('../../wrangler.toml', import.meta.url)) }],
  })
  const { url } = await harness.listen()
  return { url: url.origin, stop: () => harness.close() }
}
