// What the ends of transfers were answered, for as long as one may be told again since its answer was lost.
import type { Result } from '../../rules/failure.ts'
import type { Effect } from '../../rules/fault.ts'
import { Table } from './database.ts'

/** What is told of it, with the fault that its request met. */
export type Ended = { result: Result<undefined>; fault?: Effect | undefined }

export class Endings extends Table {
  /** Who tells an end again does so for as long as a lease. */
  find(key: string): Ended | undefined {
    const [row] = this.database.rows<{ answer: string }>('SELECT answer FROM ending WHERE key = ?', key)
    return row && (JSON.parse(row.answer) as Ended) // of insert
  }

  insert(key: string, answer: Ended): void {
    this.database.write('DELETE FROM ending WHERE until <= ?', this.database.real)
    this.database.insert('ending', { key, answer: JSON.stringify(answer), until: this.database.leaseUntil })
  }
}
