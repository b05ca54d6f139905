// Requests at the same time, through all bindings: one wins, the others are told so, and the record is of the one that won.
import { expect, it } from 'vitest'
import { bindings, freshUser } from '../support/api.ts'
import { ITEM, Refusal, type Client } from '../support/client.ts'

/** How many got which answer: `done`, or the type of the refusal. */
async function answers(asked: Promise<unknown>[]): Promise<Record<string, number>> {
  const settled = await Promise.allSettled(asked)
  const names = settled.map((each) => (each.status === 'fulfilled' ? 'done' : typeOf(each.reason)))
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

function typeOf(reason: unknown): string {
  if (reason instanceof Refusal) return String(reason.errorType)
  throw reason
}

/** One user through each of the bindings; `nth` takes them in turn. */
async function everywhere() {
  const user = freshUser()
  const clients: Client[] = []
  for (const { connect } of bindings) clients.push(await connect(user))
  const nth = (at: number): Client => clients[at % clients.length] ?? expect.fail('there is no binding')
  return {
    client: nth(0),
    nth,
    times: <T>(count: number, ask: (client: Client) => T) => Array.from({ length: count }, (_, at) => ask(nth(at))),
  }
}

it('200 cancels of one session: one is done, 199 are refused', async () => {
  const { client, times } = await everywhere()
  const id = await client.create({ library_item_id: ITEM })
  const found = await answers(times(200, ({ cancel }) => cancel(id)))
  expect(found).toEqual({ done: 1, NOT_ALLOWED_IN_CURRENT_STATE: 199 })
  await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
})

it('100 creates on one item: one session is created, and it is the only one', async () => {
  const { client, nth, times } = await everywhere()
  const found = await answers(times(100, ({ create }) => create({ library_item_id: ITEM })))
  expect(found).toEqual({ done: 1, RESOURCE_BUSY: 99 })
  await expect(client.list()).resolves.toHaveLength(1)
  // Reference 11.2: the one status in which the wire forms differ.
  await expect(nth(0).create({ library_item_id: ITEM })).rejects.toMatchObject({ status: 500 })
  for (const at of [1, 2])
    await expect(nth(at).create({ library_item_id: ITEM })).rejects.toMatchObject({ status: 400 })
})

it('100 creates with one client token: all get the one session', async () => {
  const { client, times } = await everywhere()
  const token = crypto.randomUUID()
  const ids = await Promise.all(times(100, ({ create }) => create({ library_item_id: ITEM }, token)))
  await expect(client.list()).resolves.toEqual([...new Set(ids)])
})

it('a cancel and a complete, 100 times: one of them wins, and the session and its item say which', async () => {
  const { client, nth } = await everywhere()
  const wins = { CANCELED: 0, DONE: 0 }

  for (let round = 0; round < 100; round += 1) {
    const id = await client.create({ library_item_id: ITEM })
    const asks = { CANCELED: () => nth(round).cancel(id), DONE: () => nth(round + 1).complete(id) }
    // The one that is asked for first is likely to win: they take turns.
    const order = round % 2 === 0 ? (['CANCELED', 'DONE'] as const) : (['DONE', 'CANCELED'] as const)
    const settled = await Promise.allSettled(order.map((state) => asks[state]()))
    const winners = order.filter((_, at) => settled[at]?.status === 'fulfilled')

    expect(winners).toHaveLength(1)
    const { state } = await client.get(id)
    expect(state).toBe(winners[0])
    for (const winner of winners) wins[winner] += 1
    await expect(client.items.get(ITEM)).resolves.toMatchObject({ content_version: `${1 + wins.DONE}` })
  }

  expect(wins.CANCELED).toBeGreaterThan(0)
  expect(wins.DONE).toBeGreaterThan(0)
})
