// Folders of one start: nothing is left of them when it is over.
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { codeOf } from './problem.ts'
import { makeFolders, type StateFolders } from './state.ts'

const { readlinkSync, rmSync } = process.getBuiltinModule('node:fs')

/** A file system in memory, on Linux. */
const MEMORY = '/dev/shm'
const MEMORY_BYTES = 512 * 1024 * 1024

/** A state that goes with the server: rows in memory where the system has a file system there, content on disk. */
export async function temporaryState(folder: Awaited<ReturnType<typeof makeTemporaryFolder>>): Promise<StateFolders> {
  const { bavail = 0, bsize = 0 } = (await statfs(MEMORY).catch(() => undefined)) ?? {}
  const memory = bavail * bsize < MEMORY_BYTES ? undefined : await folder.another(MEMORY).catch(() => undefined)
  return makeFolders(memory ?? folder.path, folder.path)
}

const PREFIX = 'update-session-mock-'

/** A folder of this start, of which nothing is left when it is removed. The shell beside the runtime removes it when this process ends. */
export async function makeTemporaryFolder() {
  const paths: string[] = []
  /** One more, elsewhere, which goes at the same time. */
  const another = async (parent: string) => {
    await removeDead(parent)
    const path = await mkdtemp(join(resolve(parent), `${PREFIX}${process.pid}-${namespace}-`))
    paths.push(path)
    return path
  }
  const path = await another(tmpdir()).catch(refuseTemporary)
  const remove = () => {
    // The runtime may write while it ends.
    for (const each of paths) rmSync(each, { recursive: true, force: true, maxRetries: 3 })
  }
  return { path, another, remove }
}

export function refuseTemporary(error: unknown): never {
  throw new Error(
    `Temporary files cannot be kept in ${tmpdir()} (${codeOf(error)}). Set TMPDIR to another directory.`,
    { cause: error },
  )
}

/** What starts have left that were killed. */
async function removeDead(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [pid, within] = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-') : []
    if (within !== namespace || isRunning(Number(pid))) continue
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** A number names a process within its namespace; containers may share a folder. */
const namespace = (() => {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')
  } catch {
    return '0'
  }
})()

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}
