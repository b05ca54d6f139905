// The files of update sessions: rows to the rules' words and back.
import { contentKeyOf, type File } from '../../rules/file.ts'
import { Table } from './database.ts'

/** `pull_from` is 0 for a pull that runs, and else the moment from which it may begin: 1 is at once. Nothing leads to a file of a session that has ended. */
type Row = {
  session_id: string
  name: string
  file: string
  upload_token: string | null
  content_key: string | null
  pull_from: number | null
}
export type Found = { sessionId: string; file: File }

/** So many pulls of a sandbox run at a time: each is an object, a connection and two buffers. */
export const PULLS_LIMIT = 4

export class UpdateFiles extends Table {
  of(sessionId: string): File[] {
    return this.#select('WHERE session_id = ? ORDER BY rowid', sessionId).map(({ file }) => file)
  }

  find(sessionId: string, name: string): File | undefined {
    return this.#select('WHERE session_id = ? AND name = ?', sessionId, name)[0]?.file
  }

  countOthers(sessionId: string, name: string): number {
    const others = 'SELECT COUNT(*) AS files FROM update_file WHERE session_id = ? AND name <> ?'
    return this.database.sql.exec<{ files: number }>(others, sessionId, name).one().files
  }

  byUploadToken(token: string): Found | undefined {
    return this.#select('WHERE upload_token = ?', token)[0]
  }

  /** The file that is getting this content. */
  byContent(key: string): Found | undefined {
    return this.#select('WHERE content_key = ?', key).find(({ file }) => file.status === 'TRANSFERRING')
  }

  /** Pulls that may begin now: the first that were added of those that wait, while fewer than the limit run. */
  toPull(now: number): Found[] {
    return this.#select(
      `WHERE pull_from BETWEEN 1 AND ? ORDER BY rowid
       LIMIT MAX(0, ${PULLS_LIMIT} - (SELECT COUNT(*) FROM update_file WHERE pull_from = 0))`,
      now,
    )
  }

  /** Stores what differs. */
  save(sessionId: string, before: File[], after: File[], isOpen: boolean): void {
    const old = new Map(before.map((file) => [file.name, file]))
    for (const file of after) {
      const was = old.get(file.name)
      old.delete(file.name)
      if (was !== file || !isOpen) this.#put(rowOf(sessionId, file, isOpen), was && rowOf(sessionId, was, true))
    }
    for (const name of old.keys())
      this.database.write('DELETE FROM update_file WHERE session_id = ? AND name = ?', sessionId, name)
  }

  #put(row: Row, before: Row | undefined): void {
    const { session_id, name } = row
    if (before) this.database.update('update_file', { session_id, name }, row, before)
    else this.database.insert('update_file', row)
    // The alarm asks for the first that waits.
    if (row.pull_from !== (before?.pull_from ?? null)) this.database.hasMoved = true
  }

  #select(where: string, ...values: (string | number)[]): Found[] {
    const rows = this.database.rows<Row>(`SELECT * FROM update_file ${where}`, ...values)
    return rows.map((row) => ({ sessionId: row.session_id, file: JSON.parse(row.file) as File })) // of rowOf
  }
}

const rowOf = (sessionId: string, file: File, isOpen: boolean): Row => ({
  session_id: sessionId,
  name: file.name,
  file: JSON.stringify(file),
  upload_token: (isOpen && file.uploadToken) || null,
  content_key: (isOpen && contentKeyOf(file)) || null,
  pull_from: isOpen ? pullFrom(file) : null,
})

function pullFrom(file: File): number | null {
  if (file.sourceType !== 'PULL') return null
  if (file.status === 'WAITING_FOR_TRANSFER') return file.retryAt ?? 1
  return file.status === 'TRANSFERRING' ? 0 : null
}
