// What is shown of a sandbox to the admin API, and through it to the console.
import type { Settings } from '../operations/store.ts'
import type { ErrorType } from '../rules/failure.ts'
import { bytesTransferred, type File } from '../rules/file.ts'
import { shown, type Session } from '../rules/update-session.ts'
import type { Journal } from './journal.ts'
import type { Tables } from './tables/open.ts'

/** What of a sandbox is wanted, besides its clock, settings and faults. */
export type ViewQuery = {
  /** So many of the newest update sessions, with so many of their files in all. */
  sessions?: { limit: number; files: number }
  /** One update session. */
  sessionId?: string
  /** So many of the newest requests. Without this the journal is not read. */
  requests?: number
}

/** `version` is another after each change; the settings and the clock are there in every version. */
export type View = ReturnType<typeof show> & {
  version: string
  /** The time in the sandbox and the real time, and whether the former stands still. */
  clock: { now: number; real: number; isFrozen: boolean }
  settings: Settings
}
/** `file_count` says how many files there are where not all are shown. */
export type ShownSession = ReturnType<typeof showSession> & { file_count?: number }

/** There are no tables where no client has logged in; requests that were refused are in the journal all the same. */
export function show(tables: Tables | undefined, journal: Journal, { sessions, sessionId, requests }: ViewQuery) {
  const records = requests === undefined ? [] : journal.list()
  const listed = (sessions && tables?.updateSessions.list()) ?? []
  const { limit, files } = sessions ?? { limit: 1, files: Infinity }
  const ids = sessionId === undefined ? listed.slice(-limit) : [sessionId]
  return {
    faults: tables?.faults.list() ?? [],
    /** In the order in which they were created. */
    sessions: tables ? showSessions(tables, ids, files) : [],
    sessionCount: listed.length,
    /** Newest first. */
    requests: records.slice(0, requests),
    /** How many requests the journal has dropped since it was emptied. */
    droppedRequests: requests === undefined ? 0 : journal.dropped(),
    /** Of each request in the journal, what it meant and the error it met. */
    answers: records.map(({ operation, result }): MetAnswer => ({
      ...(operation !== undefined && { operation }),
      ...(!result.ok && { type: result.failure.type }),
    })),
  }
}
export type MetAnswer = { operation?: string; type?: ErrorType }

/** The files of the newest sessions come first. */
function showSessions({ updateSessions, items }: Tables, ids: string[], filesLimit: number): ShownSession[] {
  let filesLeft = filesLimit
  const newestFirst = ids.toReversed().flatMap((id) => {
    const session = updateSessions.find(id)
    if (!session) return []
    const files = session.files.slice(0, filesLeft)
    filesLeft -= files.length
    const { length } = session.files
    const shown = showSession({ ...session, files }, items.find(session.libraryItemId)?.name)
    return [files.length === length ? shown : { ...shown, file_count: length }]
  })
  return newestFirst.toReversed()
}

/** In the API's words, with what the API does not tell. */
const showSession = (session: Session, itemName: string | undefined) => ({
  id: session.id,
  library_item_id: session.libraryItemId,
  ...(itemName !== undefined && { library_item_name: itemName }),
  state: shown(session),
  completing: session.state === 'COMPLETING',
  client_progress: session.clientProgress,
  expiration_time: new Date(session.expiresAt).toISOString(),
  ...(session.state === 'ERROR' && { error_message: session.reason }),
  files: session.files.map(showFile),
})
const showFile = (file: File) => ({
  name: file.name,
  source_type: file.sourceType,
  status: file.status,
  bytes_transferred: bytesTransferred(file),
  ...(file.sizeBytes !== undefined && { size: file.sizeBytes }),
  ...('reason' in file && file.reason && { error_message: file.reason }),
})
