// How often a runtime asks for what it has written to be on disk: a measure of a life that has no noise.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The calls of fsync and fdatasync by what listens there, from the start of the work to its end. It needs strace and ss. */
export async function countSyncs(url: string, work: () => Promise<unknown>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-syncs-'))
  try {
    const { stdout } = await promisify(execFile)('ss', ['-Hltnp', `sport = :${new URL(url).port}`])
    const pid = /pid=(\d+)/.exec(stdout)?.[1] ?? ''
    const file = join(folder, 'calls')
    const tracer = spawn('strace', ['-f', '-c', '-e', 'trace=fsync,fdatasync', '-o', file, '-p', pid], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(tracer, 'close')
    const [said] = (await Promise.race([once(tracer.stderr, 'data'), ended])) as [unknown]
    if (!String(said).includes('attached')) throw new Error(`strace does not look at the runtime: ${String(said)}`)
    await work()
    tracer.kill('SIGINT')
    await ended
    // % time, seconds, usecs/call, calls, errors if there were any, syscall
    const rows = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim().split(/ +/))
    const calls = rows.flatMap((row) => (row.at(-1)?.endsWith('sync') ? [Number(row[3])] : []))
    return calls.reduce((sum, each) => sum + each, 0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
