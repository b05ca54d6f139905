// Update sessions: rows to the rules' words and back.
import { fail, noSuch, ok, type Message, type Result } from '../../rules/failure.ts'
import {
  isExpired,
  isOpen,
  transition,
  type FileChange,
  type Session,
  type SessionEvent,
  type SessionHead,
  type WarningBehavior,
} from '../../rules/update-session.ts'
import { isKeptInStorage } from '../../rules/validation.ts'
import type { ItemFiles } from './item-files.ts'
import type { UpdateFiles } from './update-files.ts'

type Row = {
  id: string
  item_id: string
  item_type: string | null
  state: Session['state']
  content_version: string
  client_progress: number
  warning_behavior: string
  reason: string | null
  expires_at: number
  idle_ms: number
  retention_ms: number
  settles_at: number | null
}
type RowWithFiles = Row & { has_files: 0 | 1 }

/** Most sessions that are cancelled, and all that have long ended, have no files to ask for. */
const SELECT = `SELECT *, EXISTS (SELECT 1 FROM update_file WHERE session_id = update_session.id) AS has_files
                FROM update_session`

export class UpdateSessions {
  readonly #sql: SqlStorage
  readonly #now: number
  readonly #files: UpdateFiles
  readonly #itemFiles: ItemFiles
  readonly #completionMs: number
  readonly #owe: (at: number) => void

  constructor(
    sql: SqlStorage,
    now: number,
    files: UpdateFiles,
    itemFiles: ItemFiles,
    completionMs: number,
    owe: (at: number) => void,
  ) {
    this.#owe = owe
    this.#completionMs = completionMs
    this.#sql = sql
    this.#now = now
    this.#files = files
    this.#itemFiles = itemFiles
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
    const [row] = this.#sql.exec<RowWithFiles>(`${SELECT} WHERE id = ?`, id)
    const session = row && this.#toSession(row)
    return session && !isExpired(session, this.#now) ? session : undefined
  }

  head(id: string): SessionHead | undefined {
    const [row] = this.#sql.exec<Row>('SELECT * FROM update_session WHERE id = ?', id)
    const head = row && toHead(row)
    return head && !isExpired(head, this.#now) ? head : undefined
  }

  activeOf(libraryItemId: string): string | undefined {
    const [row] = this.#sql.exec<{ id: string }>(
      "SELECT id FROM update_session WHERE item_id = ? AND state IN ('ACTIVE', 'COMPLETING')",
      libraryItemId,
    )
    return row?.id
  }

  insert(session: Session): void {
    this.#oweFor(session)
    this.#sql.exec(
      'INSERT INTO update_session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      session.id,
      session.libraryItemId,
      session.itemType ?? null,
      session.state,
      session.contentVersion,
      session.clientProgress,
      JSON.stringify(session.warningBehavior),
      reasonOf(session),
      session.expiresAt,
      session.idleMs,
      session.retentionMs,
      session.settlesAt ?? null,
      session.expiresAt,
    )
    this.#files.save(session.id, [], session.files, isOpen(session))
  }

