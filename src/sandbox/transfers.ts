// What transfers tell: from an event of one file to the event of its session.
import { fail, ok, uploadGone, type Result } from '../rules/failure.ts'
import { transfer, type Algorithm, type File, type FileEvent } from '../rules/file.ts'
import { concernsAll } from '../rules/update-session.ts'
import { isOvf } from '../rules/validation.ts'
import type { Tables } from './tables/open.ts'

/**
 * Lets the file's rules decide, then the session's. Without a name, the file is the one this transfer is for. It happens four
 * times a second for each transfer, so the session's other files are read only where the rules want to see them.
 */
export function sendTransfer(tables: Tables, sessionId: string, event: FileEvent, name?: string): Result<File> {
  const { updateSessions, updateFiles } = tables
  const session = updateSessions.head(sessionId)
  if (!session) return fail(uploadGone())
  const file = name === undefined ? updateFiles.byContent(event.transferId)?.file : updateFiles.find(sessionId, name)
  if (!file) return fail(uploadGone())
  const next = transfer(file, event)
  if (!next.ok) return next
  const replaced = (each: File) => (each.name === file.name ? next.value : each)
  const sent = concernsAll(session, next.value)
    ? updateSessions.send(sessionId, { type: 'transfer', files: updateFiles.of(sessionId).map(replaced) })
    : updateSessions.change(sessionId, { type: 'carry', file: next.value })
  return sent.ok ? ok(next.value) : sent
}

/** A transfer whose writer is gone waits for another try; what it wrote is deleted. */
export function abandonDeadTransfers(tables: Tables): void {
  for (const key of tables.contents.abandoned()) {
    tables.contents.end(key)
    const found = tables.updateFiles.byContent(key)
    if (found) sendTransfer(tables, found.sessionId, { type: 'interrupt', transferId: key })
  }
}

/** A manifest, which may arrive last, can use any of these: files of an OVF are hashed for all. */
export const algorithmsFor = ({ checksum }: File, itemType: string | undefined): Algorithm[] => {
  const wanted: Algorithm[] = isOvf(itemType) ? ['SHA1', 'SHA256', 'SHA512'] : []
  const declared = checksum?.algorithm ?? 'SHA1'
  return wanted.includes(declared) ? wanted : [...wanted, declared]
}
