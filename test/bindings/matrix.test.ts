// Reference 1.1 for files: what may be asked of a session's files in each of its states, and what it leaves behind.
import { describe, expect, inject, it } from 'vitest'
import { bindings, type Binding } from '../support/api.ts'
import { aSession, eventually } from '../support/bytes.ts'
import type { UpdateFile } from '../support/client.ts'
import { upload } from '../support/files.ts'

type Connect = Binding['connect']

/** A session in the state, with a received file; `file` is what its client was given when it was added. */
const states = {
  ACTIVE: async (connect: Connect) => aReceivedFile(connect),
  /** Completed by its client, while a file is still being pulled: the API says ACTIVE. */
  COMPLETING: async (connect: Connect) => {
    const session = await aReceivedFile(connect)
    await session.files.pull('pulled.iso', `${inject('sourceUrl')}/gate?${crypto.randomUUID()}`)
    await eventually(async () =>
      expect(await session.files.get('pulled.iso')).toMatchObject({ status: 'TRANSFERRING' }),
    )
    await session.client.complete(session.id)
    return session
  },
  DONE: async (connect: Connect) => {
    const session = await aReceivedFile(connect)
    await session.client.complete(session.id)
    return session
  },
  ERROR: async (connect: Connect) => {
    const session = await aReceivedFile(connect)
    await session.client.fail(session.id, 'the disk is full')
    return session
  },
  CANCELED: async (connect: Connect) => {
    const session = await aReceivedFile(connect)
    await session.client.cancel(session.id)
    return session
  },
  gone: async (connect: Connect) => {
    const session = await aReceivedFile(connect)
    await session.client.cancel(session.id)
    await session.client.delete(session.id)
    return session
  },
}
type Session = Awaited<ReturnType<typeof aReceivedFile>>

