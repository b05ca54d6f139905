// Which `Client-Token` created what.
import type { Database } from './database.ts'

export class Replays {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  find(operation: string, token: string): { id: string; spec: string } | undefined {
    return this.#database.rows<{ id: string; spec: string }>(
      'SELECT id, spec FROM replay WHERE operation = ? AND token = ?',
      operation,
      token,
    )[0]
  }

  insert(operation: string, token: string, spec: string, id: string): void {
    this.#database.insert('replay', { operation, token, spec, id })
  }
}
