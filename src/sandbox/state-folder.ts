// The folders of a mock that keeps its own state, as the command and `start()` do: why a call of a sandbox has failed there, and the
// removal of a sandbox whose file is damaged.
//
// Where storage fails, the runtime tells the caller "internal error" and its log the reason. So the caller looks for itself: a
// disk that does not take a small file is full. Where it does, the sandbox is asked once more, for what it only has to read: one
// whose file the runtime cannot use fails again. One that answers has met something else, which does not last.
import { partsOf } from '../content/bucket.ts'
import { diskFull, sandboxDamaged, type Failure } from '../rules/failure.ts'
import { deleteMarkersOf } from './markers.ts'

/** As large as what a call may have to write, with some room. */
const PROBE_BYTES = 1024 * 1024
/** How the runtime tells of errors that are its own. */
const OF_RUNTIME = 'internal error'
/** How SQLite ends what it tells of a file that it cannot use. */
const DAMAGES = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_READONLY']

/** Nothing where the error is no matter of a folder, or where the mock has none. */
export async function whyStorageFails(env: Env, error: Error, sandbox?: string): Promise<Failure | undefined> {
  const { OBJECTS, BYTES, OBJECTS_FOLDER = '', BYTES_FOLDER = '' } = env
  if (!OBJECTS || !BYTES) return undefined
  if (error.message.includes('SQLITE_FULL')) return diskFull(OBJECTS_FOLDER)
  const isDamage = DAMAGES.some((code) => error.message.includes(code))
  if (!isDamage && !error.message.startsWith(OF_RUNTIME)) return undefined
  if (!(await takesFiles(OBJECTS))) return diskFull(OBJECTS_FOLDER)
  if (!(await takesFiles(BYTES))) return diskFull(BYTES_FOLDER)
  if (sandbox === undefined) return undefined
  const answered = isDamage
    ? undefined
    : await env.SANDBOXES.getByName(sandbox)
        .view({})
        .catch(() => undefined)
  if (answered) return undefined
  return sandboxDamaged(sandbox, `${OBJECTS_FOLDER}/${fileOf(env, sandbox)}`)
}

async function takesFiles(disk: Fetcher): Promise<boolean> {
  const url = urlOf(`probe-${crypto.randomUUID()}`)
  try {
    const { ok } = await disk.fetch(url, { method: 'PUT', body: new Uint8Array(PROBE_BYTES) })
    if (ok) await disk.fetch(url, { method: 'DELETE' })
    return ok
  } catch {
    return false // how the disk says that a write has failed
  }
}

/** Deletes the files of a sandbox that cannot do it itself; answers whether this mock has them. */
export async function removeFiles(env: Env, sandbox: string): Promise<boolean> {
  const { OBJECTS } = env
  if (!OBJECTS) return false
  const file = fileOf(env, sandbox)
  for (const path of [file, `${file}-wal`, `${file}-shm`]) await OBJECTS.fetch(urlOf(path), { method: 'DELETE' })
  const parts = partsOf(env)
  await parts.deleteByPrefix(`${idOf(env, sandbox)}/`)
  await deleteMarkersOf(sandbox, parts)
  return true
}

const urlOf = (path: string) => `http://disk/${path}`
const idOf = (env: Env, sandbox: string) => env.SANDBOXES.idFromName(sandbox).toString()
/** Where the runtime keeps an object: its class, which is its key in the configuration, and its id. */
const fileOf = (env: Env, sandbox: string) => `Sandbox/${idOf(env, sandbox)}.sqlite`