async function aReceivedFile(connect: Connect) {
  const session = await aSession(connect)
  const file = await session.files.push('a.iso')
  await upload(file, 'hello')
  return { ...session, file }
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

const NOT_ALLOWED = '400 NOT_ALLOWED_IN_CURRENT_STATE'
const NO_FILE = '400 INVALID_ARGUMENT'
const NOT_FOUND = '404 NOT_FOUND'

const names = (files: UpdateFile[]) => files.map(({ name, status }) => `${name} ${status}`)

// Each cell has a sandbox of its own, and need not wait for the others.
describe.concurrent.each(bindings)('an update session with a received file, through $name,', ({ connect }) => {
  it.each([
    ['ACTIVE', 'list files', 'ok'],
    ['ACTIVE', 'get file', 'ok'],
    ['ACTIVE', 'get unknown file', NO_FILE],
    ['ACTIVE', 'add file', 'ok'],
    ['ACTIVE', 'add file again', 'ok'],
    ['ACTIVE', 'remove file', 'ok'],
    ['ACTIVE', 'remove unknown file', NO_FILE],
    ['ACTIVE', 'validate', 'ok'],
    ['ACTIVE', 'upload', 'ok'],

    ['COMPLETING', 'list files', 'ok'],
    ['COMPLETING', 'get file', 'ok'],
    ['COMPLETING', 'get unknown file', NO_FILE],
    ['COMPLETING', 'add file', NOT_ALLOWED],
    ['COMPLETING', 'add file again', NOT_ALLOWED],
    ['COMPLETING', 'remove file', NOT_ALLOWED],
    ['COMPLETING', 'remove unknown file', NO_FILE],
    ['COMPLETING', 'validate', NOT_ALLOWED],
    ['COMPLETING', 'upload', NOT_FOUND],
    ['COMPLETING', 'get', 'ok'],
    ['COMPLETING', 'update', NOT_ALLOWED],
    ['COMPLETING', 'keep alive', 'ok'],
    ['COMPLETING', 'complete', NOT_ALLOWED],
    ['COMPLETING', 'cancel', 'ok'],
    ['COMPLETING', 'fail', 'ok'],
    ['COMPLETING', 'delete', NOT_ALLOWED],

    ['DONE', 'list files', 'ok'],
    ['DONE', 'get file', 'ok'],
    ['DONE', 'get unknown file', NO_FILE],
    ['DONE', 'add file', NOT_ALLOWED],
    ['DONE', 'add file again', NOT_ALLOWED],
    ['DONE', 'remove file', NOT_ALLOWED],
    ['DONE', 'remove unknown file', NO_FILE],
    ['DONE', 'validate', NOT_ALLOWED],
    ['DONE', 'upload', NOT_FOUND],

    ['ERROR', 'list files', 'ok'],
    ['ERROR', 'get file', 'ok'],
    ['ERROR', 'get unknown file', NO_FILE],
    ['ERROR', 'add file', NOT_ALLOWED],
    ['ERROR', 'add file again', NOT_ALLOWED],
    ['ERROR', 'remove file', NOT_ALLOWED],
    ['ERROR', 'remove unknown file', NO_FILE],
    ['ERROR', 'validate', NOT_ALLOWED],
    ['ERROR', 'upload', NOT_FOUND],

    ['CANCELED', 'list files', 'ok'],
    ['CANCELED', 'get file', 'ok'],
    ['CANCELED', 'get unknown file', NO_FILE],
    ['CANCELED', 'add file', NOT_ALLOWED],
    ['CANCELED', 'add file again', NOT_ALLOWED],
    ['CANCELED', 'remove file', NOT_ALLOWED],
    ['CANCELED', 'remove unknown file', NO_FILE],
    ['CANCELED', 'validate', NOT_ALLOWED],
    ['CANCELED', 'upload', NOT_FOUND],

    ['gone', 'list files', NOT_FOUND],
    ['gone', 'get file', NOT_FOUND],
    ['gone', 'get unknown file', NOT_FOUND],
    ['gone', 'add file', NOT_FOUND],
    ['gone', 'add file again', NOT_FOUND],
    ['gone', 'remove file', NOT_FOUND],
    ['gone', 'remove unknown file', NOT_FOUND],
    ['gone', 'validate', NOT_FOUND],
    ['gone', 'upload', NOT_FOUND],
  ] as const)('in state %s answers to %s: %s', async (state, operation, outcome) => {
    const session = await states[state](connect)

    await expect(outcomeOf(operations[operation](session))).resolves.toBe(outcome)
  })

  it.each([
    ['ACTIVE', 'add file', ['a.iso READY', 'b.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'add file again', ['a.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'remove file', []],
    ['ACTIVE', 'validate', ['a.iso READY']],
    ['ACTIVE', 'upload', ['a.iso READY']],
    ['ACTIVE', 'get', ['a.iso READY']],
    ['ACTIVE', 'cancel', ['a.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'fail', ['a.iso WAITING_FOR_TRANSFER']],
    ['ACTIVE', 'complete', ['a.iso READY']],
    ['COMPLETING', 'add file', ['a.iso READY', 'pulled.iso TRANSFERRING']],
    ['COMPLETING', 'remove file', ['a.iso READY', 'pulled.iso TRANSFERRING']],
    ['COMPLETING', 'upload', ['a.iso READY', 'pulled.iso TRANSFERRING']],
    ['COMPLETING', 'keep alive', ['a.iso READY', 'pulled.iso TRANSFERRING']],
    ['COMPLETING', 'cancel', ['a.iso WAITING_FOR_TRANSFER', 'pulled.iso WAITING_FOR_TRANSFER']],
    ['COMPLETING', 'fail', ['a.iso WAITING_FOR_TRANSFER', 'pulled.iso WAITING_FOR_TRANSFER']],
    ['DONE', 'add file', ['a.iso READY']],
    ['DONE', 'add file again', ['a.iso READY']],
    ['DONE', 'remove file', ['a.iso READY']],
    ['DONE', 'upload', ['a.iso READY']],
  ] as const)('in state %s has after %s the files %j', async (state, operation, files) => {
    const session = await states[state](connect)

    await outcomeOf(operations[operation](session))

    expect(names(await session.files.list())).toEqual(files)
  })
})

/** `ok`, or the status and the type of the refusal. */
const outcomeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    ({ status, errorType }: { status: number; errorType: string }) => `${status} ${errorType}`,
  )
