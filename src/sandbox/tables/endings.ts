// What the ends of transfers were answered, for as long as one may be told again since its answer was lost.
import type { Result } from '../../rules/failure.ts'
import { Table } from './database.ts'

export class Endings extends Table {
  /** Who tells an end again does so for as long as a lease. */
  find(key: string): Result<undefined> | undefined {
    const [row] = this.database.rows<{ answer: string }>('SELECT answer FROM ending WHERE key = ?', key)
    return row && (JSON.parse(row.answer) as Result<undefined>) // of insert
  }

  insert(key: string, answer: Result<undefined>): void {
    this.database.writeUntimed('DELETE FROM ending WHERE until <= ?', this.database.real)
    this.database.insert('ending', { key, answer: JSON.stringify(answer), until: this.database.leaseUntil })
  }
}
