// What only a test inside workerd can see and do: bodies that come as they are written, the bucket, the alarm.
import { env } from 'cloudflare:workers'
import { expect, onTestFinished, vi } from 'vitest'
import { contentKeyIn } from '../../src/content/parts.ts'
import { SMALL_BYTES } from '../../src/content/store.ts'
import { connect } from './api.ts'
import { ITEM, type Client, type UpdateFile } from './client.ts'
import { filesOf, upload } from './files.ts'
import { IS_HELD_RIGHT } from './held.ts'
import { within } from './stand-ins.ts'

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
  // No `expect.poll`, which knows its test only where no other runs beside it.
  const hasCome = { status: 'TRANSFERRING', bytes_transferred: first.length }
  await vi.waitFor(async () => expect(await files.get(file.name)).toMatchObject(hasCome), 20_000)
  const end = () => writer.close().catch(() => undefined) // where it is not read any more
  return { answer, write, end }
}

export const sandboxOf = ({ user }: Client) => env.SANDBOXES.getByName(user)

/** Content that is no row of its sandbox: it lies in the bucket. */
export const LARGE = 'x'.repeat(SMALL_BYTES + 1)

/** The keys of all content of this user: of which a part lies in the bucket, or which is a row. */
export async function storedBy(client: Client): Promise<string[]> {
  const inRows = await within(client, (_, { sql }) => {
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
export const settle = (client: Client) => sandboxOf(client).steer({ clock: { byMs: 0 } })

/** The token of an upload endpoint's address. */
export const tokenOf = (uri = '') => new URL(uri).pathname.split('/').at(-2) ?? ''

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
