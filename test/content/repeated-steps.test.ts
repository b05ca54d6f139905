// Steps of a transfer that run twice: since an answer was lost, or since their writer was killed after any of them.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Pull, PullOrder } from '../../src/content/pull.ts'
import { SMALL_BYTES } from '../../src/content/store.ts'
import type { Plan } from '../../src/content/watch.ts'
import { uploadGone } from '../../src/rules/failure.ts'
import { REASON } from '../support/a-file.ts'
import { bindings } from '../support/api.ts'
import {
  aSession,
  begin,
  begun,
  LARGE,
  sandboxOf,
  sessionOf,
  settle,
  storedBy,
  underWay,
  unheard,
} from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { request } from '../support/http.ts'
import { asked, CONTENT, openGate, uriOf } from '../support/pulls.ts'
import { advanceClock, freezeClock } from '../support/sandbox.ts'
import { aPlan, hurry, instead, refuse, setEnv, within } from '../support/stand-ins.ts'
import { fetchWith, uploadWith } from '../support/worker.ts'

const IDLE_MS = 300_000

const receive = (key: string, sizeBytes = 5) =>
  ({ type: 'receive', received: { key, sizeBytes, digests: {} } }) as const

/** The order of a pull, as it lies in its storage. */
const anOrder = (plan: Plan, uri: string, sandbox = 'none'): PullOrder => ({
  sandbox,
  plan,
  source: { uri },
  stallMs: 10_000,
  superviseMs: 600_000,
})

/** What was pulled, and the order that it was pulled by, as it lay in the pull's storage. */
async function pulled(through?: () => Promise<Client>) {
  const session = await aSession(through)
  const { client, files } = session
  const source = uriOf('/file')
  // As if there was no room for another row: what is pulled lies in the bucket.
  await within(client, (_, { sql }) => sql.exec('UPDATE held SET small_bytes = ?', 64 * 1024 * 1024))
  await files.pull('a.iso', source)
  await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY' })
  const [key = ''] = await storedBy(client)
  const order = anOrder(aPlan({ key, leaseMs: 1000 }), source, client.user)
  return { ...session, source, key, order }
}

/** The pull was killed after it had told its end, and before it forgot its order: its alarm runs again. */
async function runAgain(order: PullOrder): Promise<void> {
  const pull = env.PULLS.getByName(order.plan.key)
  const orderLeft = () => runInDurableObject(pull, (_: Pull, { storage }) => storage.kv.get('order'))
  await expect.poll(orderLeft).toBeUndefined()
  await runInDurableObject(pull, async (instance: Pull, { storage }) => {
    storage.kv.put('order', order)
    storage.kv.put('begun', true)
    await instance.alarm()
    expect(Array.from(storage.kv.list())).toEqual([])
  })
}

const download = async (client: Client) => {
  const headers = { 'vmware-api-session-id': client.token }
  return (await request(`/cls/static/${LIBRARY}/${ITEM}/a.iso`, { headers })).text()
}

describe.each(bindings)('a pull whose end was told, and that is killed then, through $name,', ({ connect }) => {
  it('leaves its file as it is, and asks its source no more', async () => {
    const { client, files, source, key, order } = await pulled(connect)

    await runAgain(order)

    await settle(client)
    expect(await storedBy(client)).toEqual([key])
    expect(await files.get('a.iso')).toMatchObject({ status: 'READY', size: CONTENT.length })
    expect(await asked(source)).toMatchObject({ times: 1 })
  })

  it('leaves the item that has its file meanwhile what it has', async () => {
    const { client, id, key, order } = await pulled(connect)
    await client.complete(id)

    await runAgain(order)

    await settle(client)
    expect(await storedBy(client)).toEqual([key])
    expect(await client.itemFiles.list(ITEM)).toMatchObject([{ name: 'a.iso', size: CONTENT.length }])
    expect(await download(client)).toBe(CONTENT)
  })
})

const endings = {
  'a cancel': (client: Client, id: string) => client.cancel(id),
  'its expiry': (client: Client) => advanceClock(client.user, 300_000),
  'the removal of its file': (client: Client, id: string) => filesOf(client, id).remove('a.iso'),
  'another add of its file': async (client: Client, id: string) => void (await filesOf(client, id).push('a.iso')),
  'the deletion of its item': (client: Client) => client.items.delete(ITEM),
  'a reset of its sandbox': (client: Client) => sandboxOf(client).reset(),
  'the removal of its sandbox': (client: Client) => sandboxOf(client).remove(),
}

