// The files of library items, as the last completed update session left them.
import type { ItemFile } from '../../operations/store.ts'
import type { File, Received } from '../../rules/file.ts'
import { Table } from './database.ts'

export class ItemFiles extends Table {
  of(itemId: string, name?: string): ItemFile[] {
    const [also, values] = name === undefined ? ['', []] : ['AND name = ?', [name]]
    const select = `SELECT name, version, received FROM item_file WHERE item_id = ? ${also} ORDER BY rowid`
    const rows = this.database.rows<{ name: string; version: number; received: string }>(select, itemId, ...values)
    return rows.map((row) => ({ ...row, received: JSON.parse(row.received) as Received })) // of publish
  }

  /** The item's content is from now on what the session holds: an update becomes visible. Answers the keys of what it held. */
  publish(itemId: string, files: File[], now: number): string[] {
    this.database.writeUntimed(
      `UPDATE item SET document = json_set(document, '$.contentVersion', (document ->> 'contentVersion') + 1, '$.modifiedAt', ?)
       WHERE id = ?`,
      now,
      itemId,
    )
    return this.replace(itemId, files)
  }

  replace(itemId: string, files: File[]): string[] {
    const before = this.of(itemId)
    const old = new Map(before.map((file) => [file.name, file]))
    for (const file of files) {
      if (file.status !== 'READY') continue
      const { name, received } = file
      const was = old.get(name)
      old.delete(name)
      if (was?.received.key === received.key) continue
      const key = { item_id: itemId, name }
      const row = { version: (was?.version ?? 0) + 1, content_key: received.key, received: JSON.stringify(received) }
      if (was) this.database.update('item_file', key, row)
      else this.database.insert('item_file', { ...key, ...row })
    }
    for (const name of old.keys())
      this.database.writeUntimed('DELETE FROM item_file WHERE item_id = ? AND name = ?', itemId, name)
    return before.map(({ received }) => received.key)
  }
}
