// The files of update sessions: rows to the rules' words and back, and who holds which bytes.
import type { File } from '../../rules/file.ts'
import type { Contents } from './contents.ts'

type Row = { session_id: string; file: string; content_key: string | null }

/** So many pulls of a sandbox run at a time: each is an object and a connection, and asks the sandbox four times a second. */
export const PULLS_LIMIT = 4

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

  countOthers(sessionId: string, name: string): number {
    return this.#sql
      .exec<{ files: number }>(
        'SELECT COUNT(*) AS files FROM update_file WHERE session_id = ? AND name <> ?',
        sessionId,
        name,
      )
      .one().files
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

  /** Pulls that may begin now: the first that were added of those that wait, while fewer than the limit run. */
  toPull(): { sessionId: string; file: File }[] {
    const rows = this.#sql.exec<Row>(
      `SELECT * FROM update_file WHERE pull_waits = 1 ORDER BY rowid
       LIMIT MAX(0, ${PULLS_LIMIT} - (SELECT COUNT(*) FROM update_file WHERE pull_waits = 0))`,
    )
    return Array.from(rows, (row) => ({ sessionId: row.session_id, file: toFile(row) }))
  }

  /** Stores what differs. Only an open session holds bytes; what nobody holds any more goes on the purge list. */
  save(sessionId: string, before: File[], after: File[], holdsBytes: boolean): void {
    const held = before.flatMap(contentKey)
    const old = new Map(before.map((file) => [file.name, file]))
    const names = new Set(after.map(({ name }) => name))
    for (const file of before) {
      if (names.has(file.name)) continue
      this.#sql.exec('DELETE FROM update_file WHERE session_id = ? AND name = ?', sessionId, file.name)
    }
    for (const file of after) {
      const was = old.get(file.name)
      if (was === file && holdsBytes) continue
      const columns = columnsOf(file, holdsBytes)
      const [, , waits] = columns
      // It is to begin. One that ends makes room for the next, and its content is owed the same alarm.
      if (waits === 1) this.#owe(0)
      if (holdsBytes && was && columnsOf(was, true).every((column, at) => column === columns[at]))
        // Progress is told often: no index changes with it.
        this.#sql.exec(
          'UPDATE update_file SET file = ? WHERE session_id = ? AND name = ?',
          JSON.stringify(file),
          sessionId,
          file.name,
        )
      else
        this.#sql.exec(
          `INSERT INTO update_file VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
           (file, upload_token, content_key, pull_waits) =
           (excluded.file, excluded.upload_token, excluded.content_key, excluded.pull_waits)`,
          sessionId,
          file.name,
          JSON.stringify(file),
          ...columns,
        )
    }
    const kept = new Set(holdsBytes ? after.flatMap(contentKey) : [])
    this.#contents.release(held.filter((key) => !kept.has(key)))
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

/** Whether its pull waits (1) or runs (0); of other files nothing. */
function pullWaits({ sourceType, status }: File): 0 | 1 | null {
  if (sourceType !== 'PULL') return null
  if (status === 'WAITING_FOR_TRANSFER') return 1
  return status === 'TRANSFERRING' ? 0 : null
}

/** What a file is found by: its upload token, its content, its pull. Nothing leads to a file of a session that has ended. */
const columnsOf = (file: File, holdsBytes: boolean) =>
  holdsBytes
    ? ([file.uploadToken ?? null, contentKey(file)[0] ?? null, pullWaits(file)] as const)
    : ([null, null, null] as const)

const toFile = ({ file }: Row) => JSON.parse(file) as File // written by save, from a File
