// The Durable Object that knows which sandboxes there are.
import { DurableObject } from 'cloudflare:workers'

/** One for the whole deployment: it hears of a sandbox when the sandbox begins and when it goes, not of its requests. */
export const THE_DIRECTORY = 'all'
/** Beyond this the oldest are no longer listed; they work as ever. */
const SANDBOXES_LIMIT = 10_000

export class Directory extends DurableObject<Env> {
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
}
