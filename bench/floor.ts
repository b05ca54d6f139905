// The least a durable answer costs: Hono, one Durable Object call, one SQLite statement; and for bytes one call of the disk. A
// life is the same requests as one of the mock, with the same calls of the object and of the disk, and none of the rules.
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'

/** The disk of the command, or the bucket of miniflare. */
type Bindings = { FLOOR: DurableObjectNamespace<Floor>; CONTENT: R2Bucket; BYTES?: Fetcher }

const PIECE_BYTES = 512 * 1024

const app = new Hono<{ Bindings: Bindings }>()
app.put('/bytes/:key', async (c) => c.body(null, await put(c.env, c.req.param('key'), c.req.raw)))
/** A put and a digest of as many bytes, one after the other: the runtime has one thread for both. */
app.put('/hashed/:key', async (c) => {
  const status = await put(c.env, c.req.param('key'), c.req.raw)
  const digest = new crypto.DigestStream('SHA-256').getWriter()
  const piece = new Uint8Array(PIECE_BYTES)
  for (let at = 0; at < Number(c.req.header('content-length')); at += PIECE_BYTES) await digest.write(piece)
  return c.body(null, status)
})
app.get('/bytes/:key', (c) => get(c.env, c.req.param('key')))
app.post('/life', async (c) => {
  await c.req.json()
  return c.json(await floorOf(c).create(crypto.randomUUID()), 201)
})
app.post('/life/:id/file', async (c) => {
  await c.req.json()
  return c.json(await floorOf(c).add(c.req.param('id')), 201)
})
app.put('/life/:id/bytes', async (c) => {
  const floor = floorOf(c)
  const key = await floor.begin(c.req.param('id'), crypto.randomUUID())
  const status = await put(c.env, key, c.req.raw)
  await floor.end(key, Number(c.req.header('content-length') ?? 0))
  return c.body(null, status)
})
app.post('/life/:id', async (c) => {
  const isChanged = await floorOf(c).change(c.req.param('id'), c.req.query('action') ?? '')
  return c.body(null, isChanged ? 204 : 404)
})
app.get('/life/:id', async (c) => c.json(await floorOf(c).get(c.req.param('id'))))
app.get('/life/:id/bytes', async (c) => get(c.env, await floorOf(c).locate(c.req.param('id'))))
app.delete('/life/:id', async (c) => {
  const key = await floorOf(c).remove(c.req.param('id'))
  // As the mock does it, behind the answer.
  if (key !== null) c.executionCtx.waitUntil(removeBytes(c.env, key))
  return c.body(null, 204)
})

const floorOf = ({ env }: { env: Bindings }) => env.FLOOR.getByName('floor')
const urlOf = (key: string) => `http://disk/${key}`

async function put({ BYTES, CONTENT }: Bindings, key: string, { body }: Request): Promise<200 | 500> {
  if (!BYTES) return (await CONTENT.put(key, body)) ? 200 : 500
  const { ok } = await BYTES.fetch(urlOf(key), { method: 'PUT', body })
  return ok ? 200 : 500
}

async function get({ BYTES, CONTENT }: Bindings, key: string): Promise<Response> {
  if (!BYTES) {
    const object = await CONTENT.get(key)
    return new Response(object?.body, { headers: { 'content-length': `${object?.size}` } })
  }
  const { status, body, headers } = await BYTES.fetch(urlOf(key))
  return new Response(body, { status, headers: { 'content-length': headers.get('content-length') ?? '0' } })
}

const removeBytes = ({ BYTES, CONTENT }: Bindings, key: string): Promise<unknown> =>
  BYTES ? BYTES.fetch(urlOf(key), { method: 'DELETE' }) : CONTENT.delete(key)

export default app

export class Floor extends DurableObject {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS life (id TEXT PRIMARY KEY, state TEXT NOT NULL, files INTEGER NOT NULL, key TEXT, bytes INTEGER);
       CREATE INDEX IF NOT EXISTS life_by_key ON life (key) WHERE key IS NOT NULL`,
    )
  }

  create(id: string): string {
    this.#write("INSERT INTO life VALUES (?, 'ACTIVE', 0, NULL, NULL)", id)
    return id
  }

  add(id: string): boolean {
    return this.#write('UPDATE life SET files = files + 1 WHERE id = ?', id)
  }

  begin(id: string, key: string): string {
    this.#write('UPDATE life SET key = ? WHERE id = ?', key, id)
    return key
  }

  end(key: string, bytes: number): boolean {
    return this.#write('UPDATE life SET bytes = ? WHERE key = ?', bytes, key)
  }

  change(id: string, state: string): boolean {
    return this.#write('UPDATE life SET state = ? WHERE id = ?', state, id)
  }

  get(id: string): { id: string; state: string } {
    return this.ctx.storage.sql.exec<{ id: string; state: string }>('SELECT id, state FROM life WHERE id = ?', id).one()
  }

  locate(id: string): string {
    return this.ctx.storage.sql.exec<{ key: string }>('SELECT key FROM life WHERE id = ?', id).one().key
  }

  /** The key of its bytes, if it has any. */
  remove(id: string): string | null {
    return this.ctx.storage.sql.exec<{ key: string | null }>('DELETE FROM life WHERE id = ? RETURNING key', id).one()
      .key
  }

  #write(statement: string, ...values: (string | number)[]): boolean {
    return this.ctx.storage.sql.exec(statement, ...values).rowsWritten > 0
  }
}
