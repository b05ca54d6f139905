// The limits of Cloudflare around the worker that is deployed, each by itself: calls of a request, memory, and what is billed.
// limits-of-stories.test.ts takes every story of bytes through a deployment and evictions in mid-transfer.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { add, aWorld, begin, end, fileOf, push, startPush, verify, type Claim, type World } from '../../kills/claims.ts'
import { LARGE_BYTES, startSource, type Source } from '../../kills/source.ts'
import { startLimited } from '../../limits/mock.ts'

/** The most of the free plan, which no request comes near on Workers Paid. */
const CALLS = 50
const patience = { timeout: 30_000, interval: 100 }

let mock: Awaited<ReturnType<typeof startLimited>>
let source: Source
beforeAll(async () => {
  source = await startSource()
  mock = await startLimited({ TRANSFER_LEASE_SECONDS: '3' })
  await mock.setLimits({ calls: CALLS })
})
afterAll(async () => {
  await source.stop()
  await mock.stop()
})

let world: World
let claim: Claim
beforeEach(async () => {
  world = aWorld(mock)
  claim = await begin(world)
})

/** The source sends all of it; or half of it, and then waits. */
const pull = (way: 'whole' | 'stuck' = 'whole') =>
  add(world, claim, LARGE_BYTES, { uri: `${source.url}/${way}/${LARGE_BYTES}` })
const hasCome = () =>
  expect.poll(async () => (await fileOf(world, claim))?.bytes_transferred, patience).toBeGreaterThan(0)

it('within 50 calls for each request a cancel ends a push under way', async () => {
  await add(world, claim, LARGE_BYTES)
  const { status } = startPush(claim, { isStuck: true })
  await hasCome()

  await end(world, claim, 'CANCELED')

  expect(await status).toBe(404)
})

it.each<[string, () => Promise<unknown>]>([
  [
    'a push',
    async () => {
      await add(world, claim, LARGE_BYTES)
      await push(claim)
      await verify(world, mock)
    },
  ],
  ['a pull', () => pull().then(() => verify(world, mock))],
  [
    'a cancel of a pull under way',
    async () => {
      await pull('stuck')
      await hasCome()
      await end(world, claim, 'CANCELED')
    },
  ],
])('%s that is over keeps no object at work, which would be billed', async (_, act) => {
  await act()

  await expect.poll(async () => (await mock.bill()).objectsAtWork, patience).toBe(0)
})

it('within too few calls a push is refused, and arrives when there are more', async () => {
  await add(world, claim, LARGE_BYTES)
  await mock.setLimits({ calls: 3 })
  expect([500, 503]).toContain(await startPush(claim).status)

  await mock.setLimits({ calls: CALLS })
  await push(claim)
  await verify(world, mock)
})

it('objects whose storage breaks in mid-transfer leave their memory to the next', async () => {
  // Each holds two buffers when it is reset; an isolate has eight times as many.
  for (let broken = 0; broken < 9; broken += 1) {
    await pull('stuck')
    await hasCome()
    await mock.happenNow('breaks storage')
    await end(world, claim, 'CANCELED')
    claim = await begin(world)
  }

  await pull()
  await verify(world, mock)
})
