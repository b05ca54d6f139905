// Kills the mock at every step: each scenario, at each point that it passes, before and after it. The same with an error
// thrown there, and with everything told twice there. What was answered must hold, and bucket and tables must agree.
import { AssertionError } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '../../src/client/client.ts'
import { inLanes, readOptions } from '../support/runner.ts'
import { aWorld, soon, verify } from './claims.ts'
import { startMock, type Mock } from './mock.ts'
import { type Action, type Choice, type Side } from './point.ts'
import { buildPoints, nameOf, type Point } from './points.ts'
import { scenarios, type Scenario } from './scenarios.ts'
import { startSource, type Source } from './source.ts'

const BREAKS_OFF = 'a download that breaks off stores nothing'
const LENDS = 'only where others wait does a transfer lend its buffers'
const BY_FILE = 'only a damaged sandbox on a disk is removed by its file'
const BY_NAME = 'only a sandbox whose file is lost is removed by its marker alone'
/** Points that no scenario passes, by what stands there, each with its reason. */
const UNREACHED: Record<string, string> = {
  'await storage.setAlarm(Date.now())': 'only a pull of more than ten minutes has a second alarm',
  'await plain.then(() => true, isTold)': 'only a source without a trusted certificate is asked without TLS',
  'await follow(uri, pullHosts, pullStallMs, init).catch(broken': 'a probe stores nothing',
  'await written': LENDS,
  'await put(restKey, buffers[0].subarray(0, filled))': LENDS,
  'await lendMemory(watch, 2 * body.pieceBytes)': LENDS,
  'await next()': LENDS,
  'await takeMemory(bufferBytes, watch)': LENDS,
  'await parts.get(restKey, 0, filled)': LENDS,
  'await new Response(rest).arrayBuffer()': LENDS,
  'await lend([buffer, other], filled)': LENDS,
  'await parts.deleteByPrefix(restKey)': LENDS,
  'await isHeld().catch(() => true)': BREAKS_OFF,
  'await logWhy(error)': BREAKS_OFF,
  'await logWhy(why)': BREAKS_OFF,
  'await writable.abort(why)': BREAKS_OFF,
  'this.#state.transact(false, ({ contents }) => contents.isHel': BREAKS_OFF,
  'await parts.deleteByPrefix(earlier)': 'only a login between two steps of a removal has earlier markers',
  'await alone(() => parts.deleteByPrefix(prefix).catch(() => u': 'only a disk has folders',
  'parts.list(PREFIX)': BY_FILE,
  'await parts.deleteByPrefix(key)': BY_FILE,
  'await this.ctx.blockConcurrencyWhile(async () => { // Where ': BY_NAME,
  'await this.#state.setAlarm(Date.now())': BY_NAME,
  "await deleteMarkersOf(this.ctx.id.name ?? '', this.#stores.p": BY_NAME,
}
/** Who answers nothing for so long stands still at the point, or is so busy that it may be killed here as well. */
const SILENCE_MS = 3000
const LOOK_MS = 250
/** What takes longer hangs. */
const RUN_MS = 150_000
const ACTIONS: Action[] = ['kill', 'throw', 'twice']
const USAGE = `Usage: npm run kills -- [--only TEXT] [--lanes N]
  --only TEXT  only the runs whose names hold this text: "kill before", a part of a point or of a scenario
  --lanes N    how many mocks run at the same time (4)`

type Job = { name: string; scenario: Scenario; choice: Choice }

const say = (text: string) => void process.stdout.write(`${text}\n`)

const keyOf = ({ at, side }: Choice) => `${at} ${side}`

/** Which points each scenario passes when nothing happens there. */
async function discover(state: string, source: Source, find: (what: string) => void): Promise<Map<Scenario, string[]>> {
  const mock = await startMock(state)
  const passedBy = new Map<Scenario, string[]>()
  for (const scenario of scenarios) {
    const world = aWorld(mock)
    try {
      const act = await scenario.prepare(world, source)
      await mock.choose()
      await act()
      await soon(() => expectIdle(mock))
      passedBy.set(scenario, (await mock.look()).passed)
      await verify(world, mock)
    } catch (error) {
      find(`undisturbed, in ${scenario.name}: ${String(error)}`)
    }
  }
  await mock.kill()
  return passedBy
}

async function expectIdle(mock: Mock): Promise<void> {
  const { underWay } = await mock.look()
  if (underWay > 0) throw new AssertionError({ message: `${underWay} alarms and reports are under way` })
}

/** Until it answers nothing for a while. */
async function untilSilent(mock: Mock): Promise<'still' | 'dead'> {
  const dead = mock.isDead.then(() => 'dead' as const)
  for (;;) {
    const heard = mock.look().then(
      () => 'heard' as const,
      () => dead,
    )
    const first = await Promise.race([heard, setTimeout(SILENCE_MS, 'still' as const, { ref: false })])
    if (first !== 'heard') return first
    await setTimeout(LOOK_MS)
  }
}

const within = <T>(ms: number, work: Promise<T>): Promise<T> =>
  Promise.race([work, setTimeout(ms, undefined, { ref: false }).then(() => Promise.reject(new Error('It hangs.')))])

class Lane {
  readonly #state: string
  readonly #source: Source
  #mock: Mock | undefined
  #log: string[] = []

  constructor(state: string, source: Source) {
    this.#state = state
    this.#source = source
  }

