// What the ends of transfers were answered, for as long as one may be told again since its answer was lost.
import type { Result } from '../../rules/failure.ts'
import type { Fault } from '../../rules/fault.ts'
import type { Database } from './database.ts'

/** What is told of it, with the fault that its request met. */
export type Ended = { result: Result<undefined>; fault?: Fault }

export class Endings {
  readonly #database: Database
  readonly #now: number
  readonly #leaseMs: number

  constructor(database: Database, now: number, leaseMs: number) {
    this.#database = database
    this.#now = now
    this.#leaseMs = leaseMs
  }

  /** Who tells an end again does so for as long as a lease. */
  find(key: string): Ended | undefined {
    const [row] = this.#database.rows<{ answer: string }>('SELECT answer FROM ending WHERE key = ?', key)
    return row && (JSON.parse(row.answer) as Ended) // of insert
  }

  insert(key: string, answer: Ended): void {
    this.#database.write('DELETE FROM ending WHERE until <= ?', this.#now)
    this.#database.insert('ending', { key, answer: JSON.stringify(answer), until: this.#now + this.#leaseMs })
  }
}
