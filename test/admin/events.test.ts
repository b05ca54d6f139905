import { describe, expect, it } from 'vitest'
import { admin, watch } from '../support/admin.ts'
import { connect } from '../support/api.ts'
import { ITEM } from '../support/client.ts'

describe('the events of a sandbox', () => {
  it('tell of each request as it comes, with what became of it', async () => {
    const client = await connect()
    using events = await watch(client.user)

    const id = await client.create({ library_item_id: ITEM })
    await client.cancel(id)
    await expect(client.cancel(id)).rejects.toThrow()

    const told = [await events.next('request'), await events.next('request'), await events.next('request')]
    expect(told).toMatchObject([
      { operation: 'com.vmware.content.library.item.update_session.create', response: { status: 201 } },
      { operation: 'com.vmware.content.library.item.update_session.cancel', response: { status: 204 } },
      { response: { status: 400 }, why: { by: 'rule' } },
    ])
  })

  it('tell that something has changed', async () => {
    const client = await connect()
    using events = await watch(client.user)

    await client.create({ library_item_id: ITEM })

    await expect(events.next('change')).resolves.toEqual({})
  })

  it('tell that the journal has been emptied', async () => {
    const client = await connect()
    using events = await watch(client.user)

    await admin(client.user, 'DELETE', '/requests')

    await expect(events.next('change')).resolves.toEqual({})
  })

  it('tell nothing of other sandboxes', async () => {
    const [mine, other] = [await connect(), await connect()]
    using events = await watch(mine.user)

    await other.list()
    await mine.create({ library_item_id: ITEM })

    await expect(events.next('request')).resolves.toMatchObject({ sandbox: mine.user, request: { method: 'POST' } })
  })

  it('go to twenty watchers at most, and to others when those have gone', async () => {
    const { user } = await connect()
    const watchers = await Promise.all(Array.from({ length: 20 }, () => watch(user)))

    await expect(watch(user)).rejects.toThrow('429')
    for (const each of watchers) each[Symbol.dispose]()
  })
})
