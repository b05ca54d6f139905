// `npm run differ -- REV`: asks the worker of another revision and that of the working copy the same, and tells what differs.
import { setTimeout as pause } from 'node:timers/promises'
import { operations } from '../../src/operations/index.ts'
import type { SessionView } from '../../src/admin/view-shapes.ts'
import { listen } from '../support/listen.ts'
import { each, readOptions, refuse } from '../support/runner.ts'
import { CELLS, everyCell } from './cells.ts'
import { Comparison, type Answer, type Difference } from './comparison.ts'
import { chapters } from './sequence.ts'
import { buildHere, checkOut, start, type Server } from './server.ts'
import { BINDINGS, spell } from '../support/spelling.ts'
import { admin, type Step, type Wait } from './step.ts'

const USAGE = 'Usage: npm run differ -- REV [--requests 5000] [--seed 1]'
const WAIT_MS = 10_000
/** Each is one thread of requests, and no thread sees another's sandbox. */
const LANES = 6
/** Of what differs, so many kinds are printed, so many parts of each, and so many characters around a difference. */
const [PRINTED, PARTS, EXCERPT] = [40, 4, 160]

const { requests, seed, given } = readOptions(USAGE, { requests: 5000, seed: 1 })
const [revision = refuse('Name a revision.', USAGE)] = given
const say = (line = '') => void process.stdout.write(`${line}\n`)

/** A server with what earlier answers of its gave. */
type Side = Server & { slots: Map<string, string> }
type Found = { name: string; request: string; differences: Difference[]; bodies: [string, string]; times: number }

const startedAt = performance.now()
say(`building ${revision} and the working copy`)
const [{ folder, remove }] = await Promise.all([checkOut(revision), buildHere()])
const source = await listen((asked, response) => {
  if (asked.url === '/file') response.end('hello')
  else if (asked.url !== '/never') response.writeHead(404).end()
})
const sides = await Promise.all(
  [folder, '.'].map(async (each): Promise<Side> => ({
    ...(await start(each)),
    slots: new Map([['source', source.url]]),
  })),
)
const comparison = new Comparison()
const found = new Map<string, Found>()
const statuses = new Map<string, number>()
const succeeded = new Set<string>()
const errors = new Set<string>()
let [sent, different] = [0, 0]
try {
  say(`asking both: the ${CELLS} cells and ${requests} requests of any kind, seed ${seed}`)
  await each([...everyCell(), ...chapters(seed, requests)], LANES, async (steps) => {
    for (const step of steps) await take(step)
  })
} finally {
  await Promise.all(sides.map(({ stop }) => stop()))
  await source.stop()
  await remove()
}
report()

async function take(step: Step | Wait): Promise<void> {
  if ('until' in step) return void (await Promise.all(sides.map((side) => wait(side, step))))
  sent += 1
  if (sent % 1000 === 0) say(`${sent} requests, ${different} answers differ; ${seconds()} s`)
  let [before, after] = await ask(step)
  let differences = comparison.compare(before, after)
  for (let again = 0; step.isRead && differences.length > 0 && again < 5; again += 1) {
    await pause(20)
    ;[before, after] = await ask(step)
    differences = comparison.compare(before, after)
  }
  const kind = `${kindOf(step.name)} ${Math.floor(after.status / 100)}xx`
  statuses.set(kind, (statuses.get(kind) ?? 0) + 1)
  if (isGood(after)) succeeded.add(step.name)
  for (const [, type = ''] of after.body.matchAll(/"error_type":(?:\{"OPTIONAL":)?"(\w+)"/g)) errors.add(type)
  if (differences.length > 0) keep(step, differences, [before.body, after.body])
}

async function ask(step: Step): Promise<[Answer, Answer]> {
  const [before, after] = await Promise.all(
    sides.map(async (side) => {
      const answer = await side.ask(filled(step, side))
      const { slot, pattern } = step.takes ?? {}
      const match = isGood(answer) ? pattern?.exec([...answer.headers.flat(), answer.body].join('\n')) : undefined
      if (slot !== undefined && match) side.slots.set(slot, match[1] ?? match[0])
      return answer
    }),
  )
  if (!before || !after) throw new Error('There are two sides.')
  return [before, after]
}

/** JSON-RPC answers everything with 200. */
function isGood({ status, body }: Answer): boolean {
  return status >= 200 && status < 300 && !/"(?:error|ERROR)":/.test(body)
}

/** What an earlier answer did not give is an id that is not known. */
function filled(step: Step, { slots }: Side): Step {
  const fill = (text: string) => text.replaceAll(/\{\{(.*?)\}\}/g, (_, slot: string) => slots.get(slot) ?? 'not-given')
  const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, fill(value)]))
  const path = fill(step.path)
  return {
    ...step,
    headers,
    path: path.startsWith('/') ? path : `/${path}`,
    ...(step.body !== undefined && { body: fill(step.body) }),
  }
}

