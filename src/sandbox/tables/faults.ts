// The faults of a sandbox, in the order in which they were added.
import { matchFaults, type Fault } from '../../rules/fault.ts'
import { Table } from './database.ts'

/** Each is looked at for each request. */
export const FAULTS_LIMIT = 100

export class Faults extends Table {
  list(): Fault[] {
    const rows = this.database.rows<{ fault: string }>('SELECT fault FROM fault ORDER BY seq')
    return rows.map(({ fault }) => JSON.parse(fault) as Fault) // written by save, from a Fault
  }

  /** Without ids, all of them. */
  remove(ids?: string[]): void {
    if (ids) for (const id of ids) this.database.write('DELETE FROM fault WHERE id = ?', id)
    else this.database.write('DELETE FROM fault')
    this.database.known.hasFaults = this.list().length > 0
  }

  /** One with the same id is replaced. */
  save(fault: Fault): void {
    this.database.known.hasFaults = true
    this.database.write(
      'INSERT INTO fault (id, fault) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET fault = excluded.fault',
      fault.id,
      JSON.stringify(fault),
    )
  }

  /** The fault that this request is to meet, if any. */
  matching(operation: string, input: object): Fault | undefined {
    if (!this.database.known.hasFaults) return undefined
    const before = this.list()
    const { after, fault } = matchFaults(before, { operation, input }, Math.random)
    for (const each of after) if (!before.includes(each)) this.save(each)
    return fault
  }
}
