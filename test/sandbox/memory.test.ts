// What a sandbox keeps in memory: never more than storage holds, and nothing that storage has lost.
import { env } from 'cloudflare:workers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { admin } from '../support/admin.ts'
import { connect } from '../support/api.ts'
import { aSession, sandboxOf } from '../support/bytes.ts'
import { fail, urlNotFound } from '../../src/rules/failure.ts'
import { advanceClock, aRequest, evict, rowsOf, runAlarm } from '../support/sandbox.ts'
import { within } from '../support/stand-ins.ts'

describe('a login that is known in memory', () => {
  it.each([
    ['a second later', 100_000, [100, 9_500, 104_000]],
    ['sooner, where it would end sooner', 1000, [300, 600, 900, 1200, 1500]],
  ])('lives as long as storage says: each use %s prolongs it', async (_, apiSessionIdleMs, moments) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const moment = Date.now()
    const client = await connect()
    await sandboxOf(client).steer({ settings: { apiSessionIdleMs } })
    for (const ms of moments) {
      vi.setSystemTime(moment + ms)

      await expect(client.whoAmI()).resolves.toMatchObject({ user: client.user })
    }
    vi.setSystemTime(moment + Math.max(...moments) + apiSessionIdleMs)

    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
  })

  it('is not when its time is over, though the clock goes back', async () => {
    const client = await connect()
    const moment = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: moment })
    onTestFinished(() => void vi.useRealTimers())
    await client.whoAmI()
    vi.setSystemTime(moment + 1_800_000)
    await runAlarm(client.user)
    expect(await rowsOf(client.user, 'api_session')).toEqual([])

    // As where the clock of a machine is put right.
    vi.setSystemTime(moment)

    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
  })

  it('is saved only when it has run: one that is refused leaves none', async () => {
    const { user, token } = await connect()
    const call = {
      caller: { token: 'another', user },
      operation: 'com.vmware.cis.session.create',
      origin: '',
      request: aRequest('x'),
    }

    const answer = await env.SANDBOXES.getByName(user).invoke({ ...call, input: { ok: true, value: { nonsense: 1 } } })

    expect(answer).toMatchObject({ result: { ok: false }, refusedBy: 'validation' })
    expect(await rowsOf(user, 'api_session')).toMatchObject([{ token }])
  })
})

describe('what a sandbox remembers of its storage', () => {
  it('is its clock, until that is turned', async () => {
    const { client, id } = await aSession()
    await client.get(id)

    await sandboxOf(client).steer({ clock: { isFrozen: true } })
    await advanceClock(client.user, 60_000)
    const expiresAt = Date.parse((await client.get(id)).expiration_time)
    await client.keepAlive(id)

    expect(Date.parse((await client.get(id)).expiration_time)).toBeGreaterThanOrEqual(expiresAt + 60_000)
  })

  it('is that it has faults, though it was out of memory', async () => {
    const client = await connect()
    await admin(client.user, 'POST', '/faults', { operation: 'list', error: 'SERVICE_UNAVAILABLE' })

    await evict(client.user)

    await expect(client.list()).rejects.toMatchObject({ errorType: 'SERVICE_UNAVAILABLE' })
  })

  it('is that it has faults, until the last of them is removed', async () => {
    const client = await connect()
    const fault = { operation: 'list', error: 'SERVICE_UNAVAILABLE' }
    await admin(client.user, 'POST', '/faults', fault)
    const added = await admin(client.user, 'POST', '/faults', fault)

    await admin(client.user, 'DELETE', `/faults/${String(added.body['id'])}`)

    await expect(client.list()).rejects.toMatchObject({ errorType: 'SERVICE_UNAVAILABLE' })
  })

  it.each(['reset', 'remove'] as const)('is its settings and its clock, until its %s', async (end) => {
    const client = await connect()
    const before = Date.now()
    const { settings } = await sandboxOf(client).view({})
    await sandboxOf(client).steer({ settings: { sessionIdleMs: 1_000_000 } })
    await sandboxOf(client).steer({ clock: { isFrozen: true } })
    await sandboxOf(client).steer({ clock: { to: 0 } })
    await client.whoAmI()

    await sandboxOf(client)[end]()
    await client.login()

    const after = await sandboxOf(client).view({})
    expect(after.settings).toEqual(settings)
    expect(after.clock.now).toBeGreaterThanOrEqual(before)
  })
})

/** A client whose requests have not been written yet. */
async function ask(many: number) {
  const client = await connect()
  await Promise.all(Array.from({ length: many }, () => client.whoAmI()))
  return client
}

describe('requests that wait to be written to the journal', () => {
  /** More than travel in one statement, and not a multiple. */
  const MANY = 45

  it('are written in the end, all of them, and so are those that come later', async () => {
    const client = await ask(MANY)
    await expect.poll(() => rowsOf(client.user, 'journal')).toHaveLength(MANY + 1)

    await client.list()

    await expect.poll(() => rowsOf(client.user, 'journal')).toHaveLength(MANY + 2)
    await evict(client.user)
    expect((await sandboxOf(client).view({ requests: 500 })).requests).toHaveLength(MANY + 2)
  })

  it('are few enough in one turn that the next request has not long to wait', async () => {
    const client = await connect()
    await within(client, async (sandbox, { sql }) => {
      for (let each = 0; each < MANY; each += 1)
        await sandbox.record(aRequest(`${each}`), { result: fail(urlNotFound()) }, client.token)
      await vi.waitFor(() => expect(sql.exec('SELECT 1 FROM journal').toArray().length).toBeGreaterThan(0), {
        interval: 5,
      })
      expect(sql.exec('SELECT 1 FROM journal').toArray().length).toBeLessThan(MANY)
    })
  })

  it('are read before they are written', async () => {
    const client = await ask(MANY)

    expect((await sandboxOf(client).view({ requests: 500 })).requests).toHaveLength(MANY + 1)
  })

  it('are told again where something was known only after their answer: the last word is kept', async () => {
    const client = await connect()
    const result = fail(urlNotFound())

    for (const user of ['first', 'second', client.user])
      await sandboxOf(client).record(aRequest('x'), { result, user }, client.token)

    const { requests } = await sandboxOf(client).view({ requests: 500 })
    expect(requests.filter(({ id }) => id === 'x')).toMatchObject([{ user: client.user }])
  })

  it('are forgotten when the sandbox is reset', async () => {
    const client = await ask(3)

    await sandboxOf(client).reset()

    expect((await sandboxOf(client).view({ requests: 500 })).requests).toEqual([])
  })

  it('are none of a sandbox that is not there: nothing is written, nothing fails', async () => {
    const { user, token } = await connect()
    await env.SANDBOXES.getByName(user).remove()

    await env.SANDBOXES.getByName(user).record(aRequest('x'), { result: fail(urlNotFound()) }, token)

    expect((await env.SANDBOXES.getByName(user).view({ requests: 500 })).requests).toEqual([])
  })
})
