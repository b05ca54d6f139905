// All tables of a sandbox, as they stand at one moment on its clock; those of content at the same moment in reality.
import { ApiSessions } from './api-sessions.ts'
import { Contents } from './contents.ts'
import { Database } from './database.ts'
import { Faults } from './faults.ts'
import { ItemFiles } from './item-files.ts'
import type { Known } from './known.ts'
import { Items, Libraries } from './libraries.ts'
import { Endings, Replays } from './replays.ts'
import { UpdateFiles } from './update-files.ts'
import { UpdateSessions } from './update-sessions.ts'

/** What one sandbox may hold besides content: nothing more is created then. */
const FULL_BYTES = 256 * 1024 * 1024

export type Tables = ReturnType<typeof openTables>

export function openTables(sql: SqlStorage, known: Known) {
  const database = new Database(sql, known)
  const contents = new Contents(database)
  const files = new UpdateFiles(database)
  const itemFiles = new ItemFiles(database)
  const updateSessions = new UpdateSessions(database, { files, itemFiles, contents })
  const items = new Items(database, { itemFiles, updateSessions, contents })
  return {
    database,
    known,
    now: database.now,
    settings: known.settings,
    newId: () => newId(known, database.real),
    isFull: () => sql.databaseSize - contents.held().small_bytes > FULL_BYTES,
    apiSessions: new ApiSessions(database),
    replays: new Replays(database),
    contents,
    endings: new Endings(database),
    faults: new Faults(database),
    itemFiles,
    items,
    libraries: new Libraries(database, items),
    updateFiles: files,
    updateSessions,
  }
}

/**
 * A UUID that begins with the time (version 7, RFC 9562), a later one than the last has: rows of the same time lie together,
 * however many there are, in the order in which they were made.
 */
function newId(known: Known, now: number): string {
  known.newestIdAt = Math.max(now, known.newestIdAt + 1)
  const time = known.newestIdAt.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
