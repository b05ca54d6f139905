// Update sessions, and what follows from their events.
import type { Store } from '../../operations/store.ts'
import { fail, itemHasActiveSession, noSuch, ok, type Result } from '../../rules/failure.ts'
import type { File } from '../../rules/file.ts'
import { beginSession, concernsAll, isExpired, isOpen, transition } from '../../rules/update-session.ts'
import type { FileChange, Session, SessionEvent, SessionHead } from '../../rules/update-session.ts'
import type { Contents } from './contents.ts'
import type { ItemFiles } from './item-files.ts'
import { Documents, Table, type Database } from './database.ts'
import { dueAt } from './known.ts'
import type { UpdateFiles } from './update-files.ts'

/** Most sessions that are cancelled, and all that have long ended, have no files to ask for. */
const SELECT = `SELECT id, document, EXISTS (SELECT 1 FROM update_file WHERE session_id = update_session.id) AS has_files
                FROM update_session`
type Row = { id: string; document: string; has_files: 0 | 1 }

/** So long after its last progress a transfer is under way. */
const RUNNING_MS = 2000

type Others = { files: UpdateFiles; itemFiles: ItemFiles; contents: Contents }

export class UpdateSessions extends Table {
  readonly #heads: Documents<SessionHead>
  readonly #others: Others

  constructor(database: Database, others: Others) {
    super(database)
    this.#heads = new Documents(database, 'update_session', columnsOf, 'created_at, id')
    this.#others = others
  }

  list(libraryItemId?: string): string[] {
    const [of, values] = libraryItemId === undefined ? ['', []] : ['item_id = ? AND', [libraryItemId]]
    return this.#heads.ids(`WHERE ${of} expires_at > ?`, ...values, this.database.now)
  }

  find(id: string): Session | undefined {
    const session = this.#select('id = ?', id)[0]
    return session && !isExpired(session, this.database.now) ? session : undefined
  }

  head(id: string): SessionHead | undefined {
    const head = this.#heads.find(id)
    return head && !isExpired(head, this.database.now) ? head : undefined
  }

  /** A new session, ACTIVE: an item has one at a time. */
  begin({ item, ...given }: Parameters<Store['updateSessions']['begin']>[0]): Result<Session> {
    const { sessionIdleMs: idleMs, sessionRetentionMs: retentionMs } = this.database.settings
    const facts = { libraryItemId: item.id, contentVersion: `${item.contentVersion}`, idleMs, retentionMs }
    const session = beginSession(
      { ...given, ...facts, ...(item.type !== undefined && { itemType: item.type }) },
      this.database.now,
    )
    // By the index `update_session_by_item`: an item has one session that is open there, and any number that are over.
    if (!this.#heads.insert(headOf(session), 'ON CONFLICT DO NOTHING')) {
      const [active = ''] = this.#heads.ids('WHERE item_id = ? AND is_open = 1', item.id)
      return fail(itemHasActiveSession(item.id, active))
    }
    this.#noteDue(session)
    this.#others.files.save(session.id, [], session.files, isOpen(session))
    return ok(session)
  }

  send(id: string, event: SessionEvent): Result<undefined> {
    const session = this.find(id)
    if (!session) return fail(noSuch('update_session', id))
    const { completionMs } = this.database.settings
    const isDelayed = event.type === 'complete' && completionMs > 0
    const sent = isDelayed ? { ...event, settlesAt: this.database.now + completionMs } : event
    return this.#apply(session, sent, this.database.now)
  }

  /** Other files are read only where the rules want to see them. */
  change(head: SessionHead, before: File | undefined, event: FileChange): Result<undefined> {
    const itself = before ? [before] : []
    const files = concernsAll(head, event) ? this.#others.files.of(head.id) : itself
    return this.#apply({ ...head, files }, event, this.database.now)
  }

  /** Ends the completions whose time has come, each at its own moment; then what has expired. Reads are exact without it, but where a pull waits. */
  catchUp(): void {
    if (this.database.known.dueAt > this.database.now) return
    for (const session of this.#select('settles_at <= ?', this.database.now))
      this.#apply(session, { type: 'settle' }, session.settlesAt ?? this.database.now)
    for (const session of this.#select('expires_at <= ?', this.database.now))
      this.#apply(session, { type: 'expire' }, this.database.now)
    this.database.known.dueAt = dueAt(this.database.sql)
  }

  /**
   * Time has leapt, and a transfer has had no time to say that it is under way, as it does each second: a session that was active
   * just before is active still.
   */
  keepRunning(leaptFrom: number, realNow: number): void {
    this.database.write(
      `UPDATE update_session SET document = json_set(document, '$.expiresAt', ?1 + (document ->> 'idleMs'))
       WHERE is_open = 1 AND expires_at BETWEEN ?2 + (document ->> 'idleMs') AND ?1 AND id IN (
         SELECT session_id FROM update_file JOIN content ON content.key = update_file.content_key
         WHERE content.lease_until > ?3)`,
      this.database.now,
      leaptFrom - RUNNING_MS,
      realNow,
    )
  }

  removeOf(itemId: string): void {
    for (const session of this.#select('item_id = ?', itemId))
      this.#apply(session, { type: 'expire', isForced: true }, this.database.now)
  }

  #apply(before: Session, event: SessionEvent, at: number): Result<undefined> {
    const next = transition(before, event, at)
    if (!next.ok) return next
    const { session: after, publish, release } = next.value
    const { files, itemFiles, contents } = this.#others
    if (after) {
      this.#noteDue(after)
      this.#heads.save(headOf(after), before)
    } else this.#heads.remove(before.id)
    const replaced = publish ? itemFiles.publish(before.libraryItemId, publish, at) : []
    files.save(before.id, before.files, after?.files ?? [], after !== null && isOpen(after))
    // Last, when the item holds what the session did.
    contents.release([...release, ...replaced])
    return ok(undefined)
  }

  #noteDue({ expiresAt, settlesAt = expiresAt }: SessionHead): void {
    this.database.known.dueAt = Math.min(this.database.known.dueAt, expiresAt, settlesAt)
  }

  #select(where: string, value: string | number): Session[] {
    return this.database.rows<Row>(`${SELECT} WHERE ${where}`, value).map(({ id, document, has_files }) => ({
      ...(JSON.parse(document) as SessionHead), // of insert and save
      files: has_files ? this.#others.files.of(id) : [],
    }))
  }
}

const columnsOf = (head: SessionHead) => ({ item_id: head.libraryItemId, is_open: isOpen(head) ? 1 : null })

/** Its files have rows of their own. */
function headOf(session: SessionHead & Partial<Pick<Session, 'files'>>): SessionHead {
  const { files: _, ...head } = session
  return head
}
