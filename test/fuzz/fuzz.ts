// Sends the built worker what no client should, and looks at every answer: `npm run fuzz -- --requests N --seed S`.
import * as fc from 'fast-check'
import { flawOf, SLOW_MS } from './answers.ts'
import { Refusal } from '../../src/client/client.ts'
import { ITEM } from '../support/client.ts'
import { COMMAND, launch } from '../support/process.ts'
import { each, readOptions } from '../support/runner.ts'
import { corpus } from './corpus.ts'
import { attackOf, bytesOf, requestsOf, type Request } from './requests.ts'
import { connect, FAULTY, setStage, STEERED, type Stage } from './stage.ts'
import { learn } from './surface.ts'
import { exchange, type Answer } from './wire.ts'

const USAGE = `Usage: npm run fuzz -- [--requests N] [--seed S] [--only INDEX]
  --requests N   how many are sent (5000); the first ${corpus.length} are the known attacks
  --seed S       from which the others are made (18)
  --only INDEX   sends this one alone, and shows it and its answer`
const AT_ONCE = 4
/** After so many, the journal is read, and a new stage set: what they have ended or removed is there again. */
const BATCH = 500
const HEALTH_MS = 1000
/** A mock that is silent for so long is given up, and another started. */
const DEAD_MS = 10_000
/** For a request that is not whole, until its client ends it; and what the mock then waits for the rest (src/http/answer.ts). */
const CUT = { endAfterMs: 500, moreMs: 3000 }
/** What a request has begun is done so long after its answer. */
const AFTERWARDS_MS = 2000
/** What was slow is asked so often alone, and is a finding where it is slow each time. */
const TRIES = 3
const SUSPECTS = 2 * AT_ONCE
/** The weight of a suspect that was slow itself. */
const CERTAIN = 1000
const FINDINGS = 5
/** What the runtime says of CONNECT, and of a fault that breaks an answer off. */
const KNOWN_LINES = ['does not export a connect() function', 'a fault breaks the answer off']

type Finding = { index?: number; flaw: string; answer?: Answer }

const flags = readOptions(USAGE, { requests: 5000, seed: 18, only: '' })
const say = (text: string) => void process.stdout.write(`${text}\n`)

let lineFlaw: string | undefined
let secrets: string[] = []
function hear(line: string): void {
  const secret = secrets.find((each) => line.includes(each))
  if (secret !== undefined) lineFlaw = `the log tells a secret: ${line.slice(0, 500)}`
  else if (/"level":"error"|Uncaught/.test(line) && !KNOWN_LINES.some((known) => line.includes(known)))
    lineFlaw = `the log has ${line.slice(0, 500)}`
}
function takeLineFlaw(): string | undefined {
  const flaw = lineFlaw
  lineFlaw = undefined
  return flaw
}

/** As users start it, and able to be killed in the middle of anything. */
const startMock = () => launch(/Ctrl-C/, process.execPath, [COMMAND, '--port', '0', '--verbose'], { hear })
const kill = () => mock.stop('SIGKILL')
let mock = await startMock()
let stages = 0
async function newStage(attempts = 5): Promise<Stage> {
  try {
    const stage = await setStage(mock.url, stages++)
    secrets = [...secrets, ...stage.secrets].slice(-100)
    return stage
  } catch (error) {
    // A request of the admin API may have reset all sandboxes meanwhile.
    if (attempts === 0) throw error
    return newStage(attempts - 1)
  }
}
async function restart(): Promise<void> {
  await kill()
  mock = await startMock()
}

const made = requestsOf(await learn(mock.url))
function requestAt(index: number): Request {
  const attack = corpus[index]
  if (attack) return attackOf(attack)
  const [request] = fc.sample(made, { seed: (flags.seed * 1_000_003 + index) | 0, numRuns: 1 })
  if (!request) throw new Error('fast-check has made no request.')
  return request
}

