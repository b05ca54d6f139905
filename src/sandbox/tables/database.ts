// The SQLite storage of a sandbox. It tells reads from writes, since something may be due after a write.

export type Row = Record<string, SqlStorageValue>

export class Database {
  readonly #sql: SqlStorage
  hasWritten = false

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  read<T extends Row>(query: string, ...values: SqlStorageValue[]): SqlStorageCursor<T> {
    return this.#sql.exec<T>(query, ...values)
  }

  write(query: string, ...values: SqlStorageValue[]): void {
    this.hasWritten = true
    this.#sql.exec(query, ...values)
  }

  insert(table: string, row: Row): void {
    const columns = Object.keys(row)
    const places = columns.map(() => '?').join(', ')
    this.write(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, ...Object.values(row))
  }

  /** The row with this id. */
  update(table: string, id: string, row: Row): void {
    const columns = Object.keys(row).map((column) => `${column} = ?`)
    this.write(`UPDATE ${table} SET ${columns.join(', ')} WHERE id = ?`, ...Object.values(row), id)
  }
}
