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
  --only INDEX   sends this one alone, or these, as 600,601, together; and shows them and the answer`
/** So many mocks are asked at the same time: what goes wrong is of what its own mock was asked last. */
const LANES = 4
/** After so many, the journal is read, and a new stage set: what they have ended or removed is there again. */
const BATCH = 100
/** In each second batch so many are asked together, and a client lives beside them; in the others one after the other. */
const TOGETHER = 5
const LIFE_MS = 4000
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

/** `indexes` are of what was asked together. */
type Finding = { indexes?: number[]; flaw: string; answer?: Answer }

const flags = readOptions(USAGE, { requests: 5000, seed: 18, only: '' })
const say = (text: string) => void process.stdout.write(`${text}\n`)

const figures = {
  bindings: new Map<string, number>(),
  statuses: new Map<number, number>(),
  slowest: { tookMs: 0, index: -1 },
  healthMs: 0,
  lifeMs: 0,
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
    for (const group of groupsOf(indexes)) {
      if (isEnough()) return
      this.#recent = [...group, ...this.#recent].slice(0, SUSPECTS)
      const { asked, flawed, doubt } = await this.askTogether(group, stage)
      for (const { index, answer } of asked) {
        count(figures.bindings, requestAt(index).binding)
        count(figures.statuses, answer.status)
        if (answer.tookMs > figures.slowest.tookMs) figures.slowest = { tookMs: answer.tookMs, index }
      }
      if (flawed) found(flawed)
      else if (doubt !== undefined && !(await this.#explain(group))) figures.noise += 1
      if (doubt !== undefined || group.some(endsLogins)) stage = await this.newStage()
    }
    await this.#readJournal(stage, indexes)
  }

  /** `flawed` is wrong whatever the machine does; `doubt` may be the machine's, or of what was asked before. */
  async askTogether(indexes: number[], stage: Stage, crowding = 1) {
    const url = await this.url()
    const asking = Promise.all(indexes.map((index) => this.#ask(index, stage, crowding)))
    const life = indexes.length === 1 ? undefined : await lifeBeside(asking, url, crowding)
    const asked = await asking
    const wrong = asked.find(({ flaw }) => flaw !== undefined)
    const doubt = asked.find((each) => each.doubt !== undefined)?.doubt ?? life
    const flawed = wrong?.flaw === undefined ? undefined : { indexes, flaw: wrong.flaw, answer: wrong.answer }
    return { asked, flawed, doubt }
  }

  async #ask(index: number, stage: Stage, crowding = 1) {
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
    return { index, answer, flaw: doubt === undefined ? flaw : undefined, doubt }
  }

  /** Asks again, with a stage of its own each time: what is wrong then, each time, is so by itself. */
  async tryAgain(indexes: number[]): Promise<Finding | undefined> {
    for (let times = 1; ; times += 1) {
      const stage = await this.newStage()
      // One waits for the others.
      const crowding = crowdingNow() * (indexes.length > 1 ? 2 : 1)
      const { asked, flawed, doubt } = await this.askTogether(indexes, stage, crowding)
      if (flawed) return flawed
      // The journal writes what it was told a little later, or when it is read.
      const journal = await this.#adminGet('requests', stage.fill('~user.0~'))
      const late = journal.tookMs > crowding * SLOW_MS ? `the journal took ${ms(journal)} afterwards` : undefined
      const flaw = doubt ?? late
      if (flaw === undefined) return undefined
      const { answer } = asked.find((each) => each.doubt !== undefined) ?? {}
      if (times === TRIES) return { indexes, flaw, ...(answer && { answer }) }
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

  /** One of the last requests was it, or those of this group together; or it was the machine, where none is wrong again. */
  async #explain(group: number[]): Promise<boolean> {
    const suspects = this.#recent.splice(0).map((index) => [index])
    for (const indexes of group.length > 1 ? [...suspects, group] : suspects) {
      const finding = await this.tryAgain(indexes)
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
const ms = ({ tookMs }: { tookMs: number }) => `${Math.round(tookMs)} ms`

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

const endsLogins = (index: number) => requestAt(index).head.startsWith('POST /__admin/sandboxes/reset')
/** Known attacks are asked one by one, and what ends all logins: that of the client beside them, too. */
const isAlone = (index: number) => Math.floor(index / BATCH) % 2 === 0 || index < corpus.length || endsLogins(index)
function groupsOf(indexes: number[]): number[][] {
  const [alone, others] = [indexes.filter(isAlone), indexes.filter((index) => !isAlone(index))]
  const groups = others.flatMap((_, at) => (at % TOGETHER === 0 ? [others.slice(at, at + TOGETHER)] : []))
  return [...alone.map((index) => [index]), ...groups]
}

const escape = (bytes: Buffer) => {
  const text = bytes
    .toString('latin1')
    .replaceAll(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
  const lines = text.replaceAll(String.raw`\x0d\x0a`, '\\r\\n\n    ')
  return lines.length > 1500 ? `${lines.slice(0, 1500)}… (${bytes.length} bytes)` : lines
}
function show({ indexes, flaw, answer }: Finding): void {
  say(`\nFINDING${indexes ? ` at ${indexes.join()}` : ''}: ${flaw}`)
  for (const index of indexes ?? []) {
    const request = requestAt(index)
    say(`  ${request.binding}: ${request.what}`)
    say(`    ${escape(bytesOf(request, (text) => text))}`)
  }
  if (indexes) say(`  again: npm run fuzz -- --seed ${flags.seed} --only ${indexes.join()}`)
  if (answer)
    say(
      `  answer: ${answer.status} in ${ms(answer)} ${answer.headers.get('content-type') ?? ''}\n    ${escape(Buffer.from(answer.text))}`,
    )
}

let clients = 0
/** What every client does: it still can. */
async function liveNormally(url: string): Promise<void> {
  const { updateSessions } = await connect(url, `fuzz-client-${(clients += 1)}`)
  const id = await updateSessions.create({ library_item_id: ITEM })
  await updateSessions.cancel(id)
  const refusal = await updateSessions.cancel(id).catch((error: unknown) => error)
  if (refusal instanceof Refusal && refusal.status === 400) return
  throw new Error(`a second cancel was answered ${String(refusal)}`)
}

/** What went wrong for a client that behaves, and lives again until the others are answered. */
async function lifeBeside(others: Promise<unknown>, url: string, crowding: number): Promise<string | undefined> {
  const group = { isAnswered: false }
  void others.finally(() => (group.isAnswered = true))
  do {
    const startedAt = performance.now()
    const failed = await liveNormally(url).catch((error: unknown) => `a client beside them met ${String(error)}`)
    const tookMs = performance.now() - startedAt
    figures.lifeMs = Math.max(figures.lifeMs, tookMs)
    if (failed !== undefined) return failed
    if (tookMs > crowding * LIFE_MS) return `a client beside them lived for ${ms({ tookMs })}`
  } while (!group.isAnswered)
  return undefined
}

async function runOnly(lane: Lane, indexes: number[]): Promise<void> {
  const [first] = (await lane.askTogether(indexes, await lane.newStage())).asked
  const finding = await lane.tryAgain(indexes)
  show(finding ?? { indexes, flaw: 'none', ...(first && { answer: first.answer }) })
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
    await liveNormally(await lane.url()).catch((error: unknown) => found({ flaw: `afterwards: ${String(error)}` }))

  say(`\nrequests   ${list(figures.bindings)}`)
  say(`answers    ${list(figures.statuses)} (0: none, to a request that is not whole)`)
  say(`slowest    ${Math.round(figures.slowest.tookMs)} ms at ${figures.slowest.index}`)
  say(`health     at most ${Math.round(figures.healthMs)} ms after a request`)
  say(`a client   lived beside others for at most ${Math.round(figures.lifeMs)} ms`)
  say(`noise      ${figures.noise} times something was slow, and not again`)
  say(`${findings.length} findings in ${seconds()} s, seed ${seed}`)
  process.exitCode = findings.length === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().then(() => process.exit(130)))
try {
  const [first = new Lane()] = lanes
  made = requestsOf(await learn(await first.url()))
  await (flags.only === '' ? runAll() : runOnly(first, flags.only.split(',').map(Number)))
} finally {
  await stopAll()
}
