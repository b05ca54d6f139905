// All tables of a sandbox, as they stand at one moment on its clock; those of the store at the same moment in reality.
import type { ApiSession, Settings } from '../../operations/operation.ts'
import { ApiSessions } from './api-sessions.ts'
import { Contents } from './contents.ts'
import { Faults } from './faults.ts'
import { ItemFiles } from './item-files.ts'
import { Items, Libraries } from './libraries.ts'
import { Replays } from './replays.ts'
import { UpdateFiles } from './update-files.ts'
import { UpdateSessions } from './update-sessions.ts'

export type Tables = ReturnType<typeof tablesAt>

/** `met` are API sessions that storage need not be asked for again; `owe` hears of each moment, in real time, at which something that is written here will be due. */
export function tablesAt(
  { sql }: DurableObjectStorage,
  now: number,
  settings: Settings,
  met: Map<string, ApiSession>,
  owe: (at: number) => void = () => undefined,
) {
  const real = Date.now()
  const oweHere = (at: number) => owe(real + at - now)
  const contents = new Contents(sql, real, settings.transferLeaseMs, owe)
  const updateFiles = new UpdateFiles(sql, contents, owe)
  const itemFiles = new ItemFiles(sql, contents)
  const updateSessions = new UpdateSessions(sql, now, updateFiles, itemFiles, settings.completionMs, oweHere)
  const items = new Items(sql, itemFiles, updateSessions)
  return {
    now,
    settings,
    newId: () => crypto.randomUUID(),
    apiSessions: new ApiSessions(sql, now, settings.apiSessionIdleMs, met, oweHere),
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
