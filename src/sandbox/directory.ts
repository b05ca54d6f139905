// The Durable Object that knows which sandboxes there are, and the last requests that belonged to none of them.
import { DurableObject } from 'cloudflare:workers'
import { withoutSecrets, type Entry, type Noted } from './journal.ts'

/** One for the whole deployment: it hears of a sandbox when the sandbox begins and when it goes, not of its requests. */
export const THE_DIRECTORY = 'all'
/** Beyond this the oldest are no longer listed; they work as ever. */
const SANDBOXES_LIMIT = 10_000
const STRAYS_LIMIT = 100

export class Directory extends DurableObject<Env> {
  /** In memory alone: their senders are not authenticated, and would otherwise fill the storage. */
  #strays: Entry[] = []

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS sandbox (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL)')
  }

  async add(name: string): Promise<void> {
    const { sql } = this.ctx.storage
    sql.exec('INSERT OR IGNORE INTO sandbox VALUES (?, ?)', name, Date.now())
    sql.exec(`DELETE FROM sandbox WHERE rowid <= (SELECT MAX(rowid) FROM sandbox) - ?`, SANDBOXES_LIMIT)
  }

  async remove(name: string): Promise<void> {
    this.ctx.storage.sql.exec('DELETE FROM sandbox WHERE name = ?', name)
  }

  /** Newest first; times are epoch milliseconds. */
  async list(): Promise<{ name: string; createdAt: number }[]> {
    const rows = this.ctx.storage.sql.exec<{ name: string; created_at: number }>(
      'SELECT * FROM sandbox ORDER BY rowid DESC',
    )
    return Array.from(rows, ({ name, created_at: createdAt }) => ({ name, createdAt }))
  }

  async note(noted: Omit<Noted, 'isAuthenticated'>): Promise<void> {
    this.#strays.unshift(withoutSecrets({ ...noted, isAuthenticated: false }))
    this.#strays.length = Math.min(this.#strays.length, STRAYS_LIMIT)
  }

  /** Newest first. */
  async strays(): Promise<Entry[]> {
    return this.#strays
  }
}
