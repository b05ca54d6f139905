// The ways of bytes and of a sandbox, those on which the mock is killed elsewhere, within the limits of Cloudflare around the built
// worker: few calls for each request; and at a call a deployment, or the eviction of an isolate. What clients were told holds, and
// bucket and tables agree.
import { AssertionError } from 'node:assert/strict'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aWorld, soon, verify } from '../../kills/claims.ts'
import { scenarios, type Scenario } from '../../kills/scenarios.ts'
import { startSource, type Source } from '../../kills/source.ts'
import type { Event } from '../../limits/bill.ts'
import { startLimited } from '../../limits/mock.ts'

/** The most of the free plan, which no request comes near on Workers Paid. */
const CALLS = 50
const vars = { LOCAL_ADMIN: 'on', ORPHANS_SECONDS: '1', TRANSFER_LEASE_SECONDS: '3', PULL_STALL_SECONDS: '2' }
/** A failure of a single call is for the kills, which throw at each. */
const POINTS: [event: Event, what: string][] = [
  ['deploys', 'CONTENT.put'],
  ['deploys', 'SANDBOXES.endTransfer'],
  ['breaks storage', 'CONTENT.put'],
  ['evicts requests', 'CONTENT.put'],
  ['evicts requests', 'SANDBOXES.endTransfer'],
  ['evicts requests', 'CONTENT.get'],
  ['evicts objects', 'CONTENT.put'],
  ['evicts objects', 'CONTENT.delete'],
  ['evicts objects', 'fetch'],
]
const timeout = 240_000

let source: Source
/** The calls that each scenario makes when nothing happens. */
const passed = new Map<Scenario, string[]>()

beforeAll(async () => {
  source = await startSource()
  const mock = await startLimited(vars)
  try {
    await mock.setLimits({ calls: CALLS })
    for (const scenario of scenarios) {
      const world = aWorld(mock)
      const act = await scenario.prepare(world, source)
      await mock.bill()
      await act()
      await soon(async () => expectIdle(await mock.look()))
      passed.set(scenario, Object.keys((await mock.bill()).calls))
      await verify(world, mock)
    }
  } finally {
    await mock.stop()
  }
}, timeout)
afterAll(() => source.stop())

it.concurrent.each(POINTS)('where a call %s: %s, every story ends well', { timeout }, async (event, what) => {
  const stories = scenarios.filter((scenario) => passed.get(scenario)?.includes(what))
  expect(stories).not.toEqual([])
  let met = 0
  const mock = await startLimited(vars, 2 + stories.length)
  try {
    for (const story of stories) {
      const world = aWorld(mock)
      const act = await story.prepare(world, source)
      await mock.awaitCall(what, event)
      // Who meets it may be refused.
      await act().catch(() => undefined)
      await soon(async () => expectIdle(await mock.look()))
      // Whether a bucket is to delete what a cancel has left, say, depends on what it had taken by then.
      if (await mock.hasMet()) met += 1
      await verify(world, mock).catch((error: unknown) => {
        throw new Error(`${story.name}: ${String(error)}`, { cause: error })
      })
    }
    expect(met).toBeGreaterThan(0)
  } finally {
    await mock.stop()
  }
})

function expectIdle({ underWay }: { underWay: number }): void {
  if (underWay > 0) throw new AssertionError({ message: `${underWay} alarms and reports are under way` })
}
