// What only a test inside workerd can see and do: bodies that come as they are written, the bucket, the alarm.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, expect, inject, onTestFinished, vi } from 'vitest'
import { contentKeyIn } from '../../src/content/parts.ts'
import { SMALL_BYTES } from '../../src/content/store.ts'
import { Watch, type Plan } from '../../src/content/watch.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { connect } from './api.ts'
import { ITEM, type Client, type UpdateFile } from './client.ts'
import { filesOf, upload } from './files.ts'
import { IS_HELD_RIGHT } from './held.ts'

/** A sandbox of its own with one ACTIVE session in it, through `/api` unless another binding is given. */
export async function aSession(through: () => Promise<Client> = connect) {
  const client = await through()
  return { client, ...(await sessionOf(client)) }
}

export async function sessionOf(client: Client, itemId = ITEM) {
  const id = await client.create({ library_item_id: itemId })
  return { id, files: filesOf(client, id) }
}

/** A transfer that has begun, of the file `a.iso`, and has written nothing yet. */
export async function begun(spec: object = {}) {
  const session = await aSession()
  const file = await session.files.push('a.iso', spec)
  return { ...session, ...(await begin(session.client, file)), file }
}

export async function begin(client: Client, { name, upload_endpoint }: UpdateFile) {
  const sandbox = sandboxOf(client)
  const { result } = await sandbox.beginTransfer({ uploadToken: tokenOf(upload_endpoint?.uri), name })
  if (!result.ok) throw new Error('the transfer was refused')
  return { sandbox, key: result.value.key, plan: result.value }
}

/** A call that fails. */
export const refuse = () => Promise.reject(new Error('out of order'))

/** A call that waits until it may go on. */
export function held<T extends unknown[]>(go: (...args: T) => unknown) {
  const asked = Promise.withResolvers<void>()
  const may = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const call = async (...args: T) => {
    asked.resolve()
    await may.promise
    const answer = await go(...args)
    done.resolve()
    return answer
  }
  return { call, asked: asked.promise, release: () => may.resolve(), done: done.promise }
}

/** What the code says went wrong in a test: expected by each that provokes it. */
export function complaintsOfEach(): unknown[] {
  const complaints: unknown[] = []
  beforeEach(() => {
    complaints.length = 0
    const spy = vi.spyOn(console, 'error').mockImplementation((...said) => void complaints.push(said[0]))
    onTestFinished(() => spy.mockRestore())
  })
  return complaints
}

/** A transfer of a file that nothing is known of. */
export const aPlan = (given: Partial<Plan> = {}): Plan => ({
  key: `test/${crypto.randomUUID()}`,
  name: 'a.iso',
  algorithms: ['SHA1'],
  retention: 'keep',
  roomBytes: Infinity,
  rowBytes: 0,
  leaseMs: 30_000,
  idleMs: 300_000,
  ...given,
})

/** The watch of a transfer whose sandbox answers this, and wants it for as long as is not said. */
export const watched = (
  plan: Plan,
  reportProgress: (key: string, bytes: number) => Promise<number | undefined> = async () => Infinity,
  stopped: () => Promise<void> = () => new Promise<never>(() => undefined),
): Watch => new Watch(plan, () => ({ reportProgress, stopped }))

/** A body that comes as it is written. */
export function slowly() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  return { body: readable, writer, write: (text: string) => writer.write(new TextEncoder().encode(text)) }
}

/** An upload of which a first part has arrived; its answer is a refusal where it does not end well. */
export async function underWay(files: ReturnType<typeof filesOf>, file: UpdateFile, first = 'first') {
  const { body, writer, write } = slowly()
  const answer = upload(file, body).catch((error: unknown) => error)
  await write(first)
  await eventually(async () =>
    expect(await files.get(file.name)).toMatchObject({ status: 'TRANSFERRING', bytes_transferred: first.length }),
  )
  const end = () => writer.close().catch(() => undefined) // where it is not read any more
  return { answer, write, end }
}

/** For what happens in the background: soon, but not at a moment that a test could name. */
export const eventually = (claim: () => Promise<void>) => vi.waitFor(claim, { timeout: 10_000, interval: 20 })

export const sandboxOf = ({ user }: Client) => env.SANDBOXES.getByName(user)

/** Content that is no row of its sandbox: it lies in the bucket. */
export const LARGE = 'x'.repeat(SMALL_BYTES + 1)

