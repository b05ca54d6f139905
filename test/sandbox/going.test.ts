// A sandbox deletes itself while it still waits for others, and while others still wait for it.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { partsOf } from '../../src/content/bucket.ts'
import { listSandboxes } from '../../src/sandbox/markers.ts'
import { exists } from '../../src/sandbox/tables/schema.ts'
import { ok } from '../../src/rules/failure.ts'
import { connect, freshUser } from '../support/api.ts'
import { aSession, LARGE, sandboxOf, sessionOf, storedBy } from '../support/bytes.ts'
import { ITEM } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { makePulls } from '../support/pulls.ts'
import { alarmOf, leaveUnused, rowsOf, runAlarm, tracesOf } from '../support/sandbox.ts'
import { bind, complaintsOfEach, held, instead, refuse, setEnv, within } from '../support/stand-ins.ts'

const DAY_MS = 86_400_000

const complaints = complaintsOfEach()

/** How the bucket is asked by an alarm that rings with something to purge, or to look for. */
const waits = [
  ['delete', 'and it deletes', () => undefined],
  ['delete', 'and it refuses', refuse],
  ['list', 'and something lies there', (prefix: string) => ({ objects: [{ key: `${prefix}orphan/0` }] })],
  ['list', 'and nothing lies there', () => ({ objects: [], truncated: false })],
] as const

it.each(waits)(
  'a removal while the alarm waits for the bucket to %s %s leaves nothing',
  async (method, how, answer) => {
    const { user } = await connect()

    await runInDurableObject(env.SANDBOXES.getByName(user), async (sandbox, { storage }) => {
      if (method === 'delete') {
        storage.sql.exec("INSERT INTO content VALUES ('nowhere', NULL, 0, 0)")
        await env.CONTENT.put('nowhere/0', 'x')
      } else storage.kv.put('orphans-at', 1)
      const slow = held(({ prefix = '' }: { prefix?: string }) => answer(prefix))
      const CONTENT = instead(env.CONTENT, { [method]: slow.call })
      setEnv(sandbox, { CONTENT })
      const ringing = sandbox.alarm()
      await slow.asked
      setEnv(sandbox)
      await sandbox.remove()
      slow.release()
      await expect(ringing).resolves.toBeUndefined()
    })

    expect(await tracesOf(user)).toEqual([])
    const expected = how === 'and it refuses' ? ['R2 would not delete; trying again'] : []
    expect(complaints).toEqual(expected)
  },
)

it('a sandbox that is removed while its alarm orders a pull leaves nothing, and nothing fails', async () => {
  const { client, files } = await aSession()
  await files.push('a.iso')

  await within(client, async (sandbox, storage) => {
    makePulls(storage.sql)
    const start = held(() => undefined)
    setEnv(sandbox, { PULLS: instead(env.PULLS, { getByName: () => ({ start: start.call }) }) })
    const ringing = sandbox.alarm()
    await start.asked
    // Its lease would keep what is known of its content.
    storage.sql.exec('UPDATE content SET lease_until = NULL')
    await sandbox.remove()
    start.release()
    await expect(ringing).resolves.toBeUndefined()
  })
  await bind(client)

  expect(await tracesOf(client.user)).toEqual([])
  expect(complaints).toEqual([])
})

describe('a sandbox that is removed', () => {
  it('is gone at once, for a call that goes on before the platform has written it', async () => {
    const { user } = await connect()

    await within({ user }, async (_, storage) => {
      expect(exists(storage)).toBe(true)
      const deleted = storage.deleteAll()
      expect(exists(storage)).toBe(false)
      await deleted
      expect(exists(storage)).toBe(false)
    })
  })

  it('is there again for a client that logs in, with no login but this', async () => {
    const client = await connect()
    await sandboxOf(client).remove()
    const before = Date.now()

    const again = await client.login()

    await expect(client.whoAmI()).rejects.toMatchObject({ status: 401 })
    await expect(again.items.get(ITEM)).resolves.toMatchObject({ content_version: '1' })
    // Or it would delete itself at its next alarm.
    expect(await within(client, (_, { kv }) => kv.get('used-at'))).toBeGreaterThanOrEqual(before)
  })

  it('knows of its content until the last who may write it has been heard of', async () => {
    const client = await connect()
    const until = Date.now() + DAY_MS
    await within(client, (_, { sql }) => sql.exec("INSERT INTO content VALUES ('a', ?, NULL, 0)", until))

    await sandboxOf(client).remove()

    // The alarm that wrote the marker may ring meanwhile, and remove once more.
    await expect.poll(() => alarmOf(client.user)).toBe(until)
    expect(await rowsOf(client.user, 'content')).toHaveLength(1)
  })

  it('leaves the content of the sandbox that is created meanwhile', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.complete(id)
    const list = held((options: R2ListOptions) => env.CONTENT.list(options))
    await bind(client, { CONTENT: instead(env.CONTENT, { list: list.call }) })

    const removed = sandboxOf(client).remove()
    await list.asked
    const again = await sessionOf(await client.login())
    await upload(await again.files.push('b.iso'), 'world')
    const known = await rowsOf(client.user, 'update_file')
    list.release()
    await removed

    expect(await storedBy(client)).toContain(known[0]?.['content_key'])
  })

  it('has a journal of its own when it is there again', async () => {
    const client = await connect()
    await client.list()
    await sandboxOf(client).remove()

    await client.login()

    expect((await sandboxOf(client).view({ requests: 500 })).requests.map(({ operation }) => operation)).toEqual([
      'com.vmware.cis.session.create',
    ])
  })
})

it('a login that creates a sandbox which is removed at the same moment creates it again', async () => {
  const user = freshUser()
  const caller = { token: crypto.randomUUID(), user }
  const login = { operation: 'com.vmware.cis.session.create', input: ok({}), origin: '', request: undefined }

  const answer = await within({ user }, async (sandbox) => {
    const answered = sandbox.invoke({ caller, ...login })
    await sandbox.remove()
    return answered
  })

  expect(answer).toMatchObject({ result: { ok: true } })
  expect(await rowsOf(user, 'api_session')).toMatchObject([{ token: caller.token }])
})

it('a sandbox that was not used for long tries again to go, after a while, where the bucket would not delete', async () => {
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), LARGE)
  await client.complete(id)
  const isListed = async () => (await listSandboxes(partsOf(env))).some(({ name }) => name === client.user)
  await expect.poll(isListed).toBe(true)
  await leaveUnused(client.user, 8 * DAY_MS)
  await bind(client, { CONTENT: instead(env.CONTENT, { delete: refuse }) })

  await runAlarm(client.user)
  expect(await alarmOf(client.user)).toBeGreaterThan(Date.now())
  expect(await isListed()).toBe(true)
  await bind(client)
  await runAlarm(client.user)

  expect([await storedBy(client), await tracesOf(client.user), await isListed()]).toEqual([[], [], false])
  expect(complaints).toEqual(['R2 would not delete what a removed sandbox has left; trying again'])
})