  /** Answers whether the point was passed. */
  async run({ scenario, choice }: Job): Promise<boolean> {
    this.#log = []
    try {
      const mock = await this.#start()
      const world = aWorld(mock)
      const act = await scenario.prepare(world, this.#source)
      const isKill = choice.action === 'kill'
      const isPassed = await (isKill ? this.#kill(mock, act, choice) : this.#disturb(mock, act, choice))
      await verify(world, await this.#start())
      return isPassed
    } catch (error) {
      await this.stop()
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
      throw new Error(`${String(error)} ${cause}\n${this.#log.slice(-12).join('\n')}`, { cause: error })
    }
  }

  async stop(): Promise<void> {
    await this.#mock?.kill()
    this.#mock = undefined
  }

  async #start(): Promise<Mock> {
    return (this.#mock ??= await startMock(this.#state, (line) => this.#log.push(line)))
  }

  async #kill(mock: Mock, act: () => Promise<void>, choice: Choice): Promise<boolean> {
    const acted = mock
      .choose(choice)
      .then(act)
      .catch((error: unknown) => error)
    const dead = mock.isDead.then(() => 'dead' as const)
    const idle = acted.then(() => soon(() => expectIdle(mock))).catch(() => dead)
    // A runtime that stands still at the point can be killed as well when its line was not read.
    const first = await Promise.race([dead, idle, untilSilent(mock)])
    await this.stop()
    const error = await acted
    // Who was refused was refused by a mock that lived.
    if (first !== 'still' && (error instanceof Refusal || error instanceof AssertionError)) throw error
    return first === 'dead' || first === 'still'
  }

  /** Who meets an error may be refused. Who is told twice must not notice. */
  async #disturb(mock: Mock, act: () => Promise<void>, { action, ...choice }: Choice): Promise<boolean> {
    await mock.choose({ ...choice, action })
    if (action === 'throw') await act().catch(() => undefined)
    else await act()
    await soon(() => expectIdle(mock))
    return (await mock.look()).passed.includes(keyOf({ ...choice, action }))
  }
}

async function main(): Promise<number> {
  const flags = readOptions(USAGE, { only: '', lanes: 4 })
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
  const points = await buildPoints()
  const state = await mkdtemp(join(tmpdir(), 'kills-'))
  const source = await startSource()
  const lanes = Array.from({ length: flags.lanes }, (_, at) => new Lane(join(state, `lane-${at}`), source))
  const findings: string[] = []
  const find = (what: string) => {
    findings.push(what)
    say(`FINDING ${what}`)
  }
  const done = { kill: 0, throw: 0, twice: 0 }
  const missed: string[] = []
  try {
    const passedBy = await discover(join(state, 'discovery'), source, find)
    say(`${points.length} points, ${scenarios.length} scenarios, after ${seconds()}`)
    unreached(points, passedBy).forEach(find)
    const jobs = jobsOf(points, passedBy, flags.only)
    say(`${jobs.length} runs`)
    const run = async (job: Job, lane: Lane, ifMissed: () => void) => {
      try {
        if (await within(RUN_MS, lane.run(job))) done[job.choice.action] += 1
        else ifMissed()
      } catch (error) {
        find(`${job.name}: ${error instanceof Error ? error.message : String(error)}`)
      }
      const count = done.kill + done.throw + done.twice
      if (count % 20 === 0) say(`${count} of ${jobs.length} after ${seconds()}`)
    }
    const again: Job[] = []
    await inLanes(jobs, lanes, (job, lane) => run(job, lane, () => again.push(job)))
    await inLanes(again, lanes, (job, lane) => run(job, lane, () => missed.push(job.name)))
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()))
    await source.stop()
    await rm(state, { recursive: true, force: true })
  }
  for (const name of missed) say(`not passed again: ${name}`)
  say(`${points.length} points: ${done.kill} kills, ${done.throw} errors thrown, ${done.twice} times told twice,`)
  say(`${missed.length} not passed again; ${findings.length} findings, after ${seconds()}`)
  return findings.length === 0 ? 0 : 1
}

const SIDES: Side[] = ['before', 'after']

/** Of the scenarios that pass a point, so many are run there. */
const DEPTH: Record<Action, number> = { kill: 3, throw: 1, twice: 1 }

function jobsOf(points: Point[], passedBy: Map<Scenario, string[]>, only: string): Job[] {
  // First those that pass few: what they pass is what they are for.
  const fewest = [...passedBy].toSorted(([, a], [, b]) => a.length - b.length)
  const choices = ACTIONS.flatMap((action) =>
    points
      // Only the platform breaks.
      .filter(({ isOwn }) => action !== 'throw' || !isOwn)
      .flatMap((point) => SIDES.map((side) => ({ point, choice: { at: point.at, side, action } }))),
  )
  return choices.flatMap(({ point, choice }) =>
    fewest
      .filter(([, passed]) => passed.includes(keyOf(choice)))
      .map(([scenario]) => ({ name: nameOfJob(choice, point, scenario), scenario, choice }))
      .filter(({ name }) => name.includes(only))
      .slice(0, DEPTH[choice.action]),
  )
}

const nameOfJob = ({ action, side }: Choice, point: Point, { name }: Scenario) =>
  `${action} ${side} ${nameOf(point)} in ${name}`

function unreached(points: Point[], passedBy: Map<Scenario, string[]>): string[] {
  const all = new Set([...passedBy.values()].flat())
  return points
    .filter(({ at }) => SIDES.some((side) => !all.has(`${at} ${side}`)))
    .flatMap((point) => {
      const reason = UNREACHED[point.text]
      say(`no scenario passes ${nameOf(point)}: ${reason ?? 'UNKNOWN'}`)
      return reason === undefined ? [`No scenario passes ${nameOf(point)}.`] : []
    })
}

process.exitCode = await main()
