// A table of documents: their ids, each as JSON, and columns beside it for indexes and queries.
import { Table, type Database, type Row as Columns } from './database.ts'

export class Documents<T extends { id: string }> extends Table {
  readonly #table: string
  readonly #columnsOf: (document: T) => Columns
  readonly #order: string

  constructor(database: Database, table: string, columnsOf: (document: T) => Columns = () => ({}), order = 'rowid') {
    super(database)
    this.#table = table
    this.#columnsOf = columnsOf
    this.#order = order
  }

  list(): T[] {
    return this.#select('')
  }

  find(id: string): T | undefined {
    return this.#select('WHERE id = ?', id)[0]
  }

  /** In the order in which they were inserted, as in a list. */
  ids(where = '', ...values: (string | number)[]): string[] {
    const select = `SELECT id FROM ${this.#table} ${where} ORDER BY ${this.#order}`
    return this.database.rows<{ id: string }>(select, ...values).map(({ id }) => id)
  }

  /** Answers whether there was room for it: `onConflict` says what becomes of one whose place is taken, by an index. */
  insert(document: T, onConflict = ''): boolean {
    return this.database.insert(this.#table, { id: document.id, ...this.#rowOf(document) }, onConflict)
  }

  /** Of what is told to be there before, only what differs is written. */
  save(document: T, before?: T): void {
    this.database.update(this.#table, { id: document.id }, this.#rowOf(document), before && this.#columnsOf(before))
  }

  remove(id: string): void {
    this.database.writeUntimed(`DELETE FROM ${this.#table} WHERE id = ?`, id)
  }

  #select(where: string, ...values: string[]): T[] {
    const select = `SELECT document FROM ${this.#table} ${where} ORDER BY ${this.#order}`
    const rows = this.database.rows<{ document: string }>(select, ...values)
    return rows.map(({ document }) => JSON.parse(document) as T) // of #rowOf
  }

  #rowOf(document: T): Columns {
    return { document: JSON.stringify(document), ...this.#columnsOf(document) }
  }
}
