// API sessions: the tokens of one sandbox, and which of them are alive.
import type { ApiSession } from '../../operations/operation.ts'
import type { Database } from './database.ts'

/** Moments in epoch milliseconds, on the sandbox's clock. */
type Row = { token: string; user: string; created_at: number; last_accessed_at: number }

/** The last access is stored to the second: reads need no write of their own, and clients see no difference. */
const TOUCH_MS = 1000

export class ApiSessions {
  readonly #database: Database
  readonly #now: number
  readonly #idleMs: number

  constructor(database: Database, now: number, idleMs: number) {
    this.#database = database
    this.#now = now
    this.#idleMs = idleMs
  }

  /** The session that the token stands for, if it is alive; using it keeps it so. */
  touch(token: string): ApiSession | undefined {
    const session = this.alive(token)
    if (session && this.#now - session.lastAccessedAt >= TOUCH_MS)
      this.#database.write('UPDATE api_session SET last_accessed_at = ? WHERE token = ?', this.#now, token)
    return session
  }

  alive(token: string): ApiSession | undefined {
    const [row] = this.#database.read<Row>('SELECT * FROM api_session WHERE token = ?', token)
    return row && row.last_accessed_at > this.#now - this.#idleMs
      ? { token, user: row.user, createdAt: row.created_at, lastAccessedAt: row.last_accessed_at }
      : undefined
  }

  /** A new API session, alive once it is inserted: a login that is refused leaves none. */
  begin(token: string, user: string): ApiSession {
    return { token, user, createdAt: this.#now, lastAccessedAt: this.#now }
  }

  insert({ token, user, createdAt, lastAccessedAt }: ApiSession): void {
    const row: Row = { token, user, created_at: createdAt, last_accessed_at: lastAccessedAt }
    this.#database.insert('api_session', row)
  }

  remove(token: string): void {
    this.#database.write('DELETE FROM api_session WHERE token = ?', token)
  }

  expire(): void {
    this.#database.write('DELETE FROM api_session WHERE last_accessed_at <= ?', this.#now - this.#idleMs)
  }
}
