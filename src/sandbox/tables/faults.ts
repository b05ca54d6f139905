// The faults of a sandbox, in the order in which they were added.
import type { Failure } from '../../rules/failure.ts'
import { matchFaults, type Fault } from '../../rules/fault.ts'
import { Table } from './database.ts'

/** Each is looked at for each request. */
export const FAULTS_LIMIT = 100

export class Faults extends Table {
  list(): Fault[] {
    return this.database.known.faults
  }

  /** Answers whether there was room for them; otherwise nothing has changed. One with the same id is replaced. */
  change(remove: 'all' | string[], add: Fault[]): boolean {
    const kept = remove === 'all' ? [] : this.list().filter(({ id }) => !remove.includes(id))
    if (new Set([...kept, ...add].map(({ id }) => id)).size > FAULTS_LIMIT) return false
    const others = 'DELETE FROM fault WHERE id NOT IN (SELECT value FROM json_each(?))'
    this.database.writeUntimed(others, JSON.stringify(kept.map(({ id }) => id)))
    this.database.known.faults = kept
    for (const fault of add) this.#save(fault)
    return true
  }

  #save(fault: Fault): void {
    const others = this.list()
    const at = others.findIndex(({ id }) => id === fault.id)
    this.database.known.faults = at === -1 ? [...others, fault] : others.with(at, fault)
    const replace = 'ON CONFLICT (id) DO UPDATE SET fault = excluded.fault'
    this.database.insert('fault', { id: fault.id, fault: JSON.stringify(fault) }, replace)
  }

  /** The fault that a request meets, unless it is spared; and what it is refused with. */
  matching(operation: string, input: object, isSpared = false): { fault?: Fault; failure?: Failure | undefined } {
    if (isSpared) return {}
    const before = this.list()
    const { after, ...met } = matchFaults(before, { operation, input }, Math.random)
    for (const each of after) if (!before.includes(each)) this.#save(each)
    return met
  }
}
