// Whether the memory of server and runtime stays flat over 100,000 requests.
import { ITEM } from '../test/support/client.ts'
import { each } from '../test/support/runner.ts'
import { ask, logIn, must, say, SESSIONS_PATH } from './load.ts'
import { build, memoryOf, startApart } from './servers.ts'

const REQUESTS = Number(process.env['BENCH_REQUESTS'] ?? 100_000)
/** So many more come first: journals and caches fill, code is compiled, the heap finds its size. */
const WARM_UP = REQUESTS / 2
/** Memory is read after each of these. */
const BATCH = REQUESTS / 40
const AT_ONCE = 16
const SANDBOXES = 50
/**
 * The lowest reading of the second half may be so many times that of the first. The heap breathes by 150 MiB, and slowly:
 * how far it goes down says what is held, and a slope says where it happened to be.
 */
const LIMIT = 1.1

await build()
const server = await startApart('mock', {})
const readings: number[] = []
try {
  const load = await loadOf(server.url)
  for (let done = 0; done < WARM_UP + REQUESTS; done += BATCH) {
    await load(BATCH)
    const mib = memoryOf(server.pid)
    if (done >= WARM_UP) readings.push(mib)
    say(`${done + BATCH} of ${WARM_UP + REQUESTS}: ${mib.toFixed(1)} MiB`)
  }
} finally {
  await server.stop()
}
const half = readings.length / 2
const [before, after] = [Math.min(...readings.slice(0, half)), Math.min(...readings.slice(half))]
say(`\nmemory over ${REQUESTS} requests, after ${WARM_UP} to warm up, at most ${Math.max(...readings).toFixed(0)} MiB;`)
say(`at least ${before.toFixed(0)} in the first half, ${after.toFixed(0)} in the second`)
must(after <= before * LIMIT, `the lowest reading grows by more than ${LIMIT} times`)

/** What a client does, in many sandboxes in turn; each leaves its sandbox as it was, but for the journal. */
async function loadOf(url: string): Promise<(requests: number) => Promise<void>> {
  const logins = await Promise.all(Array.from({ length: SANDBOXES }, (_, at) => logIn(url, `memory-${at}`)))
  const sessions = `${url}${SESSIONS_PATH}`
  const visit = async (headers: Record<string, string>) => {
    const body = { library_item_id: ITEM }
    const id = JSON.parse(await ask({ method: 'POST', url: sessions, headers, body, expect: 201 })) as string
    await ask({ method: 'GET', url: `${sessions}/${id}`, headers, expect: 200 })
    await ask({ method: 'POST', url: `${sessions}/${id}?action=cancel`, headers, expect: 204 })
    await ask({ method: 'POST', url: `${sessions}/${id}?action=cancel`, headers, expect: 400 })
    await ask({ method: 'DELETE', url: `${sessions}/${id}`, headers, expect: 204 })
  }
  return async (requests) => {
    // One after the other in each sandbox: an item has one session at a time.
    const free = [...logins]
    await each(Array.from({ length: requests / 5 }), AT_ONCE, async () => {
      const login = free.shift() ?? {}
      await visit(login)
      free.push(login)
    })
  }
}
