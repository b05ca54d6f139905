// The bytes that a sandbox holds: a total that is kept, and what it would be if all files were asked.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { makeSession } from '../../src/admin/sessions.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { REASON } from '../support/a-file.ts'
import { connect } from '../support/api.ts'
import { hurry, sandboxOf, settle, tokenOf } from '../support/bytes.ts'
import { ITEM, LIBRARY, Refusal, type Client } from '../support/client.ts'
import { filesOf } from '../support/files.ts'
import { advanceClock } from '../support/sandbox.ts'

const RUNS = 10 * inject('rounds')
const received = (key: string, sizeBytes: number) => ({ key, sizeBytes, digests: {} })
const IDLE_MS = 300_000
const RETENTION_MS = 3_600_000

const name = fc.constantFrom('a.iso', 'b.mf')
const bytes = fc.nat({ max: 9 })
const op = <T extends string>(...ops: T[]) => fc.constantFrom(...ops)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: op('push', 'begin', 'receive', 'sendAtOnce'), name, bytes }) },
  { weight: 3, arbitrary: fc.record({ op: op('progress', 'interrupt', 'abandon', 'endAgain'), name, bytes }) },
  { weight: 2, arbitrary: fc.record({ op: op('send', 'removeFile'), name, bytes }) },
  { weight: 2, arbitrary: fc.record({ op: op('create', 'complete'), name, bytes }) },
  { weight: 1, arbitrary: fc.record({ op: op('cancel', 'fail', 'expire', 'forget', 'die', 'purge'), name, bytes }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: op('removeItem', 'removeLibrary', 'reset', 'seed', 'discard', 'keep'), name, bytes }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

class Subject {
  #client: Client
  #id = 'none'
  #item = ITEM
  readonly #uris = new Map<string, string>()
  readonly #keys = new Map<string, string>()

  constructor(client: Client) {
    this.#client = client
  }

  async take({ op, name, bytes }: Step): Promise<unknown> {
    const client = this.#client
    const sandbox = sandboxOf(client)
    const files = filesOf(client, this.#id)
    const key = this.#keys.get(name) ?? 'none'
    switch (op) {
      case 'push':
        // Every third will turn out to be wrong.
        return files
          .push(name, bytes % 3 === 0 ? { size: 5 } : {})
          .then(({ upload_endpoint }) => this.#uris.set(name, upload_endpoint?.uri ?? ''))
      case 'begin': {
        const { result } = await sandbox.beginTransfer({
          uploadToken: tokenOf(this.#uris.get(name) ?? 'http://none/none/none'),
          name,
        })
        return result.ok && this.#keys.set(name, result.value.key)
      }
      case 'progress':
        return sandbox.reportProgress(key, bytes)
      case 'interrupt':
        return sandbox.endTransfer(key, { type: 'interrupt' })
      case 'abandon':
        return sandbox.endTransfer(key, { type: 'abandon', reason: REASON })
      case 'receive':
      case 'endAgain':
        return sandbox.endTransfer(key, { type: 'receive', received: received(key, bytes) })
      case 'send':
        await this.take({ op: 'push', name, bytes: 1 })
        await this.take({ op: 'begin', name, bytes })
        await this.take({ op: 'progress', name, bytes })
        return this.take({ op: 'receive', name, bytes })
      case 'sendAtOnce': {
        const token = tokenOf(this.#uris.get(name) ?? 'http://none/none/none')
        return sandbox.takeUpload(
          { id: crypto.randomUUID(), bytes: new ArrayBuffer(bytes) },
          { uploadToken: token, name },
        )
      }
      case 'removeFile':
        return files.remove(name)
      case 'create':
        return client.create({ library_item_id: this.#item }).then((id) => (this.#id = id))
      case 'complete':
        return client.complete(this.#id)
      case 'cancel':
        return client.cancel(this.#id)
      case 'fail':
        return client.fail(this.#id, 'enough')
      case 'expire':
        return advanceClock(client.user, IDLE_MS)
      case 'forget':
        return sandbox.setClock({ byMs: RETENTION_MS })
      case 'die': // every writer, and what there is to purge is purged
        return hurry(client)
      case 'purge':
        return settle(client)
      case 'removeItem':
        await client.items.delete(this.#item)
        return this.#newItem()
      case 'removeLibrary':
        return client.libraries.delete(LIBRARY)
      case 'reset':
        await sandbox.reset()
        this.#client = await client.login()
        this.#item = ITEM
        return undefined
      case 'seed':
        return makeSession(
          { env, name: client.user, sandbox },
          {
            state: 'DONE',
            error_message: '',
            files: [{ name, status: 'READY', bytes_transferred: 0, content: 'x'.repeat(bytes) }],
          },
        )
      case 'discard':
      case 'keep':
        return sandbox.changeSettings({ retention: op })
    }
  }

  async agrees(): Promise<void> {
    await runInDurableObject(sandboxOf(this.#client), (_: Sandbox, { storage: { sql } }) => {
      const kept = sql.exec('SELECT * FROM held').one()
      expect(kept).toEqual({ ...sql.exec(EVERY_FILE).one(), ...sql.exec(EVERY_ROW).one() })
    })
  }

  async #newItem(): Promise<void> {
    this.#item = await this.#client.items.create({ library_id: LIBRARY, name: crypto.randomUUID(), type: 'ovf' })
  }
}

/** The same, by asking every file; content that two of them share counts once. */
const EVERY_FILE = `
  SELECT COALESCE(SUM(bytes), 0) AS bytes FROM (
    SELECT content_key, received ->> 'sizeBytes' AS bytes FROM item_file
    UNION
    SELECT content_key, COALESCE(file ->> '$.received.sizeBytes', file ->> 'bytesTransferred', 0)
    FROM update_file WHERE content_key IS NOT NULL)`

const EVERY_ROW = 'SELECT COALESCE(SUM(LENGTH(bytes)), 0) AS small_bytes FROM small_content'

it('the bytes that a sandbox holds are what its files say, whatever becomes of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
      const subject = new Subject(await connect())
      await subject.take({ op: 'create', name: 'a.iso', bytes: 0 })
      for (const each of steps) {
        await subject.take(each).catch((error: unknown) => {
          if (!(error instanceof Refusal)) expect(error).toMatchObject({ status: 422 }) // what the admin API refuses
        })
        await subject.agrees()
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
}, 240_000)
