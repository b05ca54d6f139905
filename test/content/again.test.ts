// What is asked or run once more: since an answer was lost, or since the one who asked was killed.
import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { answer } from '../../src/app.ts'
import type { Pull, PullOrder } from '../../src/content/pull.ts'
import { aSession, instead, sandboxOf, sessionOf, settle, storedBy, tokenOf, unheard } from '../support/bytes.ts'
import { ITEM } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { freezeClock } from '../support/sandbox.ts'

const HOUR_MS = 3_600_000
const IDLE_MS = 300_000
const uriOf = (path: string) => `${inject('sourceUrl')}${path}?${crypto.randomUUID()}`

const loseAnswer = () => Promise.reject(new Error('the answer was lost'))

/** A pull that has its order, whose alarm only the test rings; its sandbox answers what it is given. */
async function pulling(
  path: string,
  answers: { reportProgress?: () => Promise<boolean>; endTransfer?: () => Promise<object> },
  run: (pull: Pull, storage: DurableObjectStorage, order: PullOrder) => Promise<void>,
): Promise<void> {
  const order: PullOrder = {
    sandbox: 'none',
    plan: { key: crypto.randomUUID(), name: 'a.iso', algorithms: ['SHA1'], retention: 'keep' },
    source: { uri: uriOf(path) },
    retryMs: HOUR_MS,
    stallMs: 10_000,
    announcedBytes: undefined,
  }
  await runInDurableObject(env.PULLS.getByName(order.plan.key), async (pull: Pull, { storage }) => {
    storage.kv.put('order', order)
    const sandbox = { reportProgress: async () => true, ...answers }
    const SANDBOXES = instead(env.SANDBOXES, { getByName: () => sandbox })
    Object.defineProperty(pull, 'env', { value: { ...env, SANDBOXES }, configurable: true })
    await run(pull, storage, order)
  })
}

describe('a pull', () => {
  it('whose source has failed waits, each time twice as long, also when it is ordered again', async () => {
    await pulling('/status/503', {}, async (pull, storage, order) => {
      const wait = async () => ((await storage.getAlarm()) ?? 0) - Date.now()
      await pull.alarm()
      await pull.start(order)
      expect(await wait()).toBeCloseTo(HOUR_MS, -5)

      await pull.alarm()

      expect(await wait()).toBeCloseTo(2 * HOUR_MS, -5)
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
    const endTransfer = vi.fn(async () => ({ content: 'held' }))
    await pulling('/file', { endTransfer }, async (pull, storage) => {
      await pull.alarm()

      await pull.alarm()

      expect(endTransfer).toHaveBeenCalledOnce()
      expect(Array.from(storage.kv.list())).toEqual([])
    })
  })

  it('that is not wanted any more leaves a source that has not answered, and no failure unheard', async () => {
    const reasons = unheard()
    const reportProgress = vi.fn(async () => reportProgress.mock.calls.length < 2)
    const endTransfer = vi.fn(async () => ({ content: 'not wanted' }))
    await pulling('/silent', { reportProgress, endTransfer }, async (pull, _, order) => {
      await pull.alarm()

      expect(endTransfer.mock.calls).toEqual([[order.plan.key, { type: 'interrupt' }]])
      const { pathname, search } = new URL(order.source.uri)
      await vi.waitFor(async () =>
        expect(await (await fetch(`${inject('sourceUrl')}/asked${pathname}${search}`)).json()).toMatchObject({
          open: 0,
        }),
      )
    })
    expect(await reasons()).toEqual([])
  })
})

describe('an upload whose end was told, and whose answer was lost', () => {
  it('leaves the file its bytes: only who says that they are not wanted has them deleted', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => said.mockRestore())
    const { client, files } = await aSession()
    const { upload_endpoint } = await files.push('a.iso')
    const whole = sandboxOf(client)
    const sandbox = instead(whole, {
      endTransfer: async (...given: Parameters<typeof whole.endTransfer>) => {
        await whole.endTransfer(...given)
        throw new Error('the answer was lost')
      },
    })
    const SANDBOXES = instead(env.SANDBOXES, { getByName: () => sandbox })
    const context = createExecutionContext()

    const request = new Request(upload_endpoint?.uri ?? '', { method: 'PUT', body: 'hello' })
    const { status } = await answer(request, { ...env, SANDBOXES }, context)
    await waitOnExecutionContext(context)

    expect([status, said.mock.calls.length]).toEqual([500, 1])
    await settle(client)
    expect(await files.get('a.iso')).toMatchObject({ status: 'READY' })
    expect(await storedBy(client)).toHaveLength(1)
  })
})

describe('a report of a transfer', () => {
  it('that says the same again is no activity: a transfer that stalls does not keep its session alive', async () => {
    const { client, id, files } = await aSession()
    const now = await freezeClock(client.user)
    const { upload_endpoint } = await files.push('a.iso')
    const sandbox = sandboxOf(client)
    const { result } = await sandbox.beginTransfer(tokenOf(upload_endpoint?.uri), 'a.iso')
    const key = result.ok ? result.value.key : ''
    const expiryAfter = async (byMs: number, bytes: number) => {
      await sandbox.setClock({ byMs })
      expect(await sandbox.reportProgress(key, bytes)).toBe(true)
      return Date.parse((await client.get(id)).expiration_time) - now
    }

    expect(await expiryAfter(1000, 5)).toBe(1000 + IDLE_MS)
    expect(await expiryAfter(1000, 5)).toBe(1000 + IDLE_MS)
    expect(await expiryAfter(1000, 6)).toBe(3000 + IDLE_MS)
  })
})

describe('content that an item has', () => {
  it('is never on the purge list while a session that changes nothing of it is completed', async () => {
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
})
