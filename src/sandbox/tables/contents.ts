// Which bytes this sandbox has, in rows of its own and in the store: who is writing them, who holds them, which are to be deleted.
// Its moments are real time: a clock that is moved neither ends a lease nor keeps released content.
import { Table } from './database.ts'

/** How long to leave the store alone after it would not delete. */
const RETRY_MS = 5_000
/** Each takes two calls, and an alarm has a limited number of them. */
const PURGE_LIMIT = 100

/** `isWritten` says that a transfer may still write there. */
export type Purgeable = { key: string; isWritten: 0 | 1 }

export class Contents extends Table {
  /** What is not held any more since these tables were opened. */
  readonly released: string[] = []

  /** Known before the first byte is written: whatever a crash leaves can be found. */
  begin(key: string): void {
    this.database.insert('content', { key, lease_until: this.database.leaseUntil, purge_at: null, bytes: 0 })
    this.database.hasMoved = true
  }

  /** Its transfer lives, and has written so much. The lease, which is in an index, is renewed once a third of it is over. */
  renew(key: string, bytes: number): void {
    this.fill(key, bytes)
    const renewal = 'UPDATE content SET lease_until = ? WHERE key = ? AND lease_until < ?'
    const { leaseUntil, settings } = this.database
    this.database.write(renewal, leaseUntil, key, leaseUntil - settings.transferLeaseMs / 3)
  }

  /** Nothing is written there any more. What is released is purged once more. */
  end(key: string): void {
    const ended = 'UPDATE content SET lease_until = NULL, purge_at = MIN(purge_at, ?) WHERE key = ?'
    this.database.write(ended, this.database.real, key)
  }

  /** All of it is here: in a row of its own, and nothing in the store. */
  keep(key: string, bytes: ArrayBuffer): void {
    this.database.writeUntimed('DELETE FROM content WHERE key = ?', key)
    this.database.insert('small_content', { key, bytes })
  }

  bytesOf(key: string): ArrayBuffer | undefined {
    return this.database.rows<{ bytes: ArrayBuffer }>('SELECT bytes FROM small_content WHERE key = ?', key)[0]?.bytes
  }

  fill(key: string, bytes: number): void {
    this.database.write('UPDATE content SET bytes = ? WHERE key = ? AND bytes <> ?', bytes, key, bytes)
  }

  /** Whether a file has it, or is getting it. */
  isHeld(key: string): boolean {
    const held = `SELECT 1 WHERE EXISTS (SELECT 1 FROM item_file WHERE content_key = ?1)
                  OR EXISTS (SELECT 1 FROM update_file WHERE content_key = ?1)`
    return this.database.rows(held, key).length > 0
  }

  /** Deletes the rows of what nothing holds any more, and puts what lies in the store on the purge list. */
  release(keys: Iterable<string>): void {
    for (const key of keys) {
      if (this.isHeld(key)) continue
      this.released.push(key)
      if (!this.database.writeUntimed('DELETE FROM small_content WHERE key = ?', key))
        this.database.write('UPDATE content SET purge_at = ? WHERE key = ?', this.database.real, key)
    }
  }

  /** Content whose writer has not reported for as long as its lease. */
  abandoned(): string[] {
    const dead = 'SELECT key FROM content WHERE lease_until <= ?'
    return this.database.rows<{ key: string }>(dead, this.database.real).map(({ key }) => key)
  }

  /** When the last of those who write will have been heard of, or be dead. */
  writtenUntil(): number {
    return this.database.sql.exec<{ at: number | null }>('SELECT MAX(lease_until) AS at FROM content').one().at ?? 0
  }

  /** What is to be deleted now. A transfer may still write there, until it is told that it is not wanted. */
  purgeable(): Purgeable[] {
    const due = `SELECT key, lease_until IS NOT NULL AS isWritten FROM content WHERE purge_at <= ? LIMIT ${PURGE_LIMIT}`
    return this.database.rows<Purgeable>(due, this.database.real)
  }

  /** What was written meanwhile is purged again when the transfer has ended, or its lease. */
  purged(deleted: Purgeable[]): void {
    const again = 'UPDATE content SET purge_at = COALESCE(lease_until, purge_at) WHERE key = ?'
    for (const { key, isWritten } of deleted)
      this.database.write(isWritten ? again : 'DELETE FROM content WHERE key = ?', key)
  }

  postpone(kept: Purgeable[]): void {
    const later = 'UPDATE content SET purge_at = ? WHERE key = ?'
    for (const { key } of kept) this.database.write(later, this.database.real + RETRY_MS, key)
  }

  /** The bytes that files hold, or are getting, and how many of them lie in rows. What is on the purge list does not count any more. */
  held(): { bytes: number; small_bytes: number } {
    return this.database.sql.exec<{ bytes: number; small_bytes: number }>('SELECT * FROM held').one()
  }

  isKnown(key: string): boolean {
    return this.database.rows('SELECT 1 FROM content WHERE key = ?', key).length > 0
  }

  isEmpty(): boolean {
    return this.database.rows('SELECT 1 FROM content LIMIT 1').length === 0
  }
}
