// The limits of Cloudflare around the worker that is deployed, each by itself: calls of a request, and what is billed.
// limits-of-stories.test.ts takes every story of bytes through a deployment and evictions in mid-transfer.
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { login, type Client } from '../../../src/client/client.ts'
import { startLimited } from '../../limits/mock.ts'
import { freshUser } from '../../support/client.ts'
import { listen, type Listening } from '../../support/listen.ts'

/** The most of the free plan, which no request comes near on Workers Paid. */
const CALLS = 50
const MIB = 1024 * 1024
const CONTENT = randomBytes(9 * MIB)
const PIECE_BYTES = 256 * 1024
const PIECE_MS = 50
const patience = { timeout: 30_000, interval: 100 }

let mock: Awaited<ReturnType<typeof startLimited>>
/** It sends slowly, so that there is time for a reset. */
let source: Listening
async function* slowly() {
  for (let at = 0; at < CONTENT.byteLength; at += PIECE_BYTES) {
    yield CONTENT.subarray(at, at + PIECE_BYTES)
    await pause(PIECE_MS)
  }
}
beforeAll(async () => {
  mock = await startLimited({ vars: { TRANSFER_LEASE_SECONDS: '3' } })
  await mock.setLimits({ calls: CALLS })
  source = await listen((_, response) => {
    response.writeHead(200, { 'content-length': CONTENT.byteLength })
    void (async () => {
      for await (const piece of slowly()) if (!response.destroyed) response.write(piece)
      response.end()
    })()
  })
})
afterAll(async () => {
  await source.stop()
  await mock.stop()
})

let client: Client
let item: string
let session: string
beforeEach(async () => {
  client = await login(mock.url, { user: freshUser(), password: 'any' })
  const [library = ''] = await client.libraries.list()
  item = await client.items.create({ library_id: library, name: 'limited' })
  session = await client.updateSessions.create({ library_item_id: item })
})

const NAME = 'disk.vmdk'
async function push(isSlow = false): Promise<number> {
  const known = await client.updateSessionFiles.get(session, NAME).catch(() => undefined)
  const file = known ?? (await client.updateSessionFiles.add(session, { name: NAME, source_type: 'PUSH' }))
  const body = isSlow ? Readable.toWeb(Readable.from(slowly())) : CONTENT
  const init = { method: 'PUT', body, duplex: 'half' } as unknown as RequestInit // Node's own
  return fetch(file.upload_endpoint?.uri ?? '', init).then(
    ({ status }) => status,
    () => 0,
  )
}
async function pull(): Promise<void> {
  const uri = `${source.url}/`
  await client.updateSessionFiles.add(session, { name: NAME, source_type: 'PULL', source_endpoint: { uri } })
}
const hasBytes = async () => (await client.updateSessionFiles.get(session, NAME)).bytes_transferred > 0
const statusOfFile = async () => (await client.updateSessionFiles.get(session, NAME)).status

/** All of it has arrived and can be read, and nothing of it stays when its item goes. */
async function isWhole(): Promise<void> {
  await expect.poll(statusOfFile, patience).toBe('READY')
  await client.updateSessions.complete(session)
  await expect.poll(async () => (await client.updateSessions.get(session)).state, patience).toBe('DONE')
  const headers = { 'vmware-api-session-id': client.token }
  const list = await fetch(`${mock.url}/api/content/library/item/${item}/file`, { headers })
  const [file] = (await list.json()) as { file_download_endpoint: string }[]
  const got = await fetch(file?.file_download_endpoint ?? '', { headers })
  expect(CONTENT.equals(Buffer.from(await got.arrayBuffer()))).toBe(true)
}

it('within 50 calls for each request a cancel ends a push under way within a second', async () => {
  const upload = push(true)
  await expect.poll(statusOfFile, patience).toBe('TRANSFERRING')

  await client.updateSessions.cancel(session)

  const status = await Promise.race([upload, pause(1500, 'late')])
  expect(status).not.toBe('late')
  expect([200, 201]).not.toContain(status)
})

const nothingAtWork = () => expect.poll(async () => (await mock.bill()).objectsAtWork, patience).toBe(0)
describe('what is over keeps no object at work, which would be billed:', () => {
  it.each(Object.entries({ push, pull }))('a %s', async (_, send) => {
    await send()
    await isWhole()

    await nothingAtWork()
  })

  it('a cancel of a pull under way', async () => {
    await pull()
    await expect.poll(hasBytes, patience).toBe(true)
    await client.updateSessions.cancel(session)

    await nothingAtWork()
  })
})

it('within too few calls a push is refused, and arrives when there are more', async () => {
  await mock.setLimits({ calls: 3 })
  expect([500, 503]).toContain(await push())

  await mock.setLimits({ calls: CALLS })
  expect(await push()).toBe(200)
  await isWhole()
})

it('objects whose storage breaks in mid-transfer leave their memory to the next', async () => {
  // Each holds two buffers when it is reset; an isolate has eight times as many.
  for (let broken = 0; broken < 9; broken += 1) {
    await pull()
    await expect.poll(hasBytes, patience).toBe(true)
    await mock.happenNow('breaks storage')
    await client.updateSessions.cancel(session)
    session = await client.updateSessions.create({ library_item_id: item })
  }

  await pull()
  await isWhole()
})
