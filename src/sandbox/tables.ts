// All tables of a sandbox, as they stand at one moment on its clock; those of the store at the same moment in reality.
import type { Settings } from '../operations/operation.ts'
import { ApiSessions } from './api-sessions.ts'
import { Contents } from './contents.ts'
import { Faults } from './faults.ts'
import { ItemFiles } from './item-files.ts'
import { Items, Libraries } from './libraries.ts'
import { Replays } from './replays.ts'
import { UpdateFiles } from './update-files.ts'
import { UpdateSessions } from './update-sessions.ts'

export type Tables = ReturnType<typeof tablesAt>

export function tablesAt({ sql }: DurableObjectStorage, now: number, settings: Settings) {
  const contents = new Contents(sql, Date.now(), settings.transferLeaseMs)
  const updateFiles = new UpdateFiles(sql, contents)
  const itemFiles = new ItemFiles(sql, contents)
  const updateSessions = new UpdateSessions(sql, now, updateFiles, itemFiles, settings.completion)
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
    updateFiles,
    updateSessions,
  }
}
