// Where a mock keeps its state: the rows of Durable Objects and the bytes of content, in folders of one server at a time.
import { readlinkSync, rmSync } from 'node:fs'
import {
  access,
  constants,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import { setTimeout as pause } from 'node:timers/promises'
import { codeOf, Unusable } from './problem.ts'

/** Absolute paths of folders. */
export type StateFolders = { objects: string; bytes: string }

const OBJECTS = 'objects'
const BYTES = 'bytes'
/** The server that uses the folder. */
const OWNER = 'owner'
/** How the folder begins that becomes the owner. */
const CLAIM = '.owner-'
/** How a folder begins by which a start asks whether the owner lives: a living owner deletes it. */
const QUESTION = '.question-'
/** Longer than a busy machine keeps an owner from its look. */
const ANSWER_MS = 3000
/** The number of the schema in which the sandboxes are stored. */
const SCHEMA = 'schema'
/** A file system in memory, on Linux. */
const MEMORY = '/dev/shm'
const MEMORY_BYTES = 512 * 1024 * 1024
const LOOK_MS = 400

/** A state that is kept. `problem` says what of it this version cannot read. */
export async function openState(
  directory: string,
  schema: number,
): Promise<StateFolders & { problem?: string; close: () => Promise<void> }> {
  // It would be the current directory: a variable that is not set.
  if (directory === '') throw new Unusable('State cannot be kept in "". Name a directory that can be written.')
  const path = resolve(directory)
  let close: (() => Promise<void>) | undefined
  try {
    close = await claim(path)
    await removeDead(path, CLAIM)
    const folders = await makeFolders(path, path)
    await requireWritable(folders)
    const isOfAnother = await noteSchema(join(path, SCHEMA), `${schema}`)
    const problem = `Another version stored the sandboxes in ${directory}: each starts empty when it is next used.`
    return { ...folders, ...(isOfAnother && { problem }), close }
  } catch (error) {
    await close?.()
    throw error instanceof Error && 'code' in error ? new Unusable(whyNoState(directory, error)) : error
  }
}

/** Of what lies in a folder, which is much where there are many sandboxes, so many are looked at: what another user leaves is all of it. */
const LOOKED_AT = 100

/** What another user has left, root for example, the runtime would meet only when it is first written. */
async function requireWritable({ objects, bytes }: StateFolders): Promise<void> {
  for (const folder of [objects, bytes]) {
    const within = (await readdir(folder)).slice(0, LOOKED_AT)
    await Promise.all([folder, ...within.map((name) => join(folder, name))].map((path) => access(path, constants.W_OK)))
  }
}

/** Answers whether another number stood there. What is right is not written again: a full disk would take it away. */
async function noteSchema(path: string, schema: string): Promise<boolean> {
  const stored = await readFile(path, 'utf8').catch(() => '')
  if (stored === schema) return false
  await writeFile(path, schema)
  return stored !== ''
}

/** A file where a folder is to be, or a folder where a file is to be. */
const IN_THE_WAY = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR']

function whyNoState(directory: string, error: unknown): string {
  const code = codeOf(error)
  const { path, dest = path } = error as NodeJS.ErrnoException & { dest?: string } // as the file system's errors are
  const at = dest?.includes(CLAIM) ? directory : dest
  const why = `State cannot be kept in ${directory} (${code}).`
  if (IN_THE_WAY.includes(code))
    return `${why} At ${at} is a file in place of a folder, or a folder in place of a file: move it, or name another directory.`
  if (['EACCES', 'EPERM'].includes(code))
    return `${why} This user may not use ${at}: give it to this user, or name another directory.`
  if (code === 'ENOSPC') return `${why} The disk is full: make room, or name another directory.`
  return `${why} Name a directory that can be written.`
}

/**
 * One server at a time: two would each hold rows of their own in memory, and write over the other's.
 *
 * The owner is a folder with one file, whose name is that of a process. A folder takes the place of an empty one or of none,
 * and of no other, in one step; and what is deleted is the name of a dead process, which no later owner has. So of servers that
 * start at the same moment one gets the state, and none deletes what another has just claimed.
 */
async function claim(path: string): Promise<() => Promise<void>> {
  await makeDirectory(path)
  const owner = join(path, OWNER)
  const name = `${process.pid}-${(await startOf(process.pid)) ?? ''}-${namespace}`
  const own = await mkdtemp(join(path, CLAIM + processName(process.pid)))
  try {
    await writeFile(join(own, name), '')
    do await removeDeadOwner(owner, path)
    while (!(await take(own, owner)))
  } catch (error) {
    await rm(own, { recursive: true, force: true })
    throw error
  }
  const release = () => rmSync(join(owner, name), { force: true })
  process.once('exit', release)
  const answering = setInterval(() => removeQuestions(path).catch(() => undefined), LOOK_MS)
  answering.unref()
  return async () => {
    process.off('exit', release)
    clearInterval(answering)
    release()
  }
}

/** Answers whether there was place for it. */
async function take(own: string, owner: string): Promise<boolean> {
  try {
    // Windows puts no folder in the place of another one.
    await rmdir(owner).catch(() => undefined)
    await rename(own, owner)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false
    throw error
  }
}

async function removeDeadOwner(owner: string, path: string): Promise<void> {
  for (const name of await namesIn(owner)) {
    const [pid = '', startedAt, within] = name.split('-')
    const isOurs = within === namespace
    if (isOurs ? startedAt === (await startOf(Number(pid))) : await isAnswered(path)) {
      const user = `process ${pid}${isOurs ? '' : ' of another container'}`
      throw new Error(`The state in ${path} is in use by ${user}. Stop that one, or name another directory.`)
    }
    await rm(join(owner, name), { force: true })
  }
}

/** Whether the owner lives, where it is a process of another container, which cannot be seen from here. */
async function isAnswered(path: string): Promise<boolean> {
  const question = await mkdtemp(join(path, QUESTION))
  try {
    for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += LOOK_MS) {
      await pause(LOOK_MS)
      if (!(await readdir(path)).includes(basename(question))) return true
    }
    return false
  } finally {
    await rm(question, { recursive: true, force: true })
  }
}

