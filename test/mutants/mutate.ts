// Puts each mutant of the tables into a copy of the checkout, runs the tests of its subject, and says which survive.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { inLanes, readOptions, refuse } from '../support/runner.ts'
import type { Mutant } from './mutant.ts'

const USAGE =
  'Usage: npm run mutate -- [TEXT]: all mutants, or those whose table and name contain it, as "races: An alarm"'
/** Two copies of the checkout are in use at once. */
const COPIES = 2
/** A run that takes longer than this for each test file has met an endless loop. */
const LIMIT_MS = 300_000
const ROOT = new URL('../..', import.meta.url).pathname
const TABLES = join(ROOT, 'test/mutants')

type Verdict = { type: 'killed' | 'SURVIVED' | 'UNUSABLE'; why: string }
type Place = { path: string; source: string }
type Tests = { name: string; status: string; message: string; assertionResults: { status: string; fullName: string }[] }

const folder = fs.mkdtempSync(join(tmpdir(), 'mutants-'))
// Tests that run as another user read it, too.
fs.chmodSync(folder, 0o755)
const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) kill(child)
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

/** Each child leads a process group, with its own children in it. */
function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
}

async function chosenMutants(): Promise<Mutant[]> {
  const [text = ''] = readOptions(USAGE, {}).given
  const tables = fs.readdirSync(TABLES).filter((file) => !['mutant.ts', 'mutate.ts'].includes(file))
  const all: Mutant[] = []
  for (const table of tables) {
    const { mutants } = (await import(join(TABLES, table))) as { mutants: Mutant[] } // as every table exports them
    all.push(...mutants.map((mutant) => ({ ...mutant, name: `${table.replace('.ts', '')}: ${mutant.name}` })))
  }
  const chosen = all.filter(({ name }) => name.includes(text))
  return chosen.length > 0 ? chosen : refuse(`The name of no mutant contains "${text}".`, USAGE)
}

/** All files of git, and those that are not committed yet. */
const filesOf = (path: string) =>
  execFileSync('git', ['ls-files', '-zco', '--exclude-standard', path], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && fs.existsSync(join(ROOT, file)))

function copyCheckout(copy: string): string {
  for (const file of filesOf('.')) fs.cpSync(join(ROOT, file), join(copy, file))
  // Each package is linked by itself: what tools write beside the packages stays in the copy.
  fs.mkdirSync(join(copy, 'node_modules'))
  const packages = fs.readdirSync(join(ROOT, 'node_modules')).filter((name) => name === '.bin' || !name.startsWith('.'))
  for (const name of packages) fs.symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name))
  return copy
}

/** The one place that has the mutant's text, or why the mutant cannot be used. */
function placeOf({ text, tests }: Mutant, sources: Place[]): Place | string {
  if (!tests.every((test) => fs.existsSync(join(ROOT, test)))) return `not all exist of ${tests.join(', ')}`
  const [place, ...others] = sources.flatMap((each) =>
    each.source
      .split(text)
      .map(() => each)
      .slice(1),
  )
  if (!place) return 'its text is not found'
  return others.length === 0 ? place : `its text is found ${others.length + 1} times`
}

/** Runs test files in a copy until the first one fails; or to their ends. */
async function runTests(copy: string, tests: string[], until: 'first failure' | 'end'): Promise<Verdict> {
  const file = join(copy, 'report.json')
  fs.rmSync(file, { force: true })
  const bail = until === 'first failure' ? ['--bail=1'] : []
  const isInWorkerd = tests.every((test) =>
    /^test\/(rules|operations|sandbox|content|http|bindings|admin)\//.test(test),
  )
  // The stories are the same in the runtime of the command, which would need a built worker.
  const projects = '--project=!slow-stories'
  const report = ['--reporter=json', `--outputFile=${file}`]
  const args = ['run', '--config', 'test/vitest.config.ts', projects, ...bail, ...report, ...tests]
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd: copy,
    detached: true,
    stdio: ['ignore', 'ignore', fs.openSync(join(copy, 'errors.txt'), 'w')],
    env: { ...process.env, ...(isInWorkerd && { BUILD_WORKER: 'no' }) },
  })
  children.add(child)
  const signal = AbortSignal.timeout(LIMIT_MS * tests.length)
  const exit = (await once(child, 'exit', { signal }).catch(() => undefined)) as [code: number | null] | undefined // as documented
  kill(child)
  children.delete(child)
  if (!exit) return { type: 'killed', why: 'the run did not end' }
  if (!fs.existsSync(file))
    return { type: 'UNUSABLE', why: `no report: ${fs.readFileSync(join(copy, 'errors.txt'), 'utf8')}` }
  const { testResults } = JSON.parse(fs.readFileSync(file, 'utf8')) as { testResults: Tests[] }
  for (const { name, assertionResults } of testResults)
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') return { type: 'killed', why: `${relative(copy, name)}: ${fullName}` }
  const broken = testResults.find(({ status }) => status === 'failed')
  if (broken) return { type: 'UNUSABLE', why: `${relative(copy, broken.name)}: ${broken.message.split('\n')[0]}` }
  const [code] = exit
  if (code === 0) return { type: 'SURVIVED', why: tests.join(', ') }
  // A run that stops at its first failure sometimes ends before it has reported it.
  if (until === 'first failure') return runTests(copy, tests, 'end')
  return { type: 'UNUSABLE', why: `no test failed, but vitest ended with ${code}` }
}

async function judge(mutant: Mutant, copy: string, place: Place | string): Promise<Verdict> {
  if (typeof place === 'string') return { type: 'UNUSABLE', why: place }
  const path = join(copy, place.path)
  fs.writeFileSync(
    path,
    place.source.replace(mutant.text, () => mutant.becomes),
  )
  const verdict = await runTests(copy, mutant.tests, 'first failure')
  fs.writeFileSync(path, place.source)
  return verdict
}

const mutants = await chosenMutants()
const sources = filesOf('src').map((path) => ({ path, source: fs.readFileSync(join(ROOT, path), 'utf8') }))
const copies = Array.from({ length: COPIES }, (_, at) => copyCheckout(join(folder, `${at}`)))
const tests = [...new Set(mutants.flatMap(({ tests }) => tests))].filter((test) => fs.existsSync(join(ROOT, test)))
process.stdout.write(`${mutants.length} mutants; first their ${tests.length} test files without one\n`)
const unharmed = await runTests(copies[0] ?? '', tests, 'first failure')
if (unharmed.type !== 'SURVIVED') refuse(`The tests fail without a mutant: ${unharmed.why}`, '')

const counts = { killed: 0, SURVIVED: 0, UNUSABLE: 0 }
await inLanes(mutants, copies, async (mutant, copy) => {
  const { type, why } = await judge(mutant, copy, placeOf(mutant, sources))
  counts[type] += 1
  process.stdout.write(`${type.padEnd(8)} ${mutant.name} | ${why}\n`)
})
process.stdout.write(`${counts.killed} killed, ${counts.SURVIVED} survived, ${counts.UNUSABLE} unusable\n`)
process.exit(counts.killed === mutants.length ? 0 : 1)
