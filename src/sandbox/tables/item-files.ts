// The files of library items, as the last completed update session left them.
import type { ItemFile } from '../../operations/operation.ts'
import type { File, Received } from '../../rules/file.ts'
import type { Contents } from './contents.ts'

type Row = { name: string; version: number; received: string }

export class ItemFiles {
  readonly #sql: SqlStorage
  readonly #contents: Contents

  constructor(sql: SqlStorage, contents: Contents) {
    this.#sql = sql
    this.#contents = contents
  }

  of(itemId: string): ItemFile[] {
    const rows = this.#sql.exec<Row>('SELECT * FROM item_file WHERE item_id = ? ORDER BY rowid', itemId)
    return Array.from(rows, ({ name, version, received }) => ({
      name,
      version,
      received: JSON.parse(received) as Received, // written by publish, from a Received
    }))
  }

  /** The item's content is from now on what the session holds. */
  publish(itemId: string, files: File[]): void {
    const before = this.of(itemId)
    this.#sql.exec('DELETE FROM item_file WHERE item_id = ?', itemId)
    for (const file of files) {
      if (file.status !== 'READY') continue
      const old = before.find(({ name }) => name === file.name)
      const version = (old?.version ?? 0) + (old?.received.key === file.received.key ? 0 : 1)
      this.#sql.exec(
        'INSERT INTO item_file VALUES (?, ?, ?, ?, ?)',
        itemId,
        file.name,
        version,
        file.received.key,
        JSON.stringify(file.received),
      )
    }
    this.#contents.release(before.map(({ received }) => received.key))
  }

  removeAll(itemId: string): void {
    this.publish(itemId, [])
  }
}
