// Which `Client-Token` created what.
import { insertRow } from './row.ts'

export class Replays {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  find(operation: string, token: string): { id: string; spec: string } | undefined {
    const [row] = this.#sql.exec<{ id: string; spec: string }>(
      'SELECT id, spec FROM replay WHERE operation = ? AND token = ?',
      operation,
      token,
    )
    return row
  }

  insert(operation: string, token: string, spec: string, id: string): void {
    insertRow(this.#sql, 'replay', { operation, token, spec, id })
  }
}
