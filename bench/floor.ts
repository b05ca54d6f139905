// The least a durable answer costs: Hono, one Durable Object call, one SQLite update; and for bytes a bare R2 put.
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'

type Bindings = { FLOOR: DurableObjectNamespace<Floor>; CONTENT: R2Bucket }

const app = new Hono<{ Bindings: Bindings }>()
app.post('/seed/:count', async (c) => {
  await c.env.FLOOR.getByName('floor').seed(Number(c.req.param('count')))
  return c.body(null, 204)
})
app.post('/session/:id', async (c) => {
  const isChanged = await c.env.FLOOR.getByName('floor').cancel(c.req.param('id'))
  return c.body(null, isChanged ? 204 : 404)
})
app.put('/bytes/:key', async (c) => {
  await c.env.CONTENT.put(c.req.param('key'), c.req.raw.body)
  return c.body(null, 200)
})
app.delete('/bytes/:key', async (c) => {
  await c.env.CONTENT.delete(c.req.param('key'))
  return c.body(null, 204)
})

export default app

export class Floor extends DurableObject {
  /** Sessions 0 to `count` - 1, ACTIVE again. */
  seed(count: number): void {
    const { sql } = this.ctx.storage
    sql.exec('CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, state TEXT NOT NULL)')
    for (let id = 0; id < count; id += 1) sql.exec("INSERT OR REPLACE INTO session VALUES (?, 'ACTIVE')", `${id}`)
  }

  cancel(id: string): boolean {
    return this.ctx.storage.sql.exec("UPDATE session SET state = 'CANCELED' WHERE id = ?", id).rowsWritten > 0
  }
}