describe.each(Object.entries(endings))('a transfer that ends after %s', (_, end) => {
  it('is told, each time, that its bytes are not wanted', async () => {
    const { client, id, sandbox, key } = await begun()
    await end(client, id)

    for (const ending of [receive(key), { type: 'interrupt' } as const, receive(key)])
      expect(await sandbox.endTransfer(key, ending)).toMatchObject({ result: { ok: false }, isHeld: false })
    expect(await sandbox.reportProgress(key, 0)).toBeUndefined()
  })

  it('leaves nothing when its pull runs again', async () => {
    const { client, id, source, order } = await pulled()
    await end(client, id)
    await env.CONTENT.put(`${order.plan.key}/0`, 'what it had written') // the purge was before it

    await runAgain(order)

    expect(await storedBy(client)).toEqual([])
    expect(await asked(source)).toMatchObject({ times: 1 })
  })
})

const GONE = { failure: { type: 'NOT_FOUND' } }

describe('the end of a transfer', () => {
  it('that is told twice, since its answer was lost, is answered as it was, with what was held before', async () => {
    const { client, id, sandbox, key } = await begun()
    const asBefore = { result: { ok: true }, isHeld: true }

    expect(await sandbox.endTransfer(key, receive(key))).toMatchObject(asBefore)
    expect(await sandbox.endTransfer(key, receive(key))).toMatchObject(asBefore)
    await client.complete(id)
    expect(await sandbox.endTransfer(key, receive(key))).toMatchObject(asBefore)
    expect(await sandbox.endTransfer(key, { type: 'interrupt' })).toMatchObject({ isHeld: true })
  })

  it('that is told again when its session was cancelled meanwhile is answered as it was', async () => {
    const { client, id, sandbox, key } = await begun()
    await sandbox.endTransfer(key, receive(key))
    await client.cancel(id)

    const again = await sandbox.endTransfer(key, receive(key))

    expect(again).toMatchObject({ result: { ok: true }, isHeld: false })
  })

  it('that another has replaced leaves the other what it has', async () => {
    const { client, file, files, sandbox, key: first } = await begun()
    const { key: second } = await begin(client, file)
    await sandbox.endTransfer(second, receive(second))

    expect(await sandbox.endTransfer(first, receive(first))).toMatchObject({ isHeld: false })
    expect(await sandbox.endTransfer(second, receive(second))).toMatchObject({ isHeld: true })
    expect(await files.get('a.iso')).toMatchObject({ status: 'READY' })
  })

  it.each([
    ['was interrupted', { ok: true }, { type: 'interrupt' }],
    ['was interrupted, and says why', GONE, { type: 'interrupt', reason: REASON, failure: uploadGone() }],
    ['can never succeed', { failure: { messages: [REASON] } }, { type: 'abandon', reason: REASON }],
    ['is of another size', { failure: { type: 'INVALID_ARGUMENT' } }, receive('', 6)],
    ['has another checksum', { failure: { type: 'INVALID_ARGUMENT' } }, receive('', 5)],
  ] as const)('that %s wants nothing of what was written, and is answered so each time', async (_, answer, ending) => {
    const checksum = { checksum_info: { algorithm: 'SHA1', checksum: '0'.repeat(40) } }
    const { sandbox, key } = await begun({ size: 5, ...checksum })

    const first = await sandbox.endTransfer(key, ending)
    expect(first).toMatchObject({ result: answer, isHeld: false })
    expect(await sandbox.endTransfer(key, ending)).toEqual(first)
    await sandbox.steer({ clock: { byMs: 0 } })
    expect(await sandbox.endTransfer(key, ending)).toEqual(first)
  })

  it('that was given up meanwhile, and has been sent again, leaves the new bytes alone', async () => {
    const { client, files } = await aSession()
    const file = await files.push('a.iso')
    const { answer, end } = await underWay(files, file)
    await hurry(client)
    await upload(file, 'hello')
    const kept = await storedBy(client)

    await end()

    expect(await answer).toMatchObject({ status: 404 })
    await settle(client)
    expect(await storedBy(client)).toEqual(kept)
  })
})

