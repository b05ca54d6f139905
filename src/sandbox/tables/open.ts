// All tables of a sandbox, as they stand at one moment on its clock; those of content at the same moment in reality.
import type { Settings } from '../../operations/operation.ts'
import { read } from '../../rules/clock.ts'
import { ApiSessions } from './api-sessions.ts'
import { toClock, type ClockRow } from './clock.ts'
import { Contents } from './contents.ts'
import { Database } from './database.ts'
import { Faults } from './faults.ts'
import { ItemFiles } from './item-files.ts'
import { Items, Libraries } from './libraries.ts'
import { Replays } from './replays.ts'
import { UpdateFiles } from './update-files.ts'
import { UpdateSessions } from './update-sessions.ts'

export type Tables = ReturnType<typeof openTables>

/** What every call asks first, in one statement: each costs a cursor, and its collection. */
const FIRST = `SELECT offset_ms, frozen_at, EXISTS (SELECT 1 FROM fault) AS has_faults,
               (SELECT MIN(settles_at) FROM update_session WHERE settles_at IS NOT NULL) AS settles_at,
               (SELECT MIN(expires_at) FROM update_session) AS expires_at FROM clock`
type First = ClockRow & { has_faults: 0 | 1; settles_at: number | null; expires_at: number | null }

export function openTables(sql: SqlStorage, settings: Settings) {
  const database = new Database(sql)
  const first = database.read<First>(FIRST).one()
  const clock = toClock(first)
  const real = Date.now()
  const now = read(clock, real)
  const contents = new Contents(database, real, settings.transferLeaseMs)
  const files = new UpdateFiles(database)
  const itemFiles = new ItemFiles(database, contents)
  const dueAt = Math.min(first.settles_at ?? Infinity, first.expires_at ?? Infinity)
  const updateSessions = new UpdateSessions(database, now, settings, dueAt, { files, itemFiles, contents })
  const items = new Items(database, itemFiles, updateSessions)
  return {
    database,
    clock,
    now,
    settings,
    newId: () => crypto.randomUUID(),
    apiSessions: new ApiSessions(database, now, settings.apiSessionIdleMs),
    replays: new Replays(database),
    contents,
    faults: new Faults(database, first.has_faults === 1),
    itemFiles,
    items,
    libraries: new Libraries(database, items),
    updateFiles: files,
    updateSessions,
  }
}