/** The keys of all content of this user: of which a part lies in the bucket, or which is a row. */
export async function storedBy(client: Client): Promise<string[]> {
  const inRows = await runInDurableObject(sandboxOf(client), (_, { storage: { sql } }) => {
    const isThere = sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'small_content'").toArray().length > 0
    return isThere ? sql.exec<{ key: string }>('SELECT key FROM small_content').toArray() : []
  })
  return [...(await inBucket(client)), ...inRows.map(({ key }) => key)]
}

/** The keys of all content of which a part lies in the bucket for this user. */
export async function inBucket(client: Client): Promise<string[]> {
  const { objects } = await env.CONTENT.list({ prefix: `${sandboxOf(client).id.toString()}/` })
  return [...new Set(objects.map(({ key }) => contentKeyIn(key)))]
}

/** Whether the total of bytes that the sandbox keeps is that of its files. */
export const isHeldRight = (client: Client): Promise<boolean> =>
  within(client, (_, { sql }) => sql.exec(IS_HELD_RIGHT).one()['is_right'] === 1)

/** Does what is due in the user's sandbox, whether or not its alarm has begun to. */
export const settle = (client: Client) => sandboxOf(client).setClock({ byMs: 0 })

/** What a good source sends. */
export const CONTENT = 'hello from the source'

/** An address of the source (`test/support/source.ts`) that only one test asks for. */
export const uriOf = (path: string) => `${inject('sourceUrl')}${path}?${crypto.randomUUID()}`

const askSource = (call: string, uri: string) =>
  fetch(uri.replace(inject('sourceUrl'), `${inject('sourceUrl')}/${call}`))

/** How often the source was asked for it, and how many of its answers are still open. */
export const asked = async (uri: string) => (await askSource('asked', uri)).json<{ times: number; open: number }>()

/** Lets a source behind a gate go on. */
export const openGate = async (uri: string) => (await askSource('open', uri)).body?.cancel()

/** The token of an upload endpoint's address. */
export const tokenOf = (uri = '') => new URL(uri).pathname.split('/').at(-2) ?? ''

/** What the sandbox is to do for the store at a later time, it does now. */
export const hurry = (client: Client) =>
  runInDurableObject(sandboxOf(client), async (instance, { storage }) => {
    storage.sql.exec('UPDATE content SET lease_until = MIN(lease_until, 1), purge_at = MIN(purge_at, 1)')
    storage.kv.put('orphans-at', 1)
    await instance.alarm()
  })

/** The same binding, with other methods in the place of these. */
export const instead = <T extends object>(whole: T, methods: Partial<Record<keyof T, unknown>>): T =>
  new Proxy(whole, {
    get: (target, name) => {
      const given: unknown = Reflect.get(Object.hasOwn(methods, name) ? methods : target, name)
      // A method of a stub has no `bind`: it would be asked of the other side.
      return typeof given === 'function' ? (...args: unknown[]): unknown => Reflect.apply(given, target, args) : given
    },
  })

/** From now on the object meets these in the place of its bindings. */
export const setEnv = (object: DurableObject, given: Partial<Env> = {}): unknown =>
  Object.defineProperty(object, 'env', { value: { ...env, ...given }, configurable: true })

/** The same of the user's sandbox, until it is bound anew or the test ends. */
export async function bind(client: Pick<Client, 'user'>, given?: Partial<Env>): Promise<void> {
  await within(client, (sandbox) => setEnv(sandbox, given))
  if (given) onTestFinished(() => bind(client))
}

/** The files that the sandbox has are to be pulled; so that no alarm of the platform orders that first. */
export const makePulls = (sql: SqlStorage, uri = 'http://x/') =>
  sql.exec(
    `UPDATE update_file SET pull_from = 1, file = json_set(file, '$.sourceType', 'PULL', '$.source.uri', ?)`,
    uri,
  )

/** The user's sandbox does this within one event, with its storage at hand. */
export const within = <T>(
  { user }: Pick<Client, 'user'>,
  run: (sandbox: Sandbox, storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> => runInDurableObject(env.SANDBOXES.getByName(user), (sandbox, { storage }) => run(sandbox, storage))

/** What is rejected from now on without a handler, which would else end up in the log. */
export function unheard(): () => Promise<unknown[]> {
  const reasons: unknown[] = []
  const hear = ({ reason }: PromiseRejectionEvent) => void reasons.push(reason)
  addEventListener('unhandledrejection', hear)
  onTestFinished(() => removeEventListener('unhandledrejection', hear))
  return async () => {
    // It is told when the task has ended in which no handler took it.
    await new Promise((resolve) => setTimeout(resolve))
    return reasons
  }
}
