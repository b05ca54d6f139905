// What the states of the contract have made goes again, in an order that a vCenter allows.
import { describe, expect, it } from 'vitest'
import { readStates, setUp } from '../../src/contract/provider-states.ts'
import { open, tearDown } from '../../src/contract/stage.ts'
import { freshUser } from '../support/api.ts'
import { request } from '../support/http.ts'

/** A stage, and what it asks of the server from then on. */
async function staged() {
  const asked: string[] = []
  const fetch = async (given: Request) => {
    const { pathname, search } = new URL(given.url)
    asked.push(
      `${given.method} ${pathname.replace(/.*\/library\//, '').replaceAll(/[\da-f-]{36}((:|%3A)[\da-f-]{36})?/g, 'id')}${search}`,
    )
    const body = given.body === null ? null : await given.text()
    return request(`${pathname}${search}`, { method: given.method, headers: given.headers, body })
  }
  const stage = await open({
    url: 'https://vcenter.test',
    credentials: { user: freshUser(), password: 'secret' },
    fetch,
  })
  asked.length = 0
  return { stage, asked }
}

describe('a teardown', () => {
  it('ends the sessions of an item before it removes the item, as a vCenter wants it', async () => {
    const { stage, asked } = await staged()
    await setUp(stage, readStates('an update session', {}))
    asked.length = 0

    await tearDown(stage)

    const ends = asked.filter((each) => !each.startsWith('GET'))
    expect(ends).toEqual([
      'POST item/update-session/id?action=cancel',
      'DELETE item/update-session/id',
      'DELETE item/id',
    ])
  })

  it('removes the last first, and goes on where something has gone already', async () => {
    const { stage, asked } = await staged()
    await setUp(stage, readStates('a library to change', {}))
    const { library_item_id = '' } = await setUp(stage, readStates('a library item', {}))
    await setUp(stage, readStates('an API session to end', {}))
    await stage.client.items.delete(library_item_id)
    asked.length = 0

    await tearDown(stage)

    expect(asked.filter((each) => each.startsWith('DELETE'))).toEqual([
      'DELETE /api/session',
      'DELETE /api/content/local-library/id',
    ])
  })
})
