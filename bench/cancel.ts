// What a cancel costs: beside a worker that does nothing but one durable update, and as its sandbox grows.
import { ask, each, median, must, say, timed, type Round } from './load.ts'
import { build, start } from './servers.ts'

const ROUNDS = 12
const SESSIONS = 250
const AT_ONCE = [1, 16]
const SMALL = 100
const LARGE = 100_000

const API = '/api/content/library/item'
const WORKER = 'update-session-mock'
const LIBRARY_ID = '11111111-1111-4111-8111-111111111111'

await build()
const mock = await start('mock')
const floor = await start('floor')
try {
  const small = await sandbox(mock.url, 'small', SMALL)

  const floorRound = async (atOnce: number): Promise<Round> => {
    await ask({ method: 'POST', url: `${floor.url}/seed/${SESSIONS}`, expect: 204 })
    const calls = Array.from({ length: SESSIONS }, (_, id) => `${floor.url}/session/${id}?action=cancel`)
    return timed(
      calls.map((url) => () => ask({ method: 'POST', url, expect: 204 })),
      atOnce,
    )
  }
  for (const atOnce of AT_ONCE) {
    const [floors, mocks] = await interleaved([() => floorRound(atOnce), () => small.round(atOnce)])
    say(`\ncancel, ${atOnce} at once, ${ROUNDS} rounds of ${SESSIONS}; a ratio of 1 is as good as the floor`)
    report('floor', floors)
    report('mock', mocks)
    const ratios = {
      perSecond: ratio(mocks, floors, 'perSecond'),
      p50: ratio(floors, mocks, 'p50'),
      p99: ratio(floors, mocks, 'p99'),
    }
    report('ratio', [ratios])
    for (const [name, value] of Object.entries(ratios)) must(value >= 0.8, `${name} is below 0.8 of the floor`)
  }

  const large = await sandbox(mock.url, 'large', LARGE)
  for (const atOnce of AT_ONCE) {
    const [few, many] = await interleaved([() => small.round(atOnce), () => large.round(atOnce)])
    say(`\ncancel, ${atOnce} at once, as the sandbox grows`)
    report(`${SMALL} sessions`, few)
    report(`${LARGE} sessions`, many)
    const growth = ratio(many, few, 'p50')
    say(`growth of p50 ${growth.toFixed(2)}`)
    must(growth <= 1.2, 'p50 grows by more than 1.2')
  }
} finally {
  await Promise.all([mock.stop(), floor.stop()])
}

/** A sandbox that holds so many ACTIVE sessions beside those that its rounds make, cancel and delete. */
async function sandbox(url: string, user: string, crowd: number) {
  const authorization = `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`
  const token = JSON.parse(
    await ask({ method: 'POST', url: `${url}/api/session`, headers: { authorization }, expect: 201 }),
  ) as string // a login answers a token
  const headers = { 'vmware-api-session-id': token }
  const create = (path: string, body: object) =>
    ask({ method: 'POST', url: `${url}${path}`, headers, body, expect: 201 }).then((id) => JSON.parse(id) as string)

  const sql = await mock.miniflare.unsafeGetDurableObjectStorage(WORKER, 'Sandbox', { name: user })
  await sql.exec(
    `INSERT INTO item (id, library_id, name, description, type, source_id, version, content_version, metadata_version,
     created_at, modified_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     SELECT 'item-' || i, ?, 'crowd-' || i, '', NULL, NULL, 1, 1, 1, 0, 0 FROM n`,
    crowd,
    LIBRARY_ID,
  )
  await sql.exec(
    `INSERT INTO update_session (id, item_id, state, content_version, client_progress, warning_behavior, expires_at,
     look_at, idle_ms, retention_ms) SELECT lower(hex(randomblob(16))) || ':' || lower(hex(randomblob(16))), id, 'ACTIVE', '1',
     0, '[]', ?1 + rowid, ?1 + rowid, 300000, 3600000 FROM item WHERE name LIKE 'crowd-%'`,
    Date.now() + 3_600_000,
  )
  const items: string[] = []
  await each(
    Array.from({ length: SESSIONS }, (_, at) => `bench-${at}`),
    16,
    async (name) => items.push(await create(API, { library_id: LIBRARY_ID, name })),
  )

  return {
    async round(atOnce: number): Promise<Round> {
      const sessions: string[] = []
      await each(items, 16, async (item) =>
        sessions.push(await create(`${API}/update-session`, { library_item_id: item })),
      )
      const urls = sessions.map((id) => `${url}${API}/update-session/${id}`)
      const result = await timed(
        urls.map((each) => () => ask({ method: 'POST', url: `${each}?action=cancel`, headers, expect: 204 })),
        atOnce,
      )
      await each(urls, 16, (each) => ask({ method: 'DELETE', url: each, headers, expect: 204 }))
      return result
    },
  }
}

/** One round of each, again and again, so that what else the machine does meets both; the first warms up. */
async function interleaved(rounds: [() => Promise<Round>, () => Promise<Round>]): Promise<[Round[], Round[]]> {
  const results: [Round[], Round[]] = [[], []]
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [first, second] = [await rounds[0](), await rounds[1]()]
    if (round === 0) continue
    results[0].push(first)
    results[1].push(second)
  }
  return results
}

function ratio(above: Round[], below: Round[], of: keyof Round): number {
  return median(above.map((round) => round[of])) / median(below.map((round) => round[of]))
}

function report(name: string, rounds: Round[]): void {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key])).toFixed(2)
  say(
    `${name.padEnd(16)} ${of('perSecond').padStart(8)}/s   p50 ${of('p50').padStart(6)}   p99 ${of('p99').padStart(6)}`,
  )
}
