// What is answered stays: each step of a transfer may run twice, since its writer may be killed after any of them.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, inject, it, vi } from 'vitest'
import type { Pull, PullOrder } from '../../src/content/pull.ts'
import { REASON } from '../support/a-file.ts'
import { bindings } from '../support/api.ts'
import {
  aPlan,
  aSession,
  eventually,
  hurry,
  sandboxOf,
  settle,
  storedBy,
  tokenOf,
  underWay,
  within,
} from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { filesOf, upload } from '../support/files.ts'
import { request } from '../support/http.ts'

const CONTENT = 'hello from the source'
const uriOf = (path: string) => `${inject('sourceUrl')}${path}?${crypto.randomUUID()}`

/** What was pulled, and the order that it was pulled by, as it lay in the pull's storage. */
async function pulled(through?: () => Promise<Client>) {
  const session = await aSession(through)
  const { client, files } = session
  const source = uriOf('/file')
  await files.pull('a.iso', source)
  await eventually(async () => expect(await files.get('a.iso')).toMatchObject({ status: 'READY' }))
  const [key = ''] = await storedBy(client)
  const order: PullOrder = {
    sandbox: client.user,
    plan: aPlan({ key, leaseMs: 1000 }),
    source: { uri: source },
    stallMs: 1000,
    superviseMs: 600_000,
  }
  return { ...session, source, key, order }
}

/** The pull was killed after it had told its end, and before it forgot its order: its alarm runs again. */
async function runAgain(order: PullOrder): Promise<void> {
  const pull = env.PULLS.getByName(order.plan.key)
  await eventually(() =>
    runInDurableObject(pull, (_: Pull, { storage }) => expect(storage.kv.get('order')).toBeUndefined()),
  )
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
const asked = async (uri: string) => {
  const { origin, pathname, search } = new URL(uri)
  return (await fetch(`${origin}/asked${pathname}${search}`)).json<{ times: number }>()
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
  'its expiry': (client: Client) => sandboxOf(client).setClock({ byMs: 300_000 }),
  'the removal of its file': (client: Client, id: string) => filesOf(client, id).remove('a.iso'),
  'another add of its file': async (client: Client, id: string) => void (await filesOf(client, id).push('a.iso')),
  'the deletion of its item': (client: Client) => client.items.delete(ITEM),
  'a reset of its sandbox': (client: Client) => sandboxOf(client).reset(),
  'the removal of its sandbox': (client: Client) => sandboxOf(client).remove(),
}

describe.each(Object.entries(endings))('a transfer that ends after %s', (_, end) => {
  it('is told, each time, that its bytes are not wanted', async () => {
    const { client, id, files } = await aSession()
    const { upload_endpoint } = await files.push('a.iso')
    const sandbox = sandboxOf(client)
    const { result: begun } = await sandbox.beginTransfer(tokenOf(upload_endpoint?.uri), 'a.iso')
    if (!begun.ok) throw new Error('the transfer was refused')
    const { key } = begun.value
    await end(client, id)

    const received = { key, sizeBytes: 5, digests: {} }
    for (const ending of [{ type: 'receive', received }, { type: 'interrupt' }, { type: 'receive', received }] as const)
      expect(await sandbox.endTransfer(key, ending)).toMatchObject({ result: { ok: false }, content: 'not wanted' })
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

/** A session, and a way to begin the transfer of its file as a client would. */
const begin = async () => {
  const session = await aSession()
  const file = await session.files.push('a.iso')
  const sandbox = sandboxOf(session.client)
  const transfer = async () => {
    const { result } = await sandbox.beginTransfer(tokenOf(file.upload_endpoint?.uri), 'a.iso')
    if (!result.ok) throw new Error('the transfer was refused')
    return result.value.key
  }
  return { ...session, sandbox, file, transfer }
}
const receive = (key: string) => ({ type: 'receive', received: { key, sizeBytes: 5, digests: {} } }) as const

describe('the end of a transfer', () => {
  it('that is told twice, since its answer was lost, is answered as it was, with what was held before', async () => {
    const { client, id, sandbox, transfer } = await begin()
    const key = await transfer()

    expect(await sandbox.endTransfer(key, receive(key))).toMatchObject({ result: { ok: true }, content: 'held' })
    expect(await sandbox.endTransfer(key, receive(key))).toMatchObject({
      result: { ok: true },
      content: 'held before',
    })
    await client.complete(id)
    expect(await sandbox.endTransfer(key, receive(key))).toMatchObject({
      result: { ok: true },
      content: 'held before',
    })
    expect(await sandbox.endTransfer(key, { type: 'interrupt' })).toMatchObject({ content: 'held before' })
  })

  it('that another has replaced leaves the other what it has', async () => {
    const { files, sandbox, transfer } = await begin()
    const [first, second] = [await transfer(), await transfer()]
    await sandbox.endTransfer(second, receive(second))

    expect(await sandbox.endTransfer(first, receive(first))).toMatchObject({ content: 'not wanted' })
    expect(await sandbox.endTransfer(second, receive(second))).toMatchObject({ content: 'held before' })
    expect(await files.get('a.iso')).toMatchObject({ status: 'READY' })
  })

  it.each([
    ['was interrupted', true, { type: 'interrupt' }],
    ['can never succeed', false, { type: 'abandon', reason: REASON }],
    ['is not what was said', false, { type: 'receive', received: { key: '', sizeBytes: 6, digests: {} } }],
  ] as const)('that %s wants nothing of what was written', async (_, isOk, ending) => {
    const { files, sandbox, transfer } = await begin()
    const file = await files.push('a.iso', { size: 5 })
    const { result } = await sandbox.beginTransfer(tokenOf(file.upload_endpoint?.uri), 'a.iso')
    const key = result.ok ? result.value.key : await transfer()

    expect(await sandbox.endTransfer(key, ending)).toMatchObject({ result: { ok: isOk }, content: 'not wanted' })
    expect(await sandbox.endTransfer(key, ending)).toMatchObject({ result: { ok: false }, content: 'not wanted' })
  })

  it('that was given up for dead meanwhile, and has been sent again, leaves the new bytes alone', async () => {
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

describe('a session that the admin API makes', () => {
  it('leaves nothing in the bucket when its sandbox is removed meanwhile', async () => {
    const { client } = await aSession()
    const file = { name: 'a.iso', status: 'READY' as const, bytesTransferred: 0, content: 'hello' }

    const made = await within(client, (sandbox) => {
      const end = sandbox.endTransfer.bind(sandbox)
      vi.spyOn(sandbox, 'endTransfer').mockImplementation(async (key, ...ending) => {
        await sandbox.remove()
        await env.CONTENT.put(`${key}/0`, 'what was on its way')
        return end(key, ...ending)
      })
      return sandbox.seedSession({ token: client.token, state: 'ACTIVE', reason: '', files: [file] })
    })

    expect(made).toMatchObject({ ok: false })
    expect(await storedBy(client)).toEqual([])
  })
})
