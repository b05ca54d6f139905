// Which `Client-Token` created what.
import { Table } from './database.ts'

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
