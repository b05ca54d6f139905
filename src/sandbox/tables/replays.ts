// What was answered, for who asks again: since a client repeats a creation, or the answer to the end of a transfer was lost.
import type { Result } from '../../rules/failure.ts'
import { Table } from './database.ts'

/** Which `Client-Token` created what. */
export class Replays extends Table {
  find(operation: string, token: string): { id: string; spec: string } | undefined {
    return this.database.rows<{ id: string; spec: string }>(
      'SELECT id, spec FROM replay WHERE operation = ? AND token = ?',
      operation,
      token,
    )[0]
  }

  insert(operation: string, token: string, spec: string, id: string): void {
    this.database.insert('replay', { operation, token, spec, id })
  }
}

/** What the ends of transfers were answered: who tells one again does so for as long as a lease. */
export class Endings extends Table {
  find(key: string): Result<undefined> | undefined {
    const [row] = this.database.rows<{ answer: string }>('SELECT answer FROM ending WHERE key = ?', key)
    return row && (JSON.parse(row.answer) as Result<undefined>) // of insert
  }

  insert(key: string, answer: Result<undefined>): void {
    this.database.writeUntimed('DELETE FROM ending WHERE until <= ?', this.database.real)
    this.database.insert('ending', { key, answer: JSON.stringify(answer), until: this.database.leaseUntil })
  }
}
