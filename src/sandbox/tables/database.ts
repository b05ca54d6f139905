// The SQLite storage of a sandbox at one moment, and its tables. Reads are told from writes: something may be due after one.
import type { Settings } from '../../operations/store.ts'
import { read } from '../../rules/clock.ts'
import type { Known } from './known.ts'

export type Row = Record<string, SqlStorageValue>

export class Database {
  readonly sql: SqlStorage
  readonly settings: Settings
  readonly known: Known
  /** The moment in reality, and on the sandbox's clock. */
  readonly real: number
  readonly now: number
  hasWritten = false
  /** A moment that the alarm waits for may be another one now. */
  hasMoved = false

  constructor(sql: SqlStorage, known: Known, real = Date.now()) {
    this.sql = sql
    this.settings = known.settings
    this.known = known
    this.real = real
    this.now = read(known.clock, real)
  }

  /** Until when a transfer that is heard of now is taken to live. */
  get leaseUntil(): number {
    return this.real + this.settings.transferLeaseMs
  }

  /** All rows at once: the cursor's iterator costs as much as a query. */
  rows<T extends Row>(query: string, ...values: SqlStorageValue[]): T[] {
    return this.sql.exec<T>(query, ...values).toArray()
  }

  write(query: string, ...values: SqlStorageValue[]): void {
    this.hasMoved = true
    this.writeUntimed(query, ...values)
  }

  /** Of what the alarm does not ask. Answers whether something has changed. */
  writeUntimed(query: string, ...values: SqlStorageValue[]): boolean {
    this.hasWritten = true
    return this.sql.exec(query, ...values).rowsWritten > 0
  }

  /** `onConflict` says what becomes of a row whose place is taken. Answers whether there was room for it. */
  insert(table: string, row: Row, onConflict = ''): boolean {
    const columns = Object.keys(row)
    const places = columns.map(() => '?').join(', ')
    const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places}) ${onConflict}`
    return this.writeUntimed(insert, ...Object.values(row))
  }

  /** Writes the columns that are not as before: SQLite writes the index of each that is named, also where it stays the same. */
  update(table: string, key: Row, row: Row, before: Row = {}): void {
    const changed = Object.entries(row).filter(([column, value]) => value !== before[column])
    if (changed.length === 0) return
    const set = changed.map(([column]) => `${column} = ?`).join(', ')
    const where = Object.keys(key).map((column) => `${column} = ?`)
    const values = [...changed.map(([, value]) => value), ...Object.values(key)]
    this.writeUntimed(`UPDATE ${table} SET ${set} WHERE ${where.join(' AND ')}`, ...values)
  }
}

export class Table {
  protected readonly database: Database

  constructor(database: Database) {
    this.database = database
  }
}

/** A table of documents: their ids, each as JSON, and columns beside it for indexes and queries. */
export class Documents<T extends { id: string }> extends Table {
  readonly #table: string
  readonly #columnsOf: (document: T) => Row
  readonly #order: string

  constructor(database: Database, table: string, columnsOf: (document: T) => Row = () => ({}), order = 'rowid') {
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

  #rowOf(document: T): Row {
    return { document: JSON.stringify(document), ...this.#columnsOf(document) }
  }
}