async function wait(side: Side, { user, until }: Wait): Promise<void> {
  const endsAt = performance.now() + WAIT_MS
  for (;;) {
    const { body } = await side.ask(admin(user, 'GET', '/sessions'))
    if (until((JSON.parse(body) as { sessions: SessionView[] }).sessions)) return
    if (performance.now() > endsAt) throw new Error(`The sessions of ${user} do not become what is waited for: ${body}`)
    await pause(10)
  }
}

function keep(step: Step, differences: Difference[], bodies: [string, string]): void {
  different += 1
  const key = `${step.name}: ${differences.map(({ part }) => part).join(', ')}`
  const known = found.get(key)
  if (known) known.times += 1
  else
    found.set(key, {
      name: step.name,
      request: [`${step.method} ${step.path}`, step.body ?? ''].join(' ').trim().slice(0, 300),
      differences,
      bodies,
      times: 1,
    })
}

function report(): void {
  const kinds = Array.from(statuses, ([kind, times]) => `${kind} ${times}`)
  say(`answers: ${kinds.toSorted().join(', ')}`)
  say(`errors: ${[...errors].toSorted().join(', ')}`)
  const never = names().filter((name) => !succeeded.has(name))
  say(`succeeded never, so compared in refusals alone: ${never.length === 0 ? 'none' : never.join(', ')}`)
  for (const { name, request, differences, bodies, times } of [...found.values()].slice(0, PRINTED)) {
    say(`\n${name}${times > 1 ? `, ${times} times; the first:` : ':'}`)
    say(`  ${request}`)
    for (const { part, before, after } of differences.slice(0, PARTS)) {
      const from = Math.max(0, firstDifference(before, after) - EXCERPT / 4)
      say(`  ${part}`)
      say(`    before: ${excerpt(before, from)}`)
      say(`    after:  ${excerpt(after, from)}`)
    }
    if (differences.length <= PARTS) continue
    say(`  and ${differences.length - PARTS} parts more of`)
    for (const body of bodies) say(`    ${excerpt(body, 0)}`)
  }
  if (found.size > PRINTED) say(`\nand ${found.size - PRINTED} kinds of differences more`)
  say(`\n${different} of ${sent} answers differ; seed ${seed}, ${seconds()} s`)
  process.exitCode = different > 0 ? 1 : 0
}

/** Every operation through every binding that has it. */
function names(): string[] {
  const caller = { token: '', user: '' }
  return [...operations.values()].flatMap((operation) =>
    BINDINGS.filter((binding) => binding !== '/api' || !operation.isLegacy).map(
      (binding) => spell(binding, operation, {}, caller).name,
    ),
  )
}

function firstDifference(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}

function excerpt(text: string, from: number): string {
  const shown = JSON.stringify(text.slice(from, from + EXCERPT)).slice(1, -1)
  return `${from > 0 ? '…' : ''}${shown}${text.length > from + EXCERPT ? '…' : ''}`
}

function kindOf(name: string): string {
  const [first = ''] = name.split(' ')
  return ['/api', '/rest', 'JSON-RPC', 'SOAP', 'admin', 'upload', 'download'].includes(first) ? first : 'other'
}

function seconds(): string {
  return ((performance.now() - startedAt) / 1000).toFixed(0)
}
