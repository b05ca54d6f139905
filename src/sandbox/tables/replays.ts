// Which `Client-Token` created what.

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
    this.#sql.exec('INSERT INTO replay VALUES (?, ?, ?, ?)', operation, token, spec, id)
  }
}
