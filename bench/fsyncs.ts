// How often a process waits for its disk, as strace counts it: the measure of a commit that other load does not change.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const CALLS = ['fsync', 'fdatasync']

/** Counted while the work goes on, for the runtime that this process has started; nothing where there is no strace. */
export async function countFsyncs(pid: number, work: () => Promise<void>): Promise<number | undefined> {
  const [runtime] = below(pid).filter((each) => nameOf(each) === 'workerd')
  const strace = spawn('strace', ['-f', '-c', '-e', `trace=${CALLS.join(',')}`, '-p', `${runtime}`])
  let told = ''
  strace.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
  const closed = once(strace, 'close').catch(() => undefined)
  const begun = once(strace.stderr, 'data')
  if (await Promise.race([begun.then(() => false), closed.then(() => true)])) return undefined
  await work()
  strace.kill('SIGINT')
  await closed
  // A line for each kind of call: its share of time, seconds, time for each, how many, perhaps how many errors, its name.
  const lines = told.split('\n').map((line) => line.trim().split(/\s+/))
  return lines.reduce((sum, line) => (CALLS.includes(line.at(-1) ?? '') ? sum + Number(line[3]) : sum), 0)
}

const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

function below(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
  return children.flatMap((child) => [child, ...below(child)])
}
