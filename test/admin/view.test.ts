// What the console asks for each second: all there is to see, or that nothing has changed.
import { describe, expect, it, vi } from 'vitest'
import type { ConsoleView } from '../../src/admin/view-shapes.ts'
import { admin } from '../support/admin.ts'
import { connect } from '../support/api.ts'
import { begun, sandboxOf } from '../support/bytes.ts'
import { sessionIn, type Client } from '../support/client.ts'
import { aRequest, alarmOf, evict, leaveUnused, runAlarm, tracesOf } from '../support/sandbox.ts'
import { fetchWith } from '../support/worker.ts'
import { fail, urlNotFound } from '../../src/rules/failure.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

async function viewOf(user: string, since?: string): Promise<ConsoleView> {
  const { status, body } = await admin(user, 'GET', since === undefined ? '/view' : `/view?since=${since}`)
  expect(status).toBe(200)
  return body as unknown as ConsoleView
}

/** A sandbox whose own alarm has nothing to do for a while. */
async function quiet(): Promise<Client> {
  const client = await connect()
  await expect.poll(() => alarmOf(client.user)).toBeGreaterThan(Date.now() + MINUTE_MS)
  return client
}

describe('the view of a sandbox', () => {
  it('has what the calls for each part have', async () => {
    const client = await connect()
    await sessionIn(client, 'CANCELED')
    await admin(client.user, 'POST', '/faults', { operation: 'upload', delay: '1s' })
    await admin(client.user, 'POST', '/clock/freeze')
    const part = async (path: string) => (await admin(client.user, 'GET', path)).body
    const journal = await part('/requests?limit=100')

    const { clock, shown } = await viewOf(client.user)

    const { real: _, offset_seconds: __, ...stands } = await part('/clock')
    expect(clock).toMatchObject(stands)
    expect(shown).toEqual({
      sessions: (await part('/sessions'))['sessions'],
      sessionCount: 1,
      requests: journal['requests'],
      total: (journal['meta'] as unknown as { total: number }).total,
      faults: (await part('/faults'))['faults'],
      coverage: await part('/coverage'),
    })
  })

  it('has the newest hundred requests, and says how many there are', async () => {
    const client = await connect()
    await Promise.all(Array.from({ length: 120 }, () => client.whoAmI()))
    const { shown } = await viewOf(client.user)
    expect([shown?.requests.length, shown?.total]).toEqual([100, 121])
  })

  it('is no more than version and clock where nothing has changed', async () => {
    const { user } = await quiet()
    const { version } = await viewOf(user)
    expect(await viewOf(user, version)).toEqual({ version, clock: expect.anything() as object })
    expect((await viewOf(user, 'of-another-time')).shown).toBeDefined()
  })

  it.each<[string, (client: Client) => Promise<unknown>]>([
    ['a request', (client) => client.whoAmI()],
    ['a request that is refused', (client) => client.get('nothing').catch(() => undefined)],
    [
      'a request that no operation answers',
      (client) => sandboxOf(client).record(aRequest('x'), { result: fail(urlNotFound()) }, client.token),
    ],
    ['a journal that is emptied', ({ user }) => admin(user, 'DELETE', '/requests')],
    ['a fault', ({ user }) => admin(user, 'POST', '/faults', { operation: 'upload', delay: '1s' })],
    ['a setting', ({ user }) => admin(user, 'POST', '/settings', { session_idle: '10s' })],
    ['the clock', ({ user }) => admin(user, 'POST', '/clock/advance', { by: '1s' })],
    ['a session that the admin API makes', ({ user }) => admin(user, 'POST', '/sessions', {})],
    ['a reset', ({ user }) => admin(user, 'POST', '/reset')],
    ['a removal', ({ user }) => admin(user, 'DELETE', `/sandboxes/${user}`)],
    ['what the alarm does', ({ user }) => runAlarm(user)],
    ['a removal by disuse', ({ user }) => leaveUnused(user, 8 * DAY_MS).then(() => runAlarm(user))],
  ])('is another one after %s', async (_, change) => {
    const client = await quiet()
    const { version } = await viewOf(client.user)

    await change(client)

    const after = await viewOf(client.user, version)
    expect(after.version).not.toBe(version)
    expect(after.shown).toBeDefined()
  })

  it('is another one with each report of an upload', async () => {
    const { sandbox, key } = await begun()
    const versions = new Set([(await sandbox.view({})).version])
    for (const bytes of [3, 5]) {
      expect(await sandbox.reportProgress(key, bytes)).toBeGreaterThan(bytes)
      versions.add((await sandbox.view({})).version)
    }

    expect(versions.size).toBe(3)
  })

  it('is another one in each instance of the sandbox', async () => {
    const { user } = await quiet()
    const versions = new Set<string>()
    for (let instance = 0; instance < 3; instance += 1) {
      versions.add((await viewOf(user)).version)
      await evict(user)
    }

    expect(versions.size).toBe(3)
  })

  it('changes with no other sandbox', async () => {
    const [mine, other] = [await quiet(), await connect()]
    const { version } = await viewOf(mine.user)
    await other.list()
    expect((await viewOf(mine.user, version)).version).toBe(version)
  })
})

describe('to look at a sandbox', () => {
  it('is no use of it, which would keep it from its removal, and makes none', async () => {
    const client = await quiet()
    await leaveUnused(client.user, 8 * DAY_MS)

    await viewOf(client.user)
    await runAlarm(client.user)

    expect(await tracesOf(client.user)).toEqual([])
    const { shown } = await viewOf(client.user)
    expect(shown).toMatchObject({ sessions: [], requests: [], faults: [] })
    expect(await tracesOf(client.user)).toEqual([])
  })

  it('sets no alarm', async () => {
    const client = await quiet()
    const before = await alarmOf(client.user)
    await sandboxOf(client).view({ sessions: { limit: 1, files: 1 }, requests: 1 })
    expect(await alarmOf(client.user)).toBe(before)
  })

  it('leaves no line in the log, but for a refusal', async () => {
    const spy = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const statuses: number[] = []
    for (const path of ['/view', '/view?since=1&x=2', '/clock']) {
      const request = new Request(`http://localhost:8989/__admin${path}`, { headers: { host: 'localhost:8989' } })
      statuses.push((await fetchWith({ LOG_REQUESTS: 'text' }, request)).status)
    }
    const lines = spy.mock.calls.flat().map(String)
    spy.mockRestore()

    expect(statuses).toEqual([200, 422, 200])
    expect(lines).toEqual([expect.stringContaining('422 GET /__admin/view'), expect.stringContaining('/__admin/clock')])
  })
})