const figures = {
  bindings: new Map<string, number>(),
  statuses: new Map<number, number>(),
  slowest: { tookMs: 0, index: -1 },
  healthMs: 0,
  healths: 0,
  noise: 0,
}
const count = <K>(map: Map<K, number>, key: K) => void map.set(key, (map.get(key) ?? 0) + 1)
const findings: Finding[] = []
function found(finding: Finding): void {
  findings.push(finding)
  show(finding)
}

/** `crowding` is how many times as long everything takes on this machine now. */
async function ask(index: number, stage: Stage, crowding = 1) {
  const request = requestAt(index)
  const bytes = bytesOf(request, stage.fill)
  const answer = await exchange(mock.url, bytes, {
    answerMs: 2 * DEAD_MS,
    ...(request.isCut && { endAfterMs: CUT.endAfterMs }),
  })
  const limitMs = crowding * SLOW_MS + (request.isCut ? CUT.moreMs : 0)
  const flaw = flawOf(request, stage.fill(request.head), answer, stage.secrets)
  return { answer, flaw, isSlow: answer.tookMs > limitMs }
}

const adminGet = (path: string, sandbox: string) =>
  Buffer.from(
    `GET /__admin/${path} HTTP/1.1\r\nhost: ${new URL(mock.url).host}\r\nx-mock-sandbox: ${sandbox}\r\nconnection: close\r\n\r\n`,
  )
const wait = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms))

/** A thing that needs the processor for so long takes so many times as long, where others want it as well. */
function crowdingNow(): number {
  const [startedAt, before] = [performance.now(), process.cpuUsage()]
  const usedMs = () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  while (usedMs() < 30) JSON.parse('[1,2,3]')
  return Math.max(1, (performance.now() - startedAt) / usedMs())
}

/** Asks for the mock's health beside the load; an answer that is late or wrong is told, and one that does not come. */
function watchHealth(
  onFlaw: (flaw: string, isDead: boolean) => Promise<void>,
  limitMs = HEALTH_MS,
): () => Promise<void> {
  const over = new AbortController()
  const watch = async () => {
    while (!over.signal.aborted) {
      const { status, tookMs } = await exchange(mock.url, adminGet('health', STEERED), { answerMs: DEAD_MS })
      figures.healths += 1
      figures.healthMs = Math.max(figures.healthMs, tookMs)
      if (status !== 200 || tookMs > limitMs)
        await onFlaw(`health was answered ${status} after ${Math.round(tookMs)} ms`, status !== 200)
      await wait(50)
    }
  }
  const watching = watch()
  return async () => {
    over.abort()
    await watching
  }
}

/** When each had its answer; those that wait for one have Infinity. */
const answeredAt = new Map<number, number>()

/** What may have been wrong with each, the likelier the more often it was there when something was. */
type Suspicions = { flaws: Set<string>; weights: Map<number, number> }

/** Sends them all; those that were not sent, because the mock had to be started anew, are left. */
async function send(indexes: number[]): Promise<{ suspicions: Suspicions; left: number[] }> {
  let stage = await newStage()
  const suspicions: Suspicions = { flaws: new Set(), weights: new Map() }
  const left: number[] = []
  let isDead = false
  const raise = (flaw: string, certain?: number) => {
    suspicions.flaws.add(flaw)
    const add = (index: number, more: number) =>
      void suspicions.weights.set(index, (suspicions.weights.get(index) ?? 0) + more)
    if (certain !== undefined) add(certain, CERTAIN)
    else
      for (const [index, at] of answeredAt)
        if (at > performance.now() - AFTERWARDS_MS) add(index, at === Infinity ? 10 : 1)
  }
  const stopWatching = watchHealth(async (flaw, isSilent) => {
    raise(flaw)
    if (!isSilent) return
    isDead = true
    // Ends all that still waits.
    await kill()
  })
  await each(indexes, AT_ONCE, async (index) => {
    if (isDead || findings.length >= FINDINGS) return void left.push(index)
    answeredAt.set(index, Infinity)
    const { answer, flaw, isSlow } = await ask(index, stage)
    answeredAt.set(index, performance.now())
    if (isDead) return
    const { binding, head } = requestAt(index)
    count(figures.bindings, binding)
    count(figures.statuses, answer.status)
    if (answer.tookMs > figures.slowest.tookMs) figures.slowest = { tookMs: answer.tookMs, index }
    const line = takeLineFlaw()
    if (line !== undefined) raise(line)
    if (isSlow) raise(`an answer took ${Math.round(answer.tookMs)} ms`, index)
    else if (flaw !== undefined && answer.status === 0) raise(flaw, index)
    else if (flaw !== undefined) found({ index, flaw, answer })
    // All logins have ended.
    if (head.startsWith('POST /__admin/sandboxes/reset')) stage = await newStage()
  })
  await stopWatching()
  if (isDead) await restart()
  else await readJournal(stage, indexes)
  answeredAt.clear()
  return { suspicions, left }
}

