// What many sandboxes cost the command: memory, disk, a restart, the list of them; and whether a cancel in the last one waits for
// any of the others.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { ITEM } from '../test/support/client.ts'
import { COMMAND, launch } from '../test/support/process.ts'
import { each } from '../test/support/runner.ts'
import { ask, interleaved, logIn, median, must, ratio, say, SESSIONS_PATH, timed, type Round } from './load.ts'
import { buildWorker } from '../scripts/build.ts'
import { memoryOf } from './servers.ts'

const SANDBOXES = Number(process.env['BENCH_SANDBOXES'] ?? 10_000)
const STEPS = [0.1, 1].map((share) => Math.round(share * SANDBOXES))
const AT_ONCE = 32
const ROUNDS = 12
const CANCELS = 50
/** In one sandbox. */
const SESSIONS = 1000
const READS = 2000
const JOURNAL_SIZE = 500
const LIMIT = 1.5

const run = promisify(execFile)
const [state, none] = [await aFolder(), await aFolder()]
const start = (folder: string) => launch(/Ctrl-C/, process.execPath, [COMMAND, '--port', '0', '--state', folder])

buildWorker()
let mock = await start(state)
const startedAt = performance.now()
try {
  const empty = memoryOf(mock.pid)
  row(['sandboxes', 'made a second', 'memory MiB', 'disk MiB', 'files', 'list ms'])
  row(['0', '', empty.toFixed(0)])
  let made = 0
  for (const step of STEPS) {
    const names = Array.from({ length: step - made }, (_, at) => nameOf(made + at))
    const madeMs = await timeOf(() => each(names, AT_ONCE, make))
    made = step
    const memory = memoryOf(mock.pid)
    const { mib, files } = await diskOf(state)
    const listMs = await timeOf(list)
    row([`${made}`, ...[(names.length * 1000) / madeMs, memory, mib, files, listMs].map((value) => value.toFixed(0))])
  }

  const [first = [], last = []] = await interleaved(ROUNDS, [
    await cancelsIn(nameOf(0)),
    await cancelsIn(nameOf(made - 1)),
  ])
  const growth = ratio(last, first, 'p50')
  say(`\na cancel in sandbox 1: p50 ${p50(first)} ms; in sandbox ${made}: ${p50(last)} ms; ratio ${growth.toFixed(2)}`)
  must(growth <= LIMIT, `a cancel in the last sandbox takes more than ${LIMIT} times that in the first`)

  const lastHeaders = await logIn(mock.url, nameOf(made - 1))
  const read = () => ask({ method: 'GET', url: `${mock.url}${SESSIONS_PATH}`, headers: lastHeaders, expect: 200 })
  const { perSecond } = await timed(Array<typeof read>(READS).fill(read), AT_ONCE)
  say(`one sandbox answers ${perSecond.toFixed(0)} lists of sessions a second, ${AT_ONCE} at once`)

  const stopMs = await timeOf(() => mock.stop())
  const onManyMs = await startOn(state, nameOf(made - 1))
  const restarted = memoryOf(mock.pid)
  await mock.stop()
  const onNoneMs = await startOn(none, nameOf(0))
  say(`a stop: ${stopMs.toFixed(0)} ms`)
  say(`a start to the first cancel: ${onManyMs.toFixed(0)} ms, on no sandboxes ${onNoneMs.toFixed(0)} ms`)
  say(`memory after the start: ${restarted.toFixed(0)} MiB`)

  const headers = await logIn(mock.url, nameOf(0))
  const makeSessions = async (count: number) => {
    for (let session = 0; session < count; session += 1) await act(headers)
    return rowsOf(none)
  }
  // The first fill its journal.
  const before = await makeSessions(JOURNAL_SIZE)
  const sessionBytes = ((await makeSessions(SESSIONS)) - before) / SESSIONS
  say(
    `rows of a sandbox: ${((await rowsOf(state)) / 1024).toFixed(0)} KiB; of each session more: ${sessionBytes.toFixed(0)} bytes`,
  )
} finally {
  await mock.stop()
  await Promise.all([state, none].map((folder) => rm(folder, { recursive: true, force: true })))
}
say(`${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`)

/** In memory where that is possible: on disk each commit waits for the disk, which is what the run would measure. */
async function aFolder(): Promise<string> {
  return mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'bench-scale-'))
}

function nameOf(at: number): string {
  return `ci-${at}`
}

function list(): Promise<string> {
  return ask({ method: 'GET', url: `${mock.url}/__admin/sandboxes`, expect: 200 })
}

function startOn(folder: string, user: string): Promise<number> {
  return timeOf(async () => {
    mock = await start(folder)
    await make(user)
  })
}

function row(cells: string[]): void {
  say(cells.map((cell) => cell.padStart(14)).join(''))
}

/** A sandbox with a session that is cancelled, which stays. */
async function make(user: string): Promise<void> {
  await act(await logIn(mock.url, user))
}

async function act(headers: Record<string, string>): Promise<void> {
  const sessions = `${mock.url}${SESSIONS_PATH}`
  const body = { library_item_id: ITEM }
  const id = await ask({ method: 'POST', url: sessions, headers, body, expect: 201 })
  await ask({ method: 'POST', url: `${sessions}/${JSON.parse(id)}?action=cancel`, headers, expect: 204 })
}

async function cancelsIn(user: string): Promise<() => Promise<Round>> {
  const headers = await logIn(mock.url, user)
  return () =>
    timed(
      Array.from({ length: CANCELS }, () => () => act(headers)),
      1,
    )
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** What the disk holds, with the rest of the last block of each file. */
async function diskOf(folder: string): Promise<{ mib: number; files: number }> {
  // It complains of files that go meanwhile.
  const { stdout } = await run('du', ['-sk', folder]).catch((error: { stdout: string }) => error)
  return { mib: Number.parseInt(stdout, 10) / 1024, files: (await readdir(folder, { recursive: true })).length }
}

/** The bytes of rows of a sandbox, the mean of some. */
async function rowsOf(folder: string): Promise<number> {
  const objects = join(folder, 'objects', 'Sandbox')
  const files = (await readdir(objects)).filter((file) => /^[0-9a-f]{64}\.sqlite$/.test(file)).slice(0, 100)
  const sizes = files.map((file) => {
    const database = new DatabaseSync(join(objects, file))
    const read = database.prepare('SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size')
    const size = Number(read.get()?.['size'])
    database.close()
    return size
  })
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length
}

function p50(rounds: Round[]): string {
  return median(rounds.map((round) => round.p50)).toFixed(2)
}