const unending = () => new Promise<never>(() => undefined)
const loseAnswer = () => Promise.reject(new Error('the answer was lost'))

/** A pull that has its order, whose alarm only the test rings; its sandbox answers what it is given. */
async function pulling(
  path: string,
  answers: { reportProgress?: () => Promise<number | undefined>; endTransfer?: () => Promise<object> },
  run: (pull: Pull, storage: DurableObjectStorage, order: PullOrder) => Promise<void>,
): Promise<void> {
  const order = anOrder(aPlan({ leaseMs: 1 }), uriOf(path))
  await runInDurableObject(env.PULLS.getByName(order.plan.key), async (pull: Pull, { storage }) => {
    storage.kv.put('order', order)
    const sandbox = { reportProgress: async () => Infinity, stopped: unending, ...answers }
    const SANDBOXES = instead(env.SANDBOXES, { getByName: () => sandbox })
    setEnv(pull, { SANDBOXES })
    await run(pull, storage, order)
  })
}

describe('a pull', () => {
  it('that is ordered again is the same pull', async () => {
    await pulling('/file', {}, async (pull, storage, order) => {
      await pull.start({ ...order, sandbox: 'another' })

      expect(storage.kv.get('order')).toEqual(order)
      expect(await storage.getAlarm()).toBeNull()
    })
  })

  it('goes on beside its alarm, which sets itself again, and asks its source once', async () => {
    const endTransfer = vi.fn(async () => ({ isHeld: true }))
    await pulling('/gate', { endTransfer }, async (pull, storage, order) => {
      storage.kv.put('order', { ...order, superviseMs: 50 })
      for (let times = 0; times < 3; times += 1) {
        await pull.alarm()
        expect(await storage.getAlarm()).not.toBeNull()
        await storage.deleteAlarm()
      }
      expect(endTransfer).not.toHaveBeenCalled()

      storage.kv.put('order', order)
      await openGate(order.source.uri)
      await pull.alarm()

      expect(endTransfer.mock.calls).toMatchObject([[order.plan.key, { type: 'receive' }]])
      expect(await asked(order.source.uri)).toMatchObject({ times: 1 })
    })
  })

  it('of small content tells its sandbox nothing but its end', async () => {
    const reportProgress = vi.fn(async () => Infinity)
    const endTransfer = vi.fn(async () => ({ isHeld: true }))
    await pulling('/file', { reportProgress, endTransfer }, async (pull, storage, order) => {
      storage.kv.put('order', { ...order, plan: { ...order.plan, rowBytes: SMALL_BYTES, leaseMs: 30_000 } })

      await pull.alarm()

      const bytes = { byteLength: CONTENT.length }
      expect(endTransfer.mock.calls).toMatchObject([[order.plan.key, { type: 'receive', bytes }]])
      expect(reportProgress).not.toHaveBeenCalled()
    })
  })

  it('that was killed tells so, and does not ask its source again', async () => {
    const endTransfer = vi.fn(async () => ({ isHeld: false }))
    await pulling('/file', { endTransfer }, async (pull, storage, order) => {
      storage.kv.put('begun', true)
      await env.CONTENT.put(`${order.plan.key}/0`, 'what it had written')

      await pull.alarm()

      const reason = { args: ['a.iso', order.source.uri, 'the mock was stopped meanwhile'] }
      expect(endTransfer.mock.calls).toMatchObject([[order.plan.key, { type: 'interrupt', reason }]])
      expect(await env.CONTENT.head(`${order.plan.key}/0`)).toBeNull()
      expect(Array.from(storage.kv.list())).toEqual([])
    })
  })

  it('keeps its order, and its bytes, until its sandbox has answered what becomes of them', async () => {
    await pulling('/file', { endTransfer: loseAnswer }, async (pull, storage, order) => {
      await expect(pull.alarm()).rejects.toThrow('the answer was lost')

      expect(storage.kv.get('order')).toEqual(order)
      expect(await env.CONTENT.head(`${order.plan.key}/0`)).not.toBeNull()
    })
  })

  it('that is over and rings once more does nothing', async () => {
    const endTransfer = vi.fn(async () => ({ isHeld: true }))
    await pulling('/file', { endTransfer }, async (pull, storage) => {
      await pull.alarm()

      await pull.alarm()

      expect(endTransfer).toHaveBeenCalledOnce()
      expect(Array.from(storage.kv.list())).toEqual([])
    })
  })

  it('that is not wanted any more leaves a source that has not answered, and no failure unheard', async () => {
    const reasons = unheard()
    const reportProgress = vi.fn(async () => (reportProgress.mock.calls.length < 2 ? Infinity : undefined))
    const endTransfer = vi.fn(async () => ({ isHeld: false }))
    await pulling('/silent', { reportProgress, endTransfer }, async (pull, _, order) => {
      await pull.alarm()

      expect(endTransfer.mock.calls).toEqual([[order.plan.key, { type: 'interrupt' }]])
      await expect.poll(() => asked(order.source.uri)).toMatchObject({ open: 0 })
    })
    expect(await reasons()).toEqual([])
  })

  it('whose bytes the store does not take says so, and nothing of its source', async () => {
    const endTransfer = vi.fn(async () => ({ isHeld: false }))
    await pulling('/file', { endTransfer }, async (pull, _, order) => {
      const CONTENT = instead(env.CONTENT, { put: refuse })
      const { SANDBOXES } = (pull as unknown as { env: Env }).env // as it was given above
      setEnv(pull, { SANDBOXES, CONTENT })

      await pull.alarm()

      const reason = { id: 'update_session_mock.transfer_refused', args: ['a.iso', 'its store is out of order'] }
      expect(endTransfer.mock.calls).toMatchObject([[order.plan.key, { type: 'interrupt', reason }]])
    })
  })
})

