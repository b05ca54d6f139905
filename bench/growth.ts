// What an upload and a progress report cost as a session and its sandbox come to hold more files.
import { ask, interleaved, ITEM_ID, logIn, median, must, say, SESSIONS_PATH, timed, type Round } from './load.ts'
import { callSandbox, runSql } from './opened.ts'
import { build, start } from './servers.ts'

const ROUNDS = 15
const CALLS = 20
/** With the two files that the rounds add, a session of many has 1,000, which is the limit. */
const [FEW, MANY_IN_SESSION, MANY_IN_SANDBOX] = [1, 998, 100_000]
const LIMIT = 1.2

const CONTENT = 'update session'.repeat(256)

await build()
const mock = await start('mock', { as: 'opened' })
try {
  const few = await sandbox('few', FEW, FEW)
  const inSession = await sandbox('session', MANY_IN_SESSION, FEW)
  const inSandbox = await sandbox('sandbox', FEW, MANY_IN_SANDBOX)
  for (const [name, many] of [
    [`a session of ${MANY_IN_SESSION} files`, inSession],
    [`a sandbox of ${MANY_IN_SANDBOX} files`, inSandbox],
  ] as const)
    for (const what of ['upload', 'report'] as const) {
      const [least = [], most = []] = await interleaved(ROUNDS, [few[what], many[what]])
      const growth = median(most.map(({ p50 }, round) => p50 / (least[round]?.p50 ?? NaN)))
      say(
        `${what.padEnd(6)} in ${name}: p50 ${p50(least)} ms with ${FEW}, ${p50(most)} ms, growth ${growth.toFixed(2)}`,
      )
      must(growth <= LIMIT, `the ${what} in ${name} grows by more than ${LIMIT}`)
    }
} finally {
  await mock.stop()
}

type Load = () => Promise<Round>

/** The p50 of all rounds, in milliseconds. */
function p50(rounds: Round[]): string {
  return median(rounds.map((round) => round.p50)).toFixed(2)
}

/** What a file has received, in SQL, where `i` counts them. */
function received(of: string): string {
  return `json_object('key', '${of}-' || i, 'sizeBytes', 1, 'digests', json_object('SHA1', hex(zeroblob(20))))`
}

/** A sandbox with an ACTIVE session of so many files, and with so many in its items. */
async function sandbox(user: string, inSession: number, inItems: number): Promise<{ upload: Load; report: Load }> {
  const headers = await logIn(mock.url, user)
  const sessions = `${mock.url}${SESSIONS_PATH}`
  const body = { library_item_id: ITEM_ID }
  const id = JSON.parse(await ask({ method: 'POST', url: sessions, headers, body, expect: 201 })) as string
  const count = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)'
  await runSql(mock.url, user, [
    [
      `INSERT INTO update_file (session_id, name, file, content_key) ${count} SELECT ?2, 'crowd-' || i, json_object(
       'name', 'crowd-' || i, 'sourceType', 'NONE', 'status', 'READY', 'received', ${received('session')}), 'session-' || i FROM n`,
      inSession,
      id,
    ],
    [
      `INSERT INTO item_file (item_id, name, version, content_key, received) ${count}
       SELECT 'item-' || i / 10, 'crowd-' || i, 1, 'item-' || i, ${received('item')} FROM n`,
      inItems,
    ],
    ["INSERT INTO content (key, bytes) SELECT content_key, 1 FROM item_file WHERE content_key LIKE 'item-%'"],
    ['UPDATE held SET bytes = bytes + ?', inItems],
  ])

  const add = async (name: string): Promise<string> => {
    const spec = { name, source_type: 'PUSH' }
    const added = await ask({ method: 'POST', url: `${sessions}/${id}/file`, headers, body: spec, expect: 201 })
    return (JSON.parse(added) as { upload_endpoint: { uri: string } }).upload_endpoint.uri
  }
  const begin = async (): Promise<string> => {
    const { pathname } = new URL(await add('slow.iso'))
    const token = pathname.split('/').at(-2)
    const begun = (await callSandbox(mock.url, user, 'beginTransfer', token, 'slow.iso')) as Begun // of the built worker
    return begun.result.value.key
  }
  return {
    upload: () => round(async () => put(await add('bench.iso'), CONTENT)),
    report: async () => {
      // A transfer reports here alone: one that began earlier would be given up between two rounds.
      const key = await begin()
      let bytes = 0
      return round(async () => {
        bytes += 1
        if (!(await callSandbox(mock.url, user, 'reportProgress', key, bytes)))
          throw new Error('The transfer is not wanted.')
      })
    },
  }
}

function round(call: () => Promise<void>): Promise<Round> {
  return timed(Array<typeof call>(CALLS).fill(call), 1)
}

type Begun = { result: { value: { key: string } } }

async function put(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`The upload was answered ${answer.status}.`)
}
