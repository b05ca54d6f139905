// Reference 1.1 through HTTP: every operation in every state, and the state it leaves behind.
import { describe, expect, it } from 'vitest'
import { bindings } from '../support/api.ts'
import { sessionIn, unknownId, type Client } from '../support/client.ts'

const operations = {
  get: (client: Client, id: string): Promise<unknown> => client.get(id),
  update: (client: Client, id: string) => client.update(id, { warning_behavior: [] }),
  complete: (client: Client, id: string) => client.complete(id),
  keep_alive: (client: Client, id: string) => client.keepAlive(id),
  cancel: (client: Client, id: string) => client.cancel(id),
  fail: (client: Client, id: string) => client.fail(id, 'the client gave up'),
  delete: (client: Client, id: string) => client.delete(id),
}

const refused = { status: 400, errorType: 'NOT_ALLOWED_IN_CURRENT_STATE' }
const notFound = { status: 404, errorType: 'NOT_FOUND' }

describe.concurrent.each(bindings)('an update session through $name', ({ connect }) => {
  it.each([
    ['ACTIVE', 'get', 'ACTIVE'],
    ['ACTIVE', 'update', 'ACTIVE'],
    ['ACTIVE', 'complete', 'DONE'],
    ['ACTIVE', 'keep_alive', 'ACTIVE'],
    ['ACTIVE', 'cancel', 'CANCELED'],
    ['ACTIVE', 'fail', 'ERROR'],
    ['DONE', 'get', 'DONE'],
    ['ERROR', 'get', 'ERROR'],
    ['CANCELED', 'get', 'CANCELED'],
  ] as const)('in state %s accepts %s and is %s', async (state, operation, after) => {
    const client = await connect()
    const id = await sessionIn(client, state)

    await operations[operation](client, id)

    await expect(client.get(id)).resolves.toMatchObject({ id, state: after })
  })

  it.each([
    ['DONE', 'delete'],
    ['ERROR', 'delete'],
    ['CANCELED', 'delete'],
  ] as const)('in state %s accepts %s and is gone', async (state, operation) => {
    const client = await connect()
    const id = await sessionIn(client, state)

    await operations[operation](client, id)

    await expect(client.get(id)).rejects.toMatchObject(notFound)
    await expect(client.list()).resolves.toEqual([])
  })

  it.each([
    ['ACTIVE', 'delete'],
    ['DONE', 'update'],
    ['DONE', 'complete'],
    ['DONE', 'keep_alive'],
    ['DONE', 'cancel'],
    ['DONE', 'fail'],
    ['ERROR', 'update'],
    ['ERROR', 'complete'],
    ['ERROR', 'keep_alive'],
    ['ERROR', 'cancel'],
    ['ERROR', 'fail'],
    ['CANCELED', 'update'],
    ['CANCELED', 'complete'],
    ['CANCELED', 'keep_alive'],
    ['CANCELED', 'cancel'],
    ['CANCELED', 'fail'],
  ] as const)('in state %s refuses %s and is as it was', async (state, operation) => {
    const client = await connect()
    const id = await sessionIn(client, state)
    const before = await client.get(id)

    await expect(operations[operation](client, id)).rejects.toMatchObject(refused)

    await expect(client.get(id)).resolves.toEqual(before)
  })

  it.each([['get'], ['update'], ['complete'], ['keep_alive'], ['cancel'], ['fail'], ['delete']] as const)(
    'that does not exist is not found by %s',
    async (operation) => {
      const client = await connect()

      await expect(operations[operation](client, unknownId())).rejects.toMatchObject(notFound)
    },
  )
})
