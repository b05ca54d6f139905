// Requests at the same time: one wins, the others are told so, and the record is of the one that won.
import { describe, expect, it } from 'vitest'
import { bindings } from '../support/api.ts'
import { aSession } from '../support/bytes.ts'
import { ITEM, Refusal } from '../support/client.ts'

/** How many got which answer: `done`, or the type of the refusal. */
async function answers(asked: Promise<unknown>[]): Promise<Record<string, number>> {
  const settled = await Promise.allSettled(asked)
  const names = settled.map((each) => (each.status === 'fulfilled' ? 'done' : typeOf(each.reason)))
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

function typeOf(reason: unknown): string {
  if (reason instanceof Refusal) return `${reason.status} ${reason.errorType}`
  throw reason
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

describe.each(bindings)('at the same moment through $name', ({ connect, busyStatus }) => {
  it('200 cancels of one session: one is done, 199 are refused', async () => {
    const { client, id } = await aSession(connect)
    const found = await answers(times(200, () => client.cancel(id)))
    expect(found).toEqual({ done: 1, '400 NOT_ALLOWED_IN_CURRENT_STATE': 199 })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it('100 creates on one item: one session is created, and it is the only one', async () => {
    const client = await connect()
    const found = await answers(times(100, () => client.create({ library_item_id: ITEM })))
    expect(found).toEqual({ done: 1, [`${busyStatus} RESOURCE_BUSY`]: 99 })
    await expect(client.list()).resolves.toHaveLength(1)
  })

  it('100 creates with one client token: all get the one session', async () => {
    const client = await connect()
    const token = crypto.randomUUID()
    const ids = await Promise.all(times(100, () => client.create({ library_item_id: ITEM }, token)))
    await expect(client.list()).resolves.toEqual([...new Set(ids)])
  })

  it('a cancel and a complete, 100 times: one of them wins, and the session and its item say which', async () => {
    const client = await connect()
    const wins = { CANCELED: 0, DONE: 0 }

    for (let round = 0; round < 100; round += 1) {
      const id = await client.create({ library_item_id: ITEM })
      const asks = { CANCELED: () => client.cancel(id), DONE: () => client.complete(id) }
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
})