const JOURNAL = 'requests requests/unmatched coverage view sessions faults settings sandboxes'.split(' ')
/** What was noted of odd requests is read, and leaves nothing that cannot be. */
async function readJournal(stage: Stage, indexes: number[]): Promise<void> {
  for (const sandbox of [stage.fill('~user.0~'), STEERED, FAULTY])
    for (const path of JOURNAL) {
      const sent = adminGet(path, sandbox)
      const head = String(sent)
      const answer = await exchange(mock.url, sent, { answerMs: DEAD_MS })
      const flaw = flawOf({ binding: 'admin', what: path, head, body: '' }, head, answer, stage.secrets)
      const wrong = flaw ?? (answer.status === 200 ? undefined : `the status ${answer.status}`)
      const asked = `/__admin/${path} of ${sandbox} after ${indexes[0]} to ${indexes.at(-1)}`
      if (wrong !== undefined) found({ flaw: `${asked}: ${wrong}`, answer })
    }
}

/** Asks again with nothing beside it: what is slow then, each time, is so by itself. */
async function tryAlone(index: number, stage: Stage): Promise<Finding | undefined> {
  let tried = await tryOnce(index, stage)
  for (let times = 1; times < TRIES && tried && !tried.isDead; times++) tried = await tryOnce(index, await newStage())
  return tried
}

async function tryOnce(index: number, stage: Stage): Promise<(Finding & { isDead: boolean }) | undefined> {
  let worst: { flaw: string; isDead: boolean } | undefined
  takeLineFlaw()
  const crowding = crowdingNow()
  const stopWatching = watchHealth(async (flaw, isDead) => {
    worst = { flaw, isDead }
    if (isDead) await kill()
  }, crowding * HEALTH_MS)
  const { answer, flaw, isSlow } = await ask(index, stage, crowding)
  // The journal writes what it was told a little later, or when it is read.
  const journal = await exchange(mock.url, adminGet('requests', stage.fill('~user.0~')), { answerMs: DEAD_MS })
  await stopWatching()
  if (worst?.isDead) await restart()
  const line = takeLineFlaw()
  const slow = isSlow ? `the answer took ${Math.round(answer.tookMs)} ms, alone` : undefined
  const late =
    journal.tookMs > crowding * SLOW_MS ? `the journal took ${Math.round(journal.tookMs)} ms afterwards` : undefined
  const seen = slow ?? worst?.flaw ?? flaw ?? late ?? line
  return seen === undefined ? undefined : { index, flaw: seen, answer, isDead: worst?.isDead === true }
}

/** One request was it; or it was the machine, where none is slow or wrong alone. */
async function explain({ flaws, weights }: Suspicions): Promise<void> {
  const suspects = [...weights].toSorted(([, a], [, b]) => b - a)
  const stage = await newStage()
  let isExplained = false
  for (const [at, [index, weight]] of suspects.entries()) {
    if (findings.length >= FINDINGS || (weight < CERTAIN && (isExplained || at >= SUSPECTS))) break
    const finding = await tryAlone(index, stage)
    if (!finding) continue
    isExplained = true
    found(finding)
  }
  if (isExplained) return
  figures.noise += flaws.size
}

