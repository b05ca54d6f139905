// A table of documents: their ids, each as JSON, and the columns that SQLite derives from that for its indexes and queries.
import { Table, type Database } from './database.ts'

type Row = { document: string }

export class Documents<T extends { id: string }> extends Table {
  readonly #table: string

  constructor(database: Database, table: string) {
    super(database)
    this.#table = table
  }

  list(): T[] {
    return this.#select('')
  }

  find(id: string): T | undefined {
    return this.#select('WHERE id = ?', id)[0]
  }

  /** In the order in which they were inserted, as in a list. */
  ids(where = '', ...values: (string | number)[]): string[] {
    const select = `SELECT id FROM ${this.#table} ${where} ORDER BY rowid`
    return this.database.rows<{ id: string }>(select, ...values).map(({ id }) => id)
  }

  /** Answers whether there was room for it: `onConflict` says what becomes of one whose place is taken, by an index. */
  insert(document: T, onConflict = ''): boolean {
    const insert = `INSERT INTO ${this.#table} (id, document) VALUES (?, ?) ${onConflict}`
    return this.database.writeUntimed(insert, document.id, JSON.stringify(document))
  }

  save(document: T): void {
    const save = `UPDATE ${this.#table} SET document = ? WHERE id = ?`
    this.database.writeUntimed(save, JSON.stringify(document), document.id)
  }

  remove(id: string): void {
    this.database.writeUntimed(`DELETE FROM ${this.#table} WHERE id = ?`, id)
  }

  #select(where: string, ...values: string[]): T[] {
    const rows = this.database.rows<Row>(`SELECT document FROM ${this.#table} ${where} ORDER BY rowid`, ...values)
    return rows.map(({ document }) => JSON.parse(document) as T) // of insert and save
  }
}