  send(id: string, event: SessionEvent): Result<undefined> {
    const session = this.find(id)
    if (!session) return fail(noSuch('update_session', id))
    const isSlow = event.type === 'complete' && this.#completionMs > 0
    const next = transition(
      session,
      isSlow ? { ...event, settlesAt: this.#now + this.#completionMs } : event,
      this.#now,
    )
    if (!next.ok) return next
    if (next.value) this.#save(session, next.value)
    else this.#remove(id)
    return ok(undefined)
  }

  change(id: string, event: FileChange): Result<undefined> {
    const head = this.head(id)
    if (!head) return fail(noSuch('update_session', id))
    const next = transition(head, event, this.#now)
    if (!next.ok) return next
    this.#saveHead(head, next.value)
    const before = this.#files.find(id, event.file.name)
    const after = event.type === 'remove' ? [] : [event.file]
    this.#files.save(id, before ? [before] : [], after, isOpen(next.value))
    return ok(undefined)
  }

  /** Ends the completions whose time has come, each at its own moment. */
  settle(): void {
    const rows = this.#sql.exec<RowWithFiles>(`${SELECT} WHERE settles_at <= ?`, this.#now)
    for (const row of rows.toArray()) {
      const session = this.#toSession(row)
      const next = transition(session, { type: 'settle' }, row.settles_at ?? this.#now)
      if (next.ok && next.value) this.#save(session, next.value)
    }
  }

  /** Removes what has expired; reads are exact without it. */
  expire(): void {
    const due = this.#sql.exec<Pick<Row, 'id' | 'expires_at'>>(
      'SELECT id, expires_at FROM update_session WHERE look_at <= ?',
      this.#now,
    )
    for (const { id, expires_at } of due.toArray())
      if (expires_at <= this.#now) this.#remove(id)
      else this.#lookAt(id, expires_at)
  }

  removeOf(itemId: string): void {
    const rows = this.#sql.exec<{ id: string }>('SELECT id FROM update_session WHERE item_id = ?', itemId)
    for (const { id } of rows.toArray()) this.#remove(id)
  }

  #save(before: Session, session: Session): void {
    this.#saveHead(before, session)
    if (session.state === 'DONE') this.#publish(session)
    this.#files.save(session.id, before.files, session.files, isOpen(session))
  }

  #saveHead(before: SessionHead, session: SessionHead): void {
    this.#oweFor(session)
    this.#sql.exec(
      'UPDATE update_session SET state = ?, client_progress = ?, warning_behavior = ?, reason = ?, expires_at = ?, settles_at = ? WHERE id = ?',
      session.state,
      session.clientProgress,
      JSON.stringify(session.warningBehavior),
      reasonOf(session),
      session.expiresAt,
      session.settlesAt ?? null,
      session.id,
    )
    if (session.expiresAt < before.expiresAt) this.#lookAt(session.id, session.expiresAt)
  }

  #lookAt(id: string, at: number): void {
    this.#sql.exec('UPDATE update_session SET look_at = ? WHERE id = ?', at, id)
  }

  #oweFor({ expiresAt, settlesAt }: SessionHead): void {
    this.#owe(expiresAt)
    if (settlesAt !== undefined) this.#owe(settlesAt)
  }

  /** The update becomes visible: the item's content is what the session holds. */
  #publish({ libraryItemId, itemType, files }: Session): void {
    this.#itemFiles.publish(
      libraryItemId,
      files.filter(({ name }) => isKeptInStorage(itemType, name)),
    )
    this.#sql.exec(
      'UPDATE item SET content_version = content_version + 1, modified_at = ? WHERE id = ?',
      this.#now,
      libraryItemId,
    )
  }

  #remove(id: string): void {
    this.#files.removeAll(id)
    this.#sql.exec('DELETE FROM update_session WHERE id = ?', id)
    this.#sql.exec('DELETE FROM replay WHERE id = ?', id)
  }

  #toSession(row: RowWithFiles): Session {
    return { ...toHead(row), files: row.has_files ? this.#files.of(row.id) : [] }
  }
}

function toHead(row: Row): SessionHead {
  const facts = {
    id: row.id,
    libraryItemId: row.item_id,
    ...(row.item_type !== null && { itemType: row.item_type }),
    contentVersion: row.content_version,
    clientProgress: row.client_progress,
    // Both were written by this module, from values of these types.
    warningBehavior: JSON.parse(row.warning_behavior) as WarningBehavior[],
    expiresAt: row.expires_at,
    idleMs: row.idle_ms,
    retentionMs: row.retention_ms,
    ...(row.settles_at !== null && { settlesAt: row.settles_at }),
  }
  return row.state === 'ERROR'
    ? { ...facts, state: row.state, reason: JSON.parse(row.reason ?? '') as Message }
    : { ...facts, state: row.state }
}

const reasonOf = (session: SessionHead) => (session.state === 'ERROR' ? JSON.stringify(session.reason) : null)
