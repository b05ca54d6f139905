// API sessions: the tokens of one sandbox, and which of them are alive.
import type { ApiSession } from '../../operations/store.ts'
import { Table } from './database.ts'

/** Moments are on the sandbox's clock. */
const SELECT = 'SELECT token, user, created_at AS createdAt, last_accessed_at AS lastAccessedAt FROM api_session'

/** The last access is stored to the second, or to a tenth of the idle time: reads need no write of their own. */
const TOUCH_MS = 1000
/** So many are kept in memory: beyond it they are read again. */
const KNOWN_LIMIT = 1000

export class ApiSessions extends Table {
  /** The session that the token stands for, if it is alive; using it keeps it so. */
  touch(token: string): ApiSession | undefined {
    const session = this.alive(token)
    const { now, settings } = this.database
    if (session && now - session.lastAccessedAt >= Math.min(TOUCH_MS, settings.apiSessionIdleMs / 10)) {
      this.database.write('UPDATE api_session SET last_accessed_at = ? WHERE token = ?', now, token)
      this.#known.delete(token)
    }
    return session
  }

  alive(token: string): ApiSession | undefined {
    const session = this.#known.get(token) ?? this.#find(token)
    return session && session.lastAccessedAt > this.#aliveAfter ? session : undefined
  }

  /** An API session that was last used then, or before, has ended. */
  get #aliveAfter(): number {
    return this.database.now - this.database.settings.apiSessionIdleMs
  }

  get #known(): Map<string, ApiSession> {
    return this.database.known.apiSessions
  }

  #find(token: string): ApiSession | undefined {
    const [session] = this.database.rows<ApiSession>(`${SELECT} WHERE token = ?`, token)
    if (!session) return undefined
    if (this.#known.size >= KNOWN_LIMIT) this.#known.clear()
    this.#known.set(token, session)
    return session
  }

  insert({ token, user, createdAt, lastAccessedAt }: ApiSession): void {
    this.database.insert('api_session', { token, user, created_at: createdAt, last_accessed_at: lastAccessedAt })
    this.database.hasMoved = true
  }

  remove(token: string): void {
    this.#known.delete(token)
    this.database.write('DELETE FROM api_session WHERE token = ?', token)
  }

  expire(): void {
    this.#known.clear()
    this.database.write('DELETE FROM api_session WHERE last_accessed_at <= ?', this.#aliveAfter)
  }
}
