// All tables of a sandbox, as they stand at one moment on its clock; those of content at the same moment in reality.
import type { Settings } from '../../operations/operation.ts'
import { ApiSessions } from './api-sessions.ts'
import { Contents } from './contents.ts'
import { Faults } from './faults.ts'
import { ItemFiles } from './item-files.ts'
import { Items, Libraries } from './libraries.ts'
import { Replays } from './replays.ts'
import { UpdateFiles } from './update-files.ts'
import { UpdateSessions } from './update-sessions.ts'

export type Tables = ReturnType<typeof openTables>

export function openTables(sql: SqlStorage, now: number, settings: Settings) {
  const contents = new Contents(sql, Date.now(), settings.transferLeaseMs)
  const files = new UpdateFiles(sql)
  const itemFiles = new ItemFiles(sql, contents)
  const updateSessions = new UpdateSessions(sql, now, settings, { files, itemFiles, contents })
  const items = new Items(sql, itemFiles, updateSessions)
  return {
    now,
    settings,
    newId: () => crypto.randomUUID(),
    apiSessions: new ApiSessions(sql, now, settings.apiSessionIdleMs),
    replays: new Replays(sql),
    contents,
    faults: new Faults(sql),
    itemFiles,
    items,
    libraries: new Libraries(sql, items),
    updateFiles: files,
    updateSessions,
  }
}
