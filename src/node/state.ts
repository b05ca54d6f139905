// Where a mock keeps its state: the rows of Durable Objects and the bytes of content, in folders of one server at a time.
import { access, constants, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { clearInterval, setInterval } from 'node:timers'
import { codeOf, Unusable } from './problem.ts'

/** An import loads all that `node:fs` lists, for as long as the mock runs. */
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')

/** Absolute paths of folders. */
export type StateFolders = { objects: string; bytes: string }

const OBJECTS = 'objects'
const BYTES = 'bytes'
/** In that of bytes: the list of sandboxes. */
const MARKERS = 'sandboxes'
/** The file that the server which uses the folder has locked. */
const LOCK = 'lock'
/** Its process number: a file that is locked cannot be read. */
const LOCKED_BY = 'lock.pid'
/** The number of the schema in which the sandboxes are stored. */
const SCHEMA = 'schema'
const LOOK_MS = 400

/** A state that is kept. `problem` says what of it this version cannot read. */
export async function openState(
  directory: string,
  schema: number,
): Promise<StateFolders & { problem?: string; close: () => void }> {
  // It would be the current directory: a variable that is not set.
  if (directory === '') throw new Unusable('State cannot be kept in "". Name a directory that can be written.')
  const path = resolve(directory)
  let close: (() => void) | undefined
  try {
    await makeDirectory(path)
    const folders = await makeFolders(path, path)
    await makeDirectory(join(folders.bytes, MARKERS))
    await requireWritable(path, folders)
    close = claim(path)
    await deleteEnded(join(folders.objects, PULLS))
    const isOfAnother = await noteSchema(join(path, SCHEMA), `${schema}`)
    const problem = `Another version has used ${directory}: a sandbox that it stored starts empty when it is next used.`
    return { ...folders, ...(isOfAnother && { problem }), close }
  } catch (error) {
    close?.()
    // One without a code is none of the file system's.
    throw codeOf(error) === String(error) ? error : new Unusable(whyNoState(directory, error))
  }
}

/** Of what lies in a folder, which is much where there are many sandboxes, so many are looked at: what another user leaves is all of it. */
const LOOKED_AT = 100

/** What another user has left, root for example, the runtime would meet only when it is first written. */
async function requireWritable(path: string, { objects, bytes }: StateFolders): Promise<void> {
  for (const folder of [objects, bytes]) {
    const within = (await readdir(folder)).slice(0, LOOKED_AT)
    await Promise.all([folder, ...within.map((name) => join(folder, name))].map((path) => access(path, constants.W_OK)))
  }
  await access(join(path, LOCK), constants.W_OK).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error
  })
}

/** The class whose objects each do one thing, a PULL, and end. */
const PULLS = 'Pull'
/** The runtime's own, about all objects of a class. */
const METADATA = 'metadata.sqlite'
const PAGE_BYTES = 4096

/** Of an object that has deleted its storage the runtime leaves a database of one page, which holds no table. */
async function deleteEnded(folder: string): Promise<void> {
  const names = new Set(await readdir(folder).catch(() => []))
  for (const name of names) {
    // What is in the log is not in the file yet.
    if (!name.endsWith('.sqlite') || name === METADATA || names.has(`${name}-wal`)) continue
    const path = join(folder, name)
    if ((await stat(path)).size <= PAGE_BYTES) await rm(path)
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
const IN_THE_WAY = ['EEXIST', 'ENOTDIR', 'EISDIR']

function whyNoState(directory: string, error: unknown): string {
  const code = codeOf(error)
  const { path: at, message } = error as NodeJS.ErrnoException // as the file system's errors are
  const isLock = code === 'ERR_SQLITE_ERROR'
  const why = `State cannot be kept in ${directory} (${isLock ? message : code}).`
  if (isLock) return `${why} ${at} cannot be locked: move it, or name another directory, of a shorter path.`
  if (IN_THE_WAY.includes(code))
    return `${why} At ${at} is a file in place of a folder, or a folder in place of a file: move it, or name another directory.`
  if (['EACCES', 'EPERM'].includes(code))
    return `${why} This user may not use ${at}: give it to this user, or name another directory.`
  if (code === 'ENOSPC') return `${why} The disk is full: make room, or name another directory.`
  return `${why} Name a directory that can be written.`
}

/**
 * One server at a time: two would each hold rows of their own in memory, and write over the other's. The lock is one of the
 * system, which takes it from a process that ends, however that ends, and holds it against other containers too. Node has
 * such locks in its SQLite alone.
 */
function claim(path: string): () => void {
  const [file, by] = [join(path, LOCK), join(path, LOCKED_BY)]
  let lock: DatabaseSync | undefined
  try {
    lock = new (loadSqlite().DatabaseSync)(file)
    lock.exec('PRAGMA journal_mode = memory; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    const error = cause as Error & { errcode?: number } // as SQLite's are
    if (error.errcode !== SQLITE_BUSY) throw Object.assign(error, { path: file })
    const pid = readFileSync(by, { encoding: 'utf8', flag: 'a+' })
    const server = pid === '' ? 'another server' : `process ${pid}`
    throw new Error(
      `The state in ${path} is in use by ${server}, which has locked ${file}. Stop that one, or name another directory.`,
      { cause },
    )
  }
  locks.add(lock)
  try {
    writeFileSync(by, `${process.pid}`)
  } catch {
    // The disk is full: a later refusal names none.
  }
  return () => {
    if (locks.delete(lock)) lock.close()
  }
}

const SQLITE_BUSY = 5
/** One that is collected as garbage is no lock any more. */
const locks = new Set<DatabaseSync>()

/** Node 22 warns that it may change. */
function loadSqlite() {
  const { emitWarning } = process // oxlint-disable-line typescript/unbound-method -- it is put back as it was
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

/** The two folders of a state, below these. */
export async function makeFolders(forObjects: string, forBytes: string): Promise<StateFolders> {
  const state = { objects: join(forObjects, OBJECTS), bytes: join(forBytes, BYTES) }
  for (const path of Object.values(state)) await makeDirectory(path)
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
  const folders = new Map(await Promise.all(paths.map(async (path) => [path, await numberOf(path)] as const)))
  const stop = () => {
    folders.clear()
    clearInterval(timer)
  }
  const timer = setInterval(async () => {
    for (const [path, number] of folders) {
      // A look may be slow: what goes after a stop is no loss.
      if ((await numberOf(path).catch(() => undefined)) === number || !folders.has(path)) continue
      stop()
      onGone(path)
    }
  }, LOOK_MS)
  timer.unref()
  return stop
}

/** Of a folder with this name. */
const numberOf = (path: string): Promise<bigint> => stat(path, { bigint: true }).then(({ ino }) => ino)

/** With those above it. Node's own way, `recursive`, never ends below /proc. */
async function makeDirectory(path: string): Promise<void> {
  const isThere = async () => (await stat(path).catch(() => undefined))?.isDirectory() === true
  if (await isThere()) return
  if (dirname(path) !== path) await makeDirectory(dirname(path))
  // Another start may have made it meanwhile.
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isThere())) throw error
  })
}
