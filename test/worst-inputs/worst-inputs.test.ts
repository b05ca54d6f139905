// Texts of clients that could be costly: rows of what each module looks for. The cost must grow as the text does.
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { callsIn, paths } from './subjects.ts'

/** No call takes so long, with all its repetitions and on a busy machine. */
const PATIENCE_MS = 60_000

describe('every function that sees text of clients', () => {
  it.each(globSync('src/rules/*.ts'))('is known of %s', (path) => {
    expect(paths).toContain(path)
  })

  it.each(paths)('of %s is measured, or excluded for a reason', async (path) => {
    const calls = await callsIn(path)

    expect(calls.filter(([, known]) => known === undefined).map(([name]) => name)).toEqual([])
  })

  it('takes at most six times as long for a text four times as long', { timeout: 600_000 }, async () => {
    expect(await problems()).toEqual([])
  })
})

type Said = { at: string; problem?: string }

async function problems(): Promise<string[]> {
  const worker = new Worker(new URL('measurement.ts', import.meta.url))
  const found: string[] = []
  let last = 'the first call'
  const ended = new AbortController()
  const patience = setTimeout(() => ended.abort(), PATIENCE_MS)
  worker.on('message', ({ at, problem }: Said) => {
    patience.refresh()
    last = at
    if (problem) found.push(`${at}: ${problem}`)
  })
  await once(worker, 'exit', { signal: ended.signal }).catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
    found.push(`${last}: no end within ${PATIENCE_MS} ms. What follows was not measured.`)
  })
  clearTimeout(patience)
  await worker.terminate()
  return found
}
