// The SQLite storage of a sandbox at one moment. It tells reads from writes, since something may be due after a write.
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
