// The SQLite storage of a sandbox. It tells reads from writes, since something may be due after a write.

export type Row = Record<string, SqlStorageValue>

/** No alarm waits for a moment in their rows, but for those of update sessions, which are known (`Known.dueAt`). */
const UNTIMED = ['update_session', 'library', 'item', 'item_file', 'replay']

/** By table: all rows that are written as a whole have the same columns. */
const inserts = new Map<string, string>()
const updates = new Map<string, string>()

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
    this.#write(query, values)
  }

  /** Answers whether there was room for it: `onConflict` says what becomes of one whose place is taken, by an index. */
  insert(table: string, row: Row, onConflict = ''): boolean {
    const statement = inserts.get(table) ?? `${insertInto(table, Object.keys(row))} ${onConflict}`
    inserts.set(table, statement)
    return this.#writeTo(table, statement, Object.values(row))
  }

  /** The row with this id. */
  update(table: string, id: string, row: Row): void {
    const statement = updates.get(table) ?? updateOf(table, Object.keys(row))
    updates.set(table, statement)
    this.#writeTo(table, statement, [...Object.values(row), id])
  }

  /** The row with this id. */
  remove(table: string, id: string): void {
    this.#writeTo(table, `DELETE FROM ${table} WHERE id = ?`, [id])
  }

  #writeTo(table: string, statement: string, values: SqlStorageValue[]): boolean {
    if (!UNTIMED.includes(table)) this.hasMoved = true
    return this.#write(statement, values)
  }

  #write(statement: string, values: SqlStorageValue[]): boolean {
    this.hasWritten = true
    return this.#sql.exec(statement, ...values).rowsWritten > 0
  }
}

const insertInto = (table: string, columns: string[]): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
const updateOf = (table: string, columns: string[]): string =>
  `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`
