// Whether the memory of server and runtime stays flat over 100,000 requests, beside that of a worker that does least.
import { ITEM } from '../test/support/client.ts'
import { each } from '../test/support/runner.ts'
import { ask, logIn, must, say, SESSIONS_PATH } from './load.ts'
import { livesInFloor } from './sandbox.ts'
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

/** Makes so many requests. */
type Load = (requests: number) => Promise<void>

await build()
const mock = await measured('mock', mockLoad)
const floor = await measured('floor', floorLoad)
say(`\nmemory over ${REQUESTS} requests, after ${WARM_UP} to warm up, in MiB`)
for (const [name, { all, before, after }] of Object.entries({ mock, floor })) {
  const [least, most] = [Math.min(...all), Math.max(...all)].map((mib) => mib.toFixed(0))
  say(
    `${name.padEnd(6)} ${least} to ${most}; lowest ${before.toFixed(0)} in the first half, ${after.toFixed(0)} in the second`,
  )
}
must(mock.after <= mock.before * LIMIT, `the lowest reading grows by more than ${LIMIT} times`)

async function measured(kind: 'mock' | 'floor', prepare: (url: string) => Promise<Load>) {
  const server = await startApart(kind, {})
  try {
    const load = await prepare(server.url)
    const readings: number[] = []
    for (let done = 0; done < WARM_UP + REQUESTS; done += BATCH) {
      await load(BATCH)
      const mib = memoryOf(server.pid)
      if (done >= WARM_UP) readings.push(mib)
      say(`${kind} ${done + BATCH} of ${WARM_UP + REQUESTS}: ${mib.toFixed(1)} MiB`)
    }
    const half = readings.length / 2
    const [before, after] = [Math.min(...readings.slice(0, half)), Math.min(...readings.slice(half))]
    return { all: readings, before, after }
  } finally {
    await server.stop()
  }
}

/** What a client does, in many sandboxes in turn; each leaves its sandbox as it was, but for the journal. */
async function mockLoad(url: string): Promise<Load> {
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

/** With three requests each. */
async function floorLoad(url: string): Promise<Load> {
  const { cancel } = livesInFloor(url)
  return (requests) => each(Array.from({ length: requests / 3 }), AT_ONCE, () => cancel(0))
}
