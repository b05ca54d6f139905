// Reference 1.1 through HTTP: what each operation answers in every state of an update session, and what it leaves behind.
import { describe, expect, inject, it } from 'vitest'
import { bindings, type Binding } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
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
    await expect.poll(() => files.get('pulled.iso')).toMatchObject({ status: 'TRANSFERRING' })
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

const NOT_NOW = '400 NOT_ALLOWED_IN_CURRENT_STATE'
const NO_FILE = '400 INVALID_ARGUMENT'
const NOT_FOUND = '404 NOT_FOUND'
const UPDATE = { warning_behavior: [] }
const STATES = ['ACTIVE', 'COMPLETING', 'DONE', 'ERROR', 'CANCELED', 'gone'] as const
type Ask = (session: Session) => Promise<unknown>
/** Each operation, and what it answers in each of these states. */
const operations = {
  'list files': [(s) => s.files.list(), 'ok', 'ok', 'ok', 'ok', 'ok', NOT_FOUND],
  'get file': [(s) => s.files.get('a.iso'), 'ok', 'ok', 'ok', 'ok', 'ok', NOT_FOUND],
  'get unknown file': [(s) => s.files.get('x.iso'), NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE, NOT_FOUND],
  'add file': [(s) => s.files.push('b.iso'), 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  'add file again': [(s) => s.files.push('a.iso'), 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  'remove file': [(s) => s.files.remove('a.iso'), 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  'remove unknown file': [(s) => s.files.remove('x.iso'), NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE, NOT_FOUND],
  validate: [(s) => s.files.validate(), 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  upload: [(s) => upload(s.file, 'again'), 'ok', NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND],
  get: [(s) => s.client.get(s.id), 'ok', 'ok', 'ok', 'ok', 'ok', NOT_FOUND],
  update: [(s) => s.client.update(s.id, UPDATE), 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  'keep alive': [(s) => s.client.keepAlive(s.id), 'ok', 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  complete: [(s) => s.client.complete(s.id), 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  cancel: [(s) => s.client.cancel(s.id), 'ok', 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  fail: [(s) => s.client.fail(s.id, 'enough'), 'ok', 'ok', NOT_NOW, NOT_NOW, NOT_NOW, NOT_FOUND],
  delete: [(s) => s.client.delete(s.id), NOT_NOW, NOT_NOW, 'ok', 'ok', 'ok', NOT_FOUND],
} satisfies Record<string, [Ask, ...answers: string[]]>

/** `ok`, or the status and the type of the refusal. */
const outcomeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    ({ status, errorType }: { status: number; errorType: string }) => `${status} ${errorType}`,
  )

/** The session and its files; of one that waits for a source the time of expiry moves by itself. */
async function look({ client, id, files: of }: Session) {
  const { expiration_time, ...session } = await client.get(id)
  const all = await of.list()
  const isPulling = all.some(({ status }) => status === 'TRANSFERRING')
  const files = all.map(({ name, status }) => `${name} ${status}`)
  return { ...session, ...(!isPulling && { expiration_time }), files }
}

/** What changes something, and what it leaves: each in a session of its own. */
const changes = [
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
  ['COMPLETING', 'keep alive', 'ACTIVE', ['a.iso READY', 'pulled.iso TRANSFERRING']],
  ['COMPLETING', 'cancel', 'CANCELED', ['a.iso WAITING_FOR_TRANSFER', 'pulled.iso WAITING_FOR_TRANSFER']],
  ['COMPLETING', 'fail', 'ERROR', ['a.iso WAITING_FOR_TRANSFER', 'pulled.iso WAITING_FOR_TRANSFER']],
  ['DONE', 'delete', 'gone', []],
  ['ERROR', 'delete', 'gone', []],
  ['CANCELED', 'delete', 'gone', []],
] as const

describe.each(bindings)('an update session with a received file, through $name,', ({ connect }) => {
  const sessionIn = async (state: (typeof STATES)[number]) => {
    const session = await aReceivedFile(connect)
    await states[state](session)
    return session
  }

  it.each(STATES)('in state %s shows and refuses what the table says, and stays as it was', async (state) => {
    const session = await sessionIn(state)
    const before = state === 'gone' ? undefined : await look(session)

    for (const [name, [ask, ...answers]] of Object.entries(operations))
      if (!changes.some(([from, operation]) => from === state && operation === name))
        expect([name, await outcomeOf(ask(session))]).toEqual([name, answers[STATES.indexOf(state)]])

    if (before) expect(await look(session)).toEqual(before)
  })

  it.each(changes)('in state %s is after %s %s, with the files %j', async (state, operation, after, files) => {
    const session = await sessionIn(state)
    const [ask, ...answers] = operations[operation]

    expect([await outcomeOf(ask(session)), answers[STATES.indexOf(state)]]).toEqual(['ok', 'ok'])

    if (after === 'gone') await expect(session.client.get(session.id)).rejects.toMatchObject({ status: 404 })
    else expect(await look(session)).toMatchObject({ id: session.id, state: after, files })
  })
})