const escape = (bytes: Buffer) => {
  const text = bytes
    .toString('latin1')
    .replaceAll(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
  const lines = text.replaceAll(String.raw`\x0d\x0a`, '\\r\\n\n    ')
  return lines.length > 1500 ? `${lines.slice(0, 1500)}… (${bytes.length} bytes)` : lines
}
function show({ index, flaw, answer }: Finding, sent?: Buffer): void {
  say(`\nFINDING${index === undefined ? '' : ` at ${index}`}: ${flaw}`)
  if (index !== undefined) {
    const request = requestAt(index)
    say(`  ${request.binding}: ${request.what}`)
    say(`    ${escape(sent ?? bytesOf(request, (text) => text))}`)
    say(`  again: npm run fuzz -- --seed ${flags.seed} --only ${index}`)
  }
  if (answer)
    say(
      `  answer: ${answer.status} in ${Math.round(answer.tookMs)} ms ${answer.headers.get('content-type') ?? ''}\n    ${escape(Buffer.from(answer.text))}`,
    )
}

/** What every client does: it still can. */
async function liveNormally(): Promise<void> {
  const { updateSessions } = await connect(mock.url, 'fuzz-afterwards')
  const id = await updateSessions.create({ library_item_id: ITEM })
  await updateSessions.cancel(id)
  const refusal = await updateSessions.cancel(id).catch((error: unknown) => error)
  if (!(refusal instanceof Refusal && refusal.status === 400))
    found({ flaw: `afterwards a second cancel was answered ${String(refusal)}` })
}

async function runOnly(index: number): Promise<void> {
  const stage = await newStage()
  const sent = bytesOf(requestAt(index), stage.fill)
  const { answer, flaw } = await ask(index, stage)
  const seen = flaw ?? (await tryAlone(index, stage))?.flaw
  show({ index, flaw: seen ?? 'none', answer }, sent)
  process.exitCode = seen === undefined ? 0 : 1
}

const list = <K>(map: Map<K, number>) =>
  [...map]
    .toSorted(([, a], [, b]) => b - a)
    .map(([key, times]) => `${String(key)} ${times}`)
    .join(', ')

async function runAll(): Promise<void> {
  const startedAt = performance.now()
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0)
  say(
    `seed ${flags.seed}, ${flags.requests} requests, the first ${Math.min(corpus.length, flags.requests)} of them known attacks`,
  )
  let todo = Array.from({ length: flags.requests }, (_, index) => index)
  while (todo.length > 0 && findings.length < FINDINGS) {
    const indexes = todo.slice(0, BATCH)
    const { suspicions, left } = await send(indexes)
    if (findings.length < FINDINGS) await explain(suspicions)
    todo = [...left, ...todo.slice(BATCH)]
    say(
      `${flags.requests - todo.length}/${flags.requests} in ${seconds()} s, ${findings.length} findings, health at most ${Math.round(figures.healthMs)} ms`,
    )
  }
  if (!mock.isRunning()) found({ flaw: 'the mock has ended' })
  else await liveNormally().catch((error: unknown) => found({ flaw: `afterwards: ${String(error)}` }))

  say(`\nrequests   ${list(figures.bindings)}`)
  say(`answers    ${list(figures.statuses)} (0: none, to a request that is not whole)`)
  say(`slowest    ${Math.round(figures.slowest.tookMs)} ms at ${figures.slowest.index}`)
  say(`health     at most ${Math.round(figures.healthMs)} ms of ${figures.healths} times`)
  say(`noise      ${figures.noise} times something was slow beside others, and not alone`)
  say(`${findings.length} findings in ${seconds()} s, seed ${flags.seed}`)
  process.exitCode = findings.length === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void kill().then(() => process.exit(130)))
try {
  await (flags.only === '' ? runAll() : runOnly(Number(flags.only)))
} finally {
  await kill()
}
