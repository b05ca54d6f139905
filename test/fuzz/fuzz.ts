// Sends the built worker what no client should, and looks at every answer: `npm run fuzz -- --requests N --seed S`.
import * as fc from 'fast-check'
import { flawOf, SLOW_MS } from './answers.ts'
import { Refusal } from '../../src/client/client.ts'
import { ITEM } from '../support/client.ts'
import { COMMAND, launch } from '../support/process.ts'
import { inLanes, readOptions } from '../support/runner.ts'
import { corpus } from './corpus.ts'
import { attackOf, bytesOf, requestsOf, type Request } from './requests.ts'
import { connect, FAULTY, setStage, STEERED, type Stage } from './stage.ts'
import { learn } from './surface.ts'
import { exchange, type Answer } from './wire.ts'

const USAGE = `Usage: npm run fuzz -- [--requests N] [--seed S] [--only INDEX]
  --requests N   how many are sent (5000); the first ${corpus.length} are the known attacks
  --seed S       from which the others are made (18)
  --only INDEX   sends this one alone, and shows it and its answer`
/** So many mocks are asked at the same time, each one thing after the other: what goes wrong is of what was asked last. */
const LANES = 4
/** After so many, the journal is read, and a new stage set: what they have ended or removed is there again. */
const BATCH = 100
const HEALTH_MS = 1000
/** A mock that is silent for so long is given up, and another started. */
const DEAD_MS = 10_000
/** For a request that is not whole, until its client ends it; and what the mock then waits for the rest (src/http/answer.ts). */
const CUT = { endAfterMs: 500, moreMs: 3000 }
/** What was slow or silent is asked so often again, and is a finding where it is so each time. */
const TRIES = 3
/** What a request has begun may go wrong when the next ones are asked: so many are asked again. */
const SUSPECTS = 8
const FINDINGS = 5
/** What the runtime says of CONNECT, and of a fault that breaks an answer off. */
const KNOWN_LINES = ['does not export a connect() function', 'a fault breaks the answer off']
const JOURNAL = 'requests requests/unmatched coverage view sessions faults settings sandboxes'.split(' ')

type Finding = { index?: number; flaw: string; answer?: Answer }

const flags = readOptions(USAGE, { requests: 5000, seed: 18, only: '' })
const say = (text: string) => void process.stdout.write(`${text}\n`)

const figures = {
  bindings: new Map<string, number>(),
  statuses: new Map<number, number>(),
  slowest: { tookMs: 0, index: -1 },
  healthMs: 0,
  noise: 0,
}
const count = <K>(map: Map<K, number>, key: K) => void map.set(key, (map.get(key) ?? 0) + 1)
const findings: Finding[] = []
const isEnough = () => findings.length >= FINDINGS
function found(finding: Finding): void {
  findings.push(finding)
  show(finding)
}

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

/** A mock of its own, and what is asked of it. */
class Lane {
  #mock: Awaited<ReturnType<typeof launch>> | undefined
  #secrets: string[] = []
  #lineFlaw: string | undefined
  #recent: number[] = []

  /** As users start it, and able to be killed in the middle of anything. */
  async url(): Promise<string> {
    const args = [COMMAND, '--port', '0', '--verbose']
    this.#mock ??= await launch(/Ctrl-C/, process.execPath, args, { hear: (line) => this.#hear(line) })
    return this.#mock.url
  }

  async stop(): Promise<void> {
    await this.#mock?.stop('SIGKILL')
    this.#mock = undefined
  }

  async newStage(attempts = 5): Promise<Stage> {
    try {
      const stage = await setStage(await this.url(), stages++)
      this.#secrets = [...this.#secrets, ...stage.secrets].slice(-100)
      return stage
    } catch (error) {
      // The last request may have left the mock busy.
      if (attempts === 0) throw error
      return this.newStage(attempts - 1)
    }
  }

