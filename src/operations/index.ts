// Every operation there is, by its id.
import { apiSession } from './api-session.ts'
import { item } from './item.ts'
import { itemFile } from './item-file.ts'
import { library, listDatastores } from './library.ts'
import { id, type Operation } from './operation.ts'
import { updateSessionFile } from './update-session-file.ts'
import { downloadSessions, updateSession } from './update-session.ts'

export const all: Operation[] = [
  ...Object.values(apiSession),
  ...library,
  ...item,
  ...itemFile,
  downloadSessions,
  ...updateSession,
  ...updateSessionFile,
]
/** The operations of the present API; the rest is for older clients. */
export const current: Operation[] = all.filter(({ isLegacy }) => !isLegacy)
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...all, listDatastores].map((entry) => [id(entry), entry]),
)
