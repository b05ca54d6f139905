// Update sessions: rows to the rules' words and back.
import { fail, noSuch, ok, type Message, type Result } from '../rules/failure.ts'
import {
  isExpired,
  transition,
  type Session,
  type SessionEvent,
  type WarningBehavior,
} from '../rules/update-session.ts'

type Row = {
  id: string
  item_id: string
  state: Session['state']
  content_version: string
  client_progress: number
  warning_behavior: string
  reason: string | null
  expires_at: number
  idle_ms: number
  retention_ms: number
}

export class UpdateSessions {
  readonly #sql: SqlStorage
  readonly #now: number

  constructor(sql: SqlStorage, now: number) {
    this.#sql = sql
    this.#now = now
  }

  list(libraryItemId?: string): string[] {
    const rows =
      libraryItemId === undefined
        ? this.#sql.exec<{ id: string }>('SELECT id FROM update_session WHERE expires_at > ? ORDER BY rowid', this.#now)
        : this.#sql.exec<{ id: string }>(
            'SELECT id FROM update_session WHERE item_id = ? AND expires_at > ? ORDER BY rowid',
            libraryItemId,
            this.#now,
          )
    return Array.from(rows, ({ id }) => id)
  }

  find(id: string): Session | undefined {
    const [row] = this.#sql.exec<Row>('SELECT * FROM update_session WHERE id = ?', id)
    const session = row && toSession(row)
    return session && !isExpired(session, this.#now) ? session : undefined
  }

  activeOf(libraryItemId: string): string | undefined {
    const [row] = this.#sql.exec<{ id: string }>(
      "SELECT id FROM update_session WHERE item_id = ? AND state = 'ACTIVE'",
      libraryItemId,
    )
    return row?.id
  }

  insert(session: Session): void {
    this.#sql.exec(
      'INSERT INTO update_session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      session.id,
      session.libraryItemId,
      session.state,
      session.contentVersion,
      session.clientProgress,
      JSON.stringify(session.warningBehavior),
      reasonOf(session),
      session.expiresAt,
      session.idleMs,
      session.retentionMs,
    )
  }

  send(id: string, event: SessionEvent): Result<undefined> {
    const session = this.find(id)
    if (!session) return fail(noSuch('update_session', id))
    const next = transition(session, event, this.#now)
    if (!next.ok) return next
    if (next.value) this.#save(session, next.value)
    else this.#remove(id)
    return ok(undefined)
  }

  /** Removes what has expired; reads are exact without it. */
  expire(): void {
    for (const { id } of this.#sql
      .exec<{ id: string }>('SELECT id FROM update_session WHERE expires_at <= ?', this.#now)
      .toArray())
      this.#remove(id)
  }

  /** Epoch milliseconds at which the next session expires. */
  nextExpiry(): number | undefined {
    return (
      this.#sql.exec<{ due: number | null }>('SELECT MIN(expires_at) AS due FROM update_session').one().due ?? undefined
    )
  }

  #save(before: Session, session: Session): void {
    this.#sql.exec(
      'UPDATE update_session SET state = ?, client_progress = ?, warning_behavior = ?, reason = ?, expires_at = ? WHERE id = ?',
      session.state,
      session.clientProgress,
      JSON.stringify(session.warningBehavior),
      reasonOf(session),
      session.expiresAt,
      session.id,
    )
    if (before.state !== 'DONE' && session.state === 'DONE')
      this.#sql.exec(
        'UPDATE item SET content_version = content_version + 1, modified_at = ? WHERE id = ?',
        this.#now,
        session.libraryItemId,
      )
  }

  #remove(id: string): void {
    this.#sql.exec('DELETE FROM update_session WHERE id = ?', id)
    this.#sql.exec('DELETE FROM replay WHERE id = ?', id)
  }
}

const reasonOf = (session: Session) => (session.state === 'ERROR' ? JSON.stringify(session.reason) : null)

function toSession(row: Row): Session {
  const facts = {
    id: row.id,
    libraryItemId: row.item_id,
    contentVersion: row.content_version,
    clientProgress: row.client_progress,
    // Both were written by this module, from values of these types.
    warningBehavior: JSON.parse(row.warning_behavior) as WarningBehavior[],
    expiresAt: row.expires_at,
    idleMs: row.idle_ms,
    retentionMs: row.retention_ms,
  }
  return row.state === 'ERROR'
    ? { ...facts, state: row.state, reason: JSON.parse(row.reason ?? '') as Message }
    : { ...facts, state: row.state }
}