  async send(indexes: number[]): Promise<void> {
    let stage = await this.newStage()
    for (const index of indexes) {
      if (isEnough()) return
      this.#recent = [index, ...this.#recent].slice(0, SUSPECTS)
      const { binding, head } = requestAt(index)
      const { answer, flaw, doubt } = await this.ask(index, stage)
      count(figures.bindings, binding)
      count(figures.statuses, answer.status)
      if (answer.tookMs > figures.slowest.tookMs) figures.slowest = { tookMs: answer.tookMs, index }
      if (flaw !== undefined) found({ index, flaw, answer })
      else if (doubt !== undefined && !(await this.#explain())) figures.noise += 1
      // All logins have ended.
      if (doubt !== undefined || head.startsWith('POST /__admin/sandboxes/reset')) stage = await this.newStage()
    }
    await this.#readJournal(stage, indexes)
  }

  /** `flaw` is wrong whatever the machine does; `doubt` may be the machine's, or of what was asked before. */
  async ask(index: number, stage: Stage, crowding = 1) {
    const request = requestAt(index)
    const url = await this.url()
    const cut = request.isCut ? CUT : { moreMs: 0 }
    const answer = await exchange(url, bytesOf(request, stage.fill), { answerMs: 2 * DEAD_MS, ...cut })
    const health = await this.#adminGet('health', STEERED)
    figures.healthMs = Math.max(figures.healthMs, health.tookMs)
    const flaw = flawOf(request, stage.fill(request.head), answer, stage.secrets)
    const line = this.#lineFlaw
    this.#lineFlaw = undefined
    const isLate = health.status !== 200 || health.tookMs > crowding * HEALTH_MS
    if (health.status !== 200) await this.stop()
    const slow = answer.tookMs > crowding * SLOW_MS + cut.moreMs ? `the answer took ${ms(answer)}` : undefined
    const late = isLate ? `health was answered ${health.status} after ${ms(health)} afterwards` : undefined
    const doubt = slow ?? late ?? line ?? (answer.status === 0 ? flaw : undefined)
    return { answer, ...(flaw !== undefined && doubt === undefined && { flaw }), ...(doubt !== undefined && { doubt }) }
  }

  /** Asks again, with a stage of its own each time: what is wrong then, each time, is so by itself. */
  async tryAgain(index: number): Promise<Finding | undefined> {
    for (let times = 1; ; times += 1) {
      const stage = await this.newStage()
      const crowding = crowdingNow()
      const { answer, flaw, doubt } = await this.ask(index, stage, crowding)
      // The journal writes what it was told a little later, or when it is read.
      const journal = await this.#adminGet('requests', stage.fill('~user.0~'))
      const late = journal.tookMs > crowding * SLOW_MS ? `the journal took ${ms(journal)} afterwards` : undefined
      const seen = flaw ?? doubt ?? late
      if (seen === undefined) return undefined
      if (flaw !== undefined || times === TRIES) return { index, flaw: seen, answer }
    }
  }

  #hear(line: string): void {
    const secret = this.#secrets.find((each) => line.includes(each))
    if (secret !== undefined) this.#lineFlaw = `the log tells a secret: ${line.slice(0, 500)}`
    else if (/"level":"error"|Uncaught/.test(line) && !KNOWN_LINES.some((known) => line.includes(known)))
      this.#lineFlaw = `the log has ${line.slice(0, 500)}`
  }

  async #adminGet(path: string, sandbox: string): Promise<Answer> {
    const url = await this.url()
    const head = [`GET /__admin/${path} HTTP/1.1`, `host: ${new URL(url).host}`, `x-mock-sandbox: ${sandbox}`]
    const sent = [...head, 'connection: close', '', ''].join('\r\n')
    return exchange(url, Buffer.from(sent), { answerMs: DEAD_MS })
  }

  /** One of the last requests was it; or it was the machine, where none is wrong again. */
  async #explain(): Promise<boolean> {
    for (const suspect of this.#recent.splice(0)) {
      const finding = await this.tryAgain(suspect)
      if (!finding) continue
      found(finding)
      return true
    }
    return false
  }

  /** What was noted of odd requests is read, and leaves nothing that cannot be. */
  async #readJournal(stage: Stage, indexes: number[]): Promise<void> {
    for (const sandbox of [stage.fill('~user.0~'), STEERED, FAULTY])
      for (const path of JOURNAL) {
        const answer = await this.#adminGet(path, sandbox)
        const head = `GET /__admin/${path} HTTP/1.1\r\n`
        const flaw = flawOf({ binding: 'admin', what: path, head, body: '' }, head, answer, stage.secrets)
        const wrong = flaw ?? (answer.status === 200 ? undefined : `the status ${answer.status}`)
        const asked = `/__admin/${path} of ${sandbox} after ${indexes[0]} to ${indexes.at(-1)}`
        if (wrong !== undefined) found({ flaw: `${asked}: ${wrong}`, answer })
      }
  }
}
let stages = 0
const ms = ({ tookMs }: Answer) => `${Math.round(tookMs)} ms`