async function removeQuestions(path: string): Promise<void> {
  for (const name of await readdir(path))
    if (name.startsWith(QUESTION)) await rm(join(path, name), { recursive: true, force: true })
}

/** Nothing where there is no owner. One that cannot be read has not gone: it would be looked at for ever. */
async function namesIn(owner: string): Promise<string[]> {
  try {
    return await readdir(owner)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Tells a process from a later one with the same number. Nothing where there is none. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return undefined
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

/** A state that goes with the server: rows in memory where the system has a file system there, content on disk. */
export async function temporaryState(folder: TemporaryFolder): Promise<StateFolders> {
  const { bavail = 0, bsize = 0 } = (await statfs(MEMORY).catch(() => undefined)) ?? {}
  const memory = bavail * bsize < MEMORY_BYTES ? undefined : await folder.another(MEMORY).catch(() => undefined)
  return makeFolders(memory ?? folder.path, folder.path)
}

async function makeFolders(forObjects: string, forBytes: string): Promise<StateFolders> {
  const state = { objects: join(forObjects, OBJECTS), bytes: join(forBytes, BYTES) }
  for (const path of Object.values(state)) await mkdir(path, { recursive: true })
  return state
}

/**
 * Calls once when a folder is gone, or another one is in its place: what is written to deleted files is lost. The runtime has
 * made one for each class in that of the objects. Answers how to stop looking.
 */
export async function watchState(
  { objects, bytes }: StateFolders,
  onGone: (path: string) => void,
): Promise<() => void> {
  const classes = (await readdir(objects)).map((name) => join(objects, name))
  const paths = [objects, bytes, ...classes]
  const folders = await Promise.all(paths.map(async (path) => ({ path, number: await numberOf(path) })))
  let isGone = false
  const timer = setInterval(async () => {
    for (const { path, number } of folders) {
      if ((await numberOf(path).catch(() => undefined)) === number) continue
      clearInterval(timer)
      if (!isGone) onGone(path)
      isGone = true
    }
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Of a folder with this name. */
const numberOf = (path: string): Promise<bigint> => stat(path, { bigint: true }).then(({ ino }) => ino)

export type TemporaryFolder = {
  path: string
  /** One more, elsewhere, which goes at the same time. */
  another: (parent: string) => Promise<string>
  remove: () => void
}

const PREFIX = 'update-session-mock-'

/** A folder of this start, of which nothing is left when it is removed, or when this process ends. */
export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  const paths: string[] = []
  const remove = () => {
    process.off('exit', remove)
    // The runtime may write while it ends.
    for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
  const another = async (parent: string) => {
    await removeDead(parent, PREFIX)
    const path = await mkdtemp(join(parent, PREFIX + processName(process.pid)))
    paths.push(path)
    return path
  }
  // Also where a signal ends the process before anything can be waited for.
  process.once('exit', remove)
  try {
    return { path: await another(tmpdir()), another, remove }
  } catch (error) {
    remove()
    return refuseTemporary(error)
  }
}

export function refuseTemporary(error: unknown): never {
  throw new Error(
    `Temporary files cannot be kept in ${tmpdir()} (${codeOf(error)}). Set TMPDIR to another directory.`,
    { cause: error },
  )
}

/** A number names a process within its namespace; containers may share a folder. */
const processName = (pid: number): string => `${pid}-${namespace}-`
const namespace = (() => {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')
  } catch {
    return '0'
  }
})()

/** What starts have left that were killed. */
async function removeDead(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const [pid = '', within] = name.slice(prefix.length).split('-')
    if (within !== namespace || (await startOf(Number(pid))) !== undefined) continue
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** With those above it. Node's own way, `recursive`, never ends below /proc. */
async function makeDirectory(path: string): Promise<void> {
  const make = () =>
    mkdir(path).catch(async (error: unknown) => {
      const found = await stat(path).catch(() => undefined)
      if (!found?.isDirectory()) throw error
    })
  await make().catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await make()
  })
}
