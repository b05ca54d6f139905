// API sessions: the tokens of one sandbox, and which of them are alive.
import type { ApiSession } from '../../operations/operation.ts'
import { fail, ok, unauthenticated, type Result } from '../../rules/failure.ts'

type Row = { token: string; user: string; created_at: number; last_accessed_at: number }

/** The last access is stored to the second: reads need no write of their own, and clients see no difference. */
const TOUCH_MS = 1000
const MET_LIMIT = 1000

export class ApiSessions {
  readonly #sql: SqlStorage
  readonly #now: number
  readonly #idleMs: number
  readonly #met: Map<string, ApiSession>
  readonly #owe: (at: number) => void

  /** `met` holds what storage holds, of some. */
  constructor(sql: SqlStorage, now: number, idleMs: number, met: Map<string, ApiSession>, owe: (at: number) => void) {
    this.#met = met
    this.#owe = owe
    this.#sql = sql
    this.#now = now
    this.#idleMs = idleMs
  }

  /** The session that the token stands for; using it keeps it alive. */
  touch(token: string): Result<ApiSession> {
    const session = this.alive(token)
    if (!session) return fail(unauthenticated())
    if (this.#now - session.lastAccessedAt >= TOUCH_MS) {
      this.#sql.exec('UPDATE api_session SET last_accessed_at = ? WHERE token = ?', this.#now, token)
      this.#met.delete(token)
    } else {
      if (this.#met.size >= MET_LIMIT) this.#met.clear()
      this.#met.set(token, session)
    }
    return ok(session)
  }

  alive(token: string): ApiSession | undefined {
    const session = this.#met.get(token) ?? this.#find(token)
    return session && session.lastAccessedAt > this.#now - this.#idleMs ? session : undefined
  }

  #find(token: string): ApiSession | undefined {
    const [row] = this.#sql.exec<Row>('SELECT * FROM api_session WHERE token = ?', token)
    return row && { token, user: row.user, createdAt: row.created_at, lastAccessedAt: row.last_accessed_at }
  }

  /** A new API session, alive once it is saved: a login that is refused leaves none. */
  begin(token: string, user: string): ApiSession {
    return { token, user, createdAt: this.#now, lastAccessedAt: this.#now }
  }

  insert({ token, user, createdAt, lastAccessedAt }: ApiSession): void {
    this.#owe(lastAccessedAt + this.#idleMs)
    this.#sql.exec('INSERT INTO api_session VALUES (?, ?, ?, ?)', token, user, createdAt, lastAccessedAt)
  }

  remove(token: string): void {
    this.#met.delete(token)
    this.#sql.exec('DELETE FROM api_session WHERE token = ?', token)
  }

  expire(): void {
    this.#met.clear()
    this.#sql.exec('DELETE FROM api_session WHERE last_accessed_at <= ?', this.#now - this.#idleMs)
  }
}
