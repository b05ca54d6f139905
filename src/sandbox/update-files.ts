// The files of update sessions: rows to the rules' words and back, and who holds which bytes.
import type { File } from '../rules/file.ts'
import type { Contents } from './contents.ts'

type Row = { session_id: string; file: string; content_key: string | null }

export class UpdateFiles {
  readonly #sql: SqlStorage
  readonly #contents: Contents
  readonly #owe: (at: number) => void

  constructor(sql: SqlStorage, contents: Contents, owe: (at: number) => void) {
    this.#owe = owe
    this.#sql = sql
    this.#contents = contents
  }

  of(sessionId: string): File[] {
    const rows = this.#sql.exec<Row>('SELECT * FROM update_file WHERE session_id = ? ORDER BY rowid', sessionId)
    return Array.from(rows, toFile)
  }

  find(sessionId: string, name: string): File | undefined {
    const [row] = this.#sql.exec<Row>('SELECT * FROM update_file WHERE session_id = ? AND name = ?', sessionId, name)
    return row && toFile(row)
  }

  byUploadToken(token: string): { sessionId: string; file: File } | undefined {
    const [row] = this.#sql.exec<Row>('SELECT * FROM update_file WHERE upload_token = ?', token)
    return row && { sessionId: row.session_id, file: toFile(row) }
  }

  byContent(key: string): { sessionId: string; file: File } | undefined {
    const rows = this.#sql.exec<Row>('SELECT * FROM update_file WHERE content_key = ?', key)
    return Array.from(rows, (row) => ({ sessionId: row.session_id, file: toFile(row) })).find(
      ({ file }) => file.status === 'TRANSFERRING',
    )
  }

  /** Pulls that no one has begun yet. */
  toPull(): { sessionId: string; file: File }[] {
    const rows = this.#sql.exec<Row>('SELECT * FROM update_file WHERE pull_waits = 1')
    return Array.from(rows, (row) => ({ sessionId: row.session_id, file: toFile(row) }))
  }

  /** Stores what differs. Only an open session holds bytes; what nobody holds any more goes on the purge list. */
  save(sessionId: string, before: File[], after: File[], holdsBytes: boolean): void {
    const held = before.flatMap(contentKey)
    for (const { name } of before)
      if (!after.some((file) => file.name === name))
        this.#sql.exec('DELETE FROM update_file WHERE session_id = ? AND name = ?', sessionId, name)
    for (const file of after) {
      const isUnchanged = before.includes(file)
      if (isUnchanged && holdsBytes) continue
      const waitsForPull = holdsBytes && file.sourceType === 'PULL' && file.status === 'WAITING_FOR_TRANSFER'
      if (waitsForPull) this.#owe(0)
      this.#sql.exec(
        `INSERT INTO update_file VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         (file, upload_token, content_key, pull_waits) =
         (excluded.file, excluded.upload_token, excluded.content_key, excluded.pull_waits)`,
        sessionId,
        file.name,
        JSON.stringify(file),
        (holdsBytes && file.uploadToken) || null,
        (holdsBytes && contentKey(file)[0]) || null,
        waitsForPull ? 1 : null,
      )
    }
    const kept = holdsBytes ? after.flatMap(contentKey) : []
    this.#contents.release(held.filter((key) => !kept.includes(key)))
  }

  removeAll(sessionId: string): void {
    this.save(sessionId, this.of(sessionId), [], false)
  }
}

/** The bytes that a file has, or is getting. */
function contentKey(file: File): string[] {
  switch (file.status) {
    case 'TRANSFERRING':
      return [file.transferId]
    case 'READY':
      return [file.received.key]
    case 'WAITING_FOR_TRANSFER':
    case 'ERROR':
      return []
  }
}

const toFile = ({ file }: Row) => JSON.parse(file) as File // written by save, from a File