it.each([
  ['a large file', 'endTransfer', LARGE, {}, 200, 'READY'],
  ['a small file, which is told at once,', 'takeUpload', 'hello', {}, 200, 'READY'],
  ['a large file of another size', 'endTransfer', LARGE, { size: 7 }, 400, 'ERROR'],
  ['a small file of another size', 'takeUpload', 'hello', { size: 7 }, 400, 'ERROR'],
] as const)(
  'an upload of %s whose answer was lost is answered as it was',
  async (_, method, body, more, answered, ended) => {
    const { client, id, files } = await aSession()
    const file = await files.push('a.iso', more)
    const whole = sandboxOf(client)
    let times = 0
    const sandbox = instead(whole, {
      [method]: async (...given: never[]) => {
        const told: unknown = await (whole[method] as (...given: never[]) => Promise<unknown>)(...given)
        times += 1
        if (times === 1) throw new Error('the answer was lost')
        return told
      },
    })
    const SANDBOXES = instead(env.SANDBOXES, { getByName: () => sandbox })

    const status = await uploadWith({ SANDBOXES }, file, body)

    expect([status, times]).toEqual([answered, 2])
    await settle(client)
    expect(await files.get('a.iso')).toMatchObject({ status: ended })
    expect(await storedBy(client)).toHaveLength(ended === 'READY' ? 1 : 0)
    expect(await client.get(id)).toMatchObject({ state: ended === 'READY' ? 'ACTIVE' : 'ERROR' })
    const { requests } = await whole.view({ requests: 9 })
    expect(requests.filter(({ operation }) => operation === 'upload')).toHaveLength(1)
  },
)

/** A transfer whose sandbox's clock moves, then hears of it; answers how long its session lives, from the beginning. */
async function reporting() {
  const { client, id, sandbox, key } = await begun()
  const now = await freezeClock(client.user)
  return async (byMs: number, bytes: number, isWaiting?: boolean) => {
    await sandbox.steer({ clock: { byMs } })
    expect(await sandbox.reportProgress(key, bytes, isWaiting)).toBeGreaterThan(bytes)
    return Date.parse((await client.get(id)).expiration_time) - now
  }
}

describe('a report that says the same again', () => {
  it('is no activity: a transfer that stalls does not keep its session alive', async () => {
    const expiryAfter = await reporting()

    expect(await expiryAfter(1000, 5)).toBe(1000 + IDLE_MS)
    expect(await expiryAfter(1000, 5)).toBe(1000 + IDLE_MS)
    expect(await expiryAfter(1000, 6)).toBe(3000 + IDLE_MS)
  })

  it('of a transfer that waits for memory is activity, once in half of the idle time: each writes', async () => {
    const expiryAfter = await reporting()

    expect(await expiryAfter(1000, 5)).toBe(1000 + IDLE_MS)
    expect(await expiryAfter(IDLE_MS / 2, 5, true)).toBe(1000 + IDLE_MS)
    expect(await expiryAfter(1, 5, true)).toBe(1001 + 1.5 * IDLE_MS)
  })
})

