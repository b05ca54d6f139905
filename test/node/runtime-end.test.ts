// A runtime that ends by itself under a test. Here a defect of workerd ends it: an object that is aborted while a call of itself is
// under way.
import { expect, it, onTestFinished, vi } from 'vitest'
import { runWorker, type Worker } from '../support/miniflare.ts'

/** An object that waits for a call of itself. */
const SCRIPT = `
import { DurableObject } from 'cloudflare:workers'
export class Caller extends DurableObject {
  callItself() {
    this.ctx.waitUntil(this.env.CALLERS.getByName('one').wait())
  }
  async wait() {
    await scheduler.wait(60_000)
  }
  abort() {
    this.ctx.abort('it is to end')
  }
}
export default {
  async fetch(request, env) {
    await env.CALLERS.getByName('one')[new URL(request.url).pathname.slice(1)]()
    return new Response()
  },
}`

const worker: Worker = {
  config: {
    name: 'worker',
    compatibilityDate: '2026-10-01',
    env: { CALLERS: { type: 'durable-object', worker: 'worker', exportName: 'Caller' } },
    exports: { Caller: { type: 'durable-object', storage: 'sqlite' } },
    manifest: {
      mainModule: 'index.js',
      modulesRoot: '/',
      modules: { 'index.js': { type: 'esm', contents: SCRIPT } },
    },
  },
}

it('a runtime that ends by itself is told with its exit code and what it wrote last', async () => {
  const told: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  onTestFinished(() => write.mockRestore())
  const running = await runWorker(worker, () => undefined)
  onTestFinished(running.stop)
  expect((await fetch(`${running.url}/callItself`)).status).toBe(200)

  await expect(fetch(`${running.url}/abort`)).rejects.toThrow('fetch failed')
  // At once, as a test does that has failed: the end may not be known yet.
  await running.stop()

  // Once workerd survives this, test/limits/worker.ts need not keep it out of the way.
  expect(told.join('')).toMatch(
    /^The runtime \(workerd\) ended with exit code 1\. It wrote last:\n {2}\*\*\* Fatal .*Promise callback destroyed itself/,
  )
})
