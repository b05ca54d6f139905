// Reference 1.1 through HTTP: what each operation answers in every state of an update session, and what it leaves behind.
import { describe, expect, inject, it } from 'vitest'
import { bindings, type Binding } from '../support/api.ts'
import { aSession, eventually } from '../support/bytes.ts'
import { upload } from '../support/files.ts'

type Session = Awaited<ReturnType<typeof aReceivedFile>>

/** An ACTIVE session with a received file; `file` is what its client was given when it was added. */
async function aReceivedFile(connect: Binding['connect']) {
  const session = await aSession(connect)
  const file = await session.files.push('a.iso')
  await upload(file, 'hello')
  return { ...session, file }
}

/** How such a session is brought into each state. */
const states = {
  ACTIVE: async (): Promise<void> => undefined,
  /** Completed by its client, while a file is still being pulled: the API says ACTIVE. */
  COMPLETING: async ({ client, id, files }: Session) => {
    await files.pull('pulled.iso', `${inject('sourceUrl')}/gate?${crypto.randomUUID()}`)
    await eventually(async () => expect(await files.get('pulled.iso')).toMatchObject({ status: 'TRANSFERRING' }))
    await client.complete(id)
  },
  DONE: ({ client, id }: Session) => client.complete(id),
  ERROR: ({ client, id }: Session) => client.fail(id, 'the disk is full'),
  CANCELED: ({ client, id }: Session) => client.cancel(id),
  gone: async ({ client, id }: Session) => {
    await client.cancel(id)
    await client.delete(id)
  },
}

const operations = {
  'list files': ({ files }: Session): Promise<unknown> => files.list(),
  'get file': ({ files }: Session) => files.get('a.iso'),
  'get unknown file': ({ files }: Session) => files.get('unknown.iso'),
  'add file': ({ files }: Session) => files.push('b.iso'),
  'add file again': ({ files }: Session) => files.push('a.iso'),
  'remove file': ({ files }: Session) => files.remove('a.iso'),
  'remove unknown file': ({ files }: Session) => files.remove('unknown.iso'),
  validate: ({ files }: Session) => files.validate(),
  upload: ({ file }: Session) => upload(file, 'again'),
  get: ({ client, id }: Session) => client.get(id),
  update: ({ client, id }: Session) => client.update(id, { warning_behavior: [] }),
  'keep alive': ({ client, id }: Session) => client.keepAlive(id),
  complete: ({ client, id }: Session) => client.complete(id),
  cancel: ({ client, id }: Session) => client.cancel(id),
  fail: ({ client, id }: Session) => client.fail(id, 'enough'),
  delete: ({ client, id }: Session) => client.delete(id),
}

const [NOT_ALLOWED, NO_FILE, NOT_FOUND] = [
  '400 NOT_ALLOWED_IN_CURRENT_STATE',
  '400 INVALID_ARGUMENT',
  '404 NOT_FOUND',
] as const
const STATES = ['ACTIVE', 'COMPLETING', 'DONE', 'ERROR', 'CANCELED', 'gone'] as const
/** What each operation answers in each of these states. */
const table: Record<keyof typeof operations, readonly string[]> = {
  'list files': ['ok', 'ok', 'ok', 'ok', 'ok', NOT_FOUND],
  'get file': ['ok', 'ok', 'ok', 'ok', 'ok', NOT_FOUND],
  'get unknown file': [NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE, NOT_FOUND],
  'add file': ['ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  'add file again': ['ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  'remove file': ['ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  'remove unknown file': [NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE, NOT_FOUND],
  validate: ['ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  upload: ['ok', NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND],
  get: ['ok', 'ok', 'ok', 'ok', 'ok', NOT_FOUND],
  update: ['ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  'keep alive': ['ok', 'ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  complete: ['ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  cancel: ['ok', 'ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  fail: ['ok', 'ok', NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_FOUND],
  delete: [NOT_ALLOWED, NOT_ALLOWED, 'ok', 'ok', 'ok', NOT_FOUND],
}
const cells = Object.entries(operations).flatMap(([name, ask]) =>
  STATES.map((state, at) => [state, name, table[name as keyof typeof operations][at], ask] as const),
)

/** `ok`, or the status and the type of the refusal. */
const outcomeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    ({ status, errorType }: { status: number; errorType: string }) => `${status} ${errorType}`,
  )

/** The session and its files; of one that waits for a source the time of expiry moves by itself. */
async function look({ client, id, files }: Session) {
  const { expiration_time, ...session } = await client.get(id)
  const all = await files.list()
  const isPulling = all.some(({ status }) => status === 'TRANSFERRING')
  return {
    ...session,
    ...(!isPulling && { expiration_time }),
    files: all.map(({ name, status }) => `${name} ${status}`),
  }
}

// Each cell has a sandbox of its own, and need not wait for the others.
describe.concurrent.each(bindings)('an update session with a received file, through $name,', ({ connect }) => {
  it.each(cells)('in state %s answers to %s: %s', async (state, _, outcome, ask) => {
    const session = await aReceivedFile(connect)
    await states[state](session)
    const before = state === 'gone' ? undefined : await look(session)

    await expect(outcomeOf(ask(session))).resolves.toBe(outcome)

    if (before && outcome !== 'ok') expect(await look(session)).toEqual(before)
  })

  it.each([
    ['ACTIVE', 'get', 'ACTIVE', ['a.iso READY']],
    ['ACTIVE', 'update', 'ACTIVE', ['a.iso READY']],
    ['ACTIVE', 'keep alive', 'ACTIVE', ['a.iso READY']],
    ['ACTIVE', 'add file', 'ACTIVE', ['a.iso READY', 'b.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'add file again', 'ACTIVE', ['a.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'remove file', 'ACTIVE', []],
    ['ACTIVE', 'validate', 'ACTIVE', ['a.iso READY']],
    ['ACTIVE', 'upload', 'ACTIVE', ['a.iso READY']],
    ['ACTIVE', 'cancel', 'CANCELED', ['a.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'fail', 'ERROR', ['a.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'complete', 'DONE', ['a.iso READY']],
    ['COMPLETING', 'get', 'ACTIVE', ['a.iso READY', 'pulled.iso TRANSFERRING']],
    ['COMPLETING', 'keep alive', 'ACTIVE', ['a.iso READY', 'pulled.iso TRANSFERRING']],
    ['COMPLETING', 'cancel', 'CANCELED', ['a.iso WAITING_FOR_TRANSFER', 'pulled.iso WAITING_FOR_TRANSFER']],
    ['COMPLETING', 'fail', 'ERROR', ['a.iso WAITING_FOR_TRANSFER', 'pulled.iso WAITING_FOR_TRANSFER']],
    ['DONE', 'get', 'DONE', ['a.iso READY']],
    ['ERROR', 'get', 'ERROR', ['a.iso WAITING_FOR_TRANSFER']],
    ['CANCELED', 'get', 'CANCELED', ['a.iso WAITING_FOR_TRANSFER']],
  ] as const)('in state %s is after %s %s, with the files %j', async (state, operation, after, files) => {
    const session = await aReceivedFile(connect)
    await states[state](session)

    await operations[operation](session)

    expect(await look(session)).toMatchObject({ id: session.id, state: after, files })
  })
})