it('content that an item has is never on the purge list while a session that changes nothing of it is completed', async () => {
  const { client, id, files } = await aSession()
  await upload(await files.push('a.iso'), 'hello')
  await client.complete(id)
  const kept = await storedBy(client)
  const next = await sessionOf(client)

  await client.complete(next.id)
  await settle(client)

  expect(await storedBy(client)).toEqual(kept)
  expect(await client.itemFiles.list(ITEM)).toMatchObject([{ name: 'a.iso', version: '1' }])
})

type Given = Awaited<ReturnType<typeof begun>>

it.each([
  ['is cancelled', ({ client, id }: Given) => client.cancel(id)],
  ['loses its file', ({ files }: Given) => files.remove('a.iso')],
  ['is over', ({ sandbox, key }: Given) => sandbox.endTransfer(key, receive(key, 0))],
  ['expires', ({ client }: Given) => advanceClock(client.user, IDLE_MS)],
  ['loses its sandbox', ({ sandbox }: Given) => sandbox.remove()],
  ['is reset', ({ sandbox }: Given) => sandbox.reset()],
])('who waits for the end of a transfer is told when it %s, and at once when it asks later', async (_, end) => {
  const given = await begun()
  const stopped = given.sandbox.stopped(given.key)
  expect(await Promise.race([stopped, given.files.get('a.iso')])).toMatchObject({ status: 'TRANSFERRING' })

  await end(given)
  // It would tell, too, but later.
  await within(given.client, (_, storage) => storage.deleteAlarm())

  expect(await stopped).toBeUndefined()
  expect(await given.sandbox.stopped(given.key)).toBeUndefined()
})

/** Long before a lease is over, for which all is tried again. */
const SOON_MS = 15_000

describe('an upload that the store does not take', () => {
  it('is answered 503 at once, its file tells why, and it goes on when the store does', async () => {
    const { files } = await aSession()
    const file = await files.push('a.iso')
    const CONTENT = instead(env.CONTENT, { put: refuse })
    const begunAt = Date.now()

    const status = await uploadWith({ CONTENT }, file, LARGE)

    expect(status).toBe(503)
    expect(Date.now() - begunAt).toBeLessThan(SOON_MS)
    expect(await files.get('a.iso')).toMatchObject({
      status: 'WAITING_FOR_TRANSFER',
      error_message: { id: 'update_session_mock.transfer_refused', args: ['a.iso', 'its store is out of order'] },
    })
    await expect(upload(file, 'hello')).resolves.toBe(200)
  })

  it.each<[string, (client: Client, id: string) => Promise<unknown>]>([
    ['its session was cancelled', (client, id) => client.cancel(id)],
    ['its sandbox was reset', ({ user }) => env.SANDBOXES.getByName(user).reset()],
  ])('since %s, which deletes its bytes, is answered 404', async (_, change) => {
    const { client, id, files } = await aSession()
    const file = await files.push('a.iso')
    const put = () => change(client, id).then(refuse)
    const CONTENT = instead(env.CONTENT, { put })

    expect(await uploadWith({ CONTENT }, file, LARGE)).toBe(404)
  })

  it('is answered 503 at once though its sandbox cannot be told, as where a disk is full', async () => {
    const { client, files } = await aSession()
    const file = await files.push('a.iso')
    const CONTENT = instead(env.CONTENT, { put: refuse })
    const whole = sandboxOf(client)
    let isFull = true
    const endTransfer = (...given: Parameters<typeof whole.endTransfer>) =>
      isFull ? loseAnswer() : whole.endTransfer(...given)
    const sandbox = instead(whole, { endTransfer })
    const SANDBOXES = instead(env.SANDBOXES, { getByName: () => sandbox })
    const begunAt = Date.now()

    const request = new Request(file.upload_endpoint?.uri ?? '', { method: 'PUT', body: LARGE })
    const { status } = await fetchWith({ CONTENT, SANDBOXES }, request)

    expect(status).toBe(503)
    expect(Date.now() - begunAt).toBeLessThan(SOON_MS)
    isFull = false
    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
  })
})