const lanes = Array.from({ length: LANES }, () => new Lane())
const stopAll = () => Promise.all(lanes.map((lane) => lane.stop()))
let made: ReturnType<typeof requestsOf> | undefined
function requestAt(index: number): Request {
  const attack = corpus[index]
  if (attack) return attackOf(attack)
  const [request] = made ? fc.sample(made, { seed: (flags.seed * 1_000_003 + index) | 0, numRuns: 1 }) : []
  if (!request) throw new Error('fast-check has made no request.')
  return request
}

const escape = (bytes: Buffer) => {
  const text = bytes
    .toString('latin1')
    .replaceAll(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
  const lines = text.replaceAll(String.raw`\x0d\x0a`, '\\r\\n\n    ')
  return lines.length > 1500 ? `${lines.slice(0, 1500)}… (${bytes.length} bytes)` : lines
}
function show({ index, flaw, answer }: Finding): void {
  say(`\nFINDING${index === undefined ? '' : ` at ${index}`}: ${flaw}`)
  if (index !== undefined) {
    const request = requestAt(index)
    say(`  ${request.binding}: ${request.what}`)
    say(`    ${escape(bytesOf(request, (text) => text))}`)
    say(`  again: npm run fuzz -- --seed ${flags.seed} --only ${index}`)
  }
  if (answer)
    say(
      `  answer: ${answer.status} in ${ms(answer)} ${answer.headers.get('content-type') ?? ''}\n    ${escape(Buffer.from(answer.text))}`,
    )
}

/** What every client does: it still can. */
async function liveNormally(lane: Lane): Promise<void> {
  const { updateSessions } = await connect(await lane.url(), 'fuzz-afterwards')
  const id = await updateSessions.create({ library_item_id: ITEM })
  await updateSessions.cancel(id)
  const refusal = await updateSessions.cancel(id).catch((error: unknown) => error)
  if (!(refusal instanceof Refusal && refusal.status === 400))
    found({ flaw: `afterwards a second cancel was answered ${String(refusal)}` })
}

async function runOnly(lane: Lane, index: number): Promise<void> {
  const { answer } = await lane.ask(index, await lane.newStage())
  const finding = await lane.tryAgain(index)
  show(finding ?? { index, flaw: 'none', answer })
  process.exitCode = finding ? 1 : 0
}

const list = <K>(map: Map<K, number>) =>
  [...map]
    .toSorted(([, a], [, b]) => b - a)
    .map(([key, times]) => `${String(key)} ${times}`)
    .join(', ')

async function runAll(): Promise<void> {
  const startedAt = performance.now()
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0)
  const { requests, seed } = flags
  say(`seed ${seed}, ${requests} requests, the first ${Math.min(corpus.length, requests)} of them known attacks`)
  const all = Array.from({ length: requests }, (_, index) => index)
  const batches = Array.from({ length: Math.ceil(requests / BATCH) }, (_, at) =>
    all.slice(at * BATCH, (at + 1) * BATCH),
  )
  await inLanes(batches, lanes, async (indexes, lane) => {
    await lane.send(indexes)
    say(`to ${indexes.at(-1)} in ${seconds()} s, ${findings.length} findings`)
  })
  for (const lane of lanes)
    await liveNormally(lane).catch((error: unknown) => found({ flaw: `afterwards: ${String(error)}` }))

  say(`\nrequests   ${list(figures.bindings)}`)
  say(`answers    ${list(figures.statuses)} (0: none, to a request that is not whole)`)
  say(`slowest    ${Math.round(figures.slowest.tookMs)} ms at ${figures.slowest.index}`)
  say(`health     at most ${Math.round(figures.healthMs)} ms after a request`)
  say(`noise      ${figures.noise} times something was slow, and not again`)
  say(`${findings.length} findings in ${seconds()} s, seed ${seed}`)
  process.exitCode = findings.length === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().then(() => process.exit(130)))
try {
  const [first = new Lane()] = lanes
  made = requestsOf(await learn(await first.url()))
  await (flags.only === '' ? runAll() : runOnly(first, Number(flags.only)))
} finally {
  await stopAll()
}
