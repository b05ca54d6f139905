// The SQLite storage of a sandbox. It tells reads from writes, since something may be due after a write.

export type Row = Record<string, SqlStorageValue>

export class Database {
  readonly #sql: SqlStorage
  hasWritten = false
  /** A moment that the alarm waits for may be another one now. */
  hasMoved = false

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  read<T extends Row>(query: string, ...values: SqlStorageValue[]): SqlStorageCursor<T> {
    return this.#sql.exec<T>(query, ...values)
  }

  /** All rows at once: the cursor's iterator costs as much as a query. */
  rows<T extends Row>(query: string, ...values: SqlStorageValue[]): T[] {
    return this.#sql.exec<T>(query, ...values).toArray()
  }

  write(query: string, ...values: SqlStorageValue[]): void {
    this.hasMoved = true
    this.writeUntimed(query, ...values)
  }

  /** In a table that the alarm does not ask. Answers whether something has changed. */
  writeUntimed(query: string, ...values: SqlStorageValue[]): boolean {
    this.hasWritten = true
    return this.#sql.exec(query, ...values).rowsWritten > 0
  }

  /** `onConflict` says what becomes of a row whose place is taken. */
  insert(table: string, row: Row, onConflict = ''): void {
    const columns = Object.keys(row)
    const places = columns.map(() => '?').join(', ')
    this.write(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places}) ${onConflict}`, ...Object.values(row))
  }
}
