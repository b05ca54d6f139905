// What a client was told stays true when the mock and its runtime are killed, whatever they were doing.
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serve } from '../../../src/node/server.ts'
import { clientOf, login, Refusal, type Client } from '../../../src/client/client.ts'
import { spawnMock } from './mortal.ts'

/** Each kills at another moment: many find more. */
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 2)
const ROUND_MS = 120_000
const LIBRARY = '11111111-1111-4111-8111-111111111111'
const NAME = 'disk.iso'
const PIECE_BYTES = 64 * 1024
const CONTENT = randomBytes(32 * PIECE_BYTES)
/** Sent at once: a mock that pulls many of these is killed while one of them ends. */
const SMALL = randomBytes(1000)
const PULLS: Claim['source'][] = Array(16).fill('SMALL PULL')
const VARS = { PULL_HOSTS: 'loopback', SWEEP_SECONDS: '1', TRANSFER_LEASE_SECONDS: '3' }

/** An update session by what its client knows of it. */
type Claim = {
  id: string
  itemId: string
  source: 'NONE' | 'PUSH' | 'PULL' | 'SMALL PULL'
  state: 'ACTIVE' | 'DONE' | 'CANCELED' | 'DELETED'
  /** What was asked and not answered: it may have happened. DELETED is of the item, with the content that it had. */
  asked?: 'DONE' | 'CANCELED' | 'DELETED'
  /** Its file has been added. */
  isAdded?: boolean
  isReceived?: boolean
}

let state: string
let source: Server
let sourceUrl: string
/** Called at every step of the load, and at every piece of bytes that is sent. */
let step = (): void => undefined

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'crash-'))
  source = createServer((asked, response) => {
    if (asked.url === '/small') {
      response.end(SMALL)
      step()
      return
    }
    response.writeHead(200, { 'content-length': CONTENT.byteLength })
    send(response).catch(() => undefined) // whoever pulled was killed
  })
  source.listen(0, '127.0.0.1')
  await once(source, 'listening')
  sourceUrl = `http://127.0.0.1:${(source.address() as AddressInfo).port}/`
})
afterAll(async () => {
  source.closeAllConnections()
  source.close()
  await rm(state, { recursive: true, force: true })
})

describe('a mock that is killed in the middle', () => {
  it('of creates and cancels has done what it answered', { timeout: ROUNDS * ROUND_MS }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { token, claims } = await live(`sessions-${round}`, ['NONE', 'NONE', 'NONE', 'NONE'], randomInt(20, 500))

      await using mock = await spawnMock(state, VARS)

      const client = clientOf(mock.url, token)
      for (const claim of claims) expect(outcomes(claim)).toContain(await stateOf(client, claim))
    }
  })

  it('of uploads, pulls and purges loses no bytes and keeps none', { timeout: ROUNDS * ROUND_MS }, async () => {
    let published = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      published += await publish(`bytes-${round}`, ['PUSH', 'PUSH', 'PULL', 'PULL'], randomInt(40, 1000))
      published += await publish(`pulls-${round}`, PULLS, randomInt(100, 400))
    }

    const server = await serve({ stateDirectory: state, vars: VARS })
    await soon(async () => expect((await server.stored()).objects).toBe(published)).finally(server.stop)
  })
})

/** One such life, and how many files it leaves: those of the sessions that are DONE, each with the bytes that were sent. */
async function publish(user: string, ways: Claim['source'][], lastStep: number): Promise<number> {
  const { token, claims } = await live(user, ways, lastStep)

  await using mock = await spawnMock(state, VARS)

  const client = clientOf(mock.url, token)
  const done: Claim[] = []
  for (const claim of claims) {
    const last = await settled(mock.url, client, claim)
    if (last === 'ACTIVE') await client.updateSessions.cancel(claim.id)
    if (last === 'DONE') done.push(claim)
  }
  for (const { itemId, source } of done)
    expect(await download(mock.url, token, itemId)).toBe(digest(source === 'SMALL PULL' ? SMALL : CONTENT))
  return done.length
}

/** The life of a mock: clients work, each in its own way, until it is killed at the step with this number. */
async function live(user: string, ways: Claim['source'][], lastStep: number) {
  const mock = await spawnMock(state, VARS)
  const client = await login(mock.url, { user, password: 'secret' })
  const claims: Claim[] = []
  const { promise: isOver, resolve } = Promise.withResolvers<void>()
  let steps = 0
  step = () => {
    steps += 1
    if (steps === lastStep) resolve()
  }
  const work = Promise.allSettled(ways.map((source) => workOn(client, source, claims)))
  await Promise.race([isOver, work])
  await mock.kill()
  // Nobody was refused anything: they stopped because nobody answered.
  for (const end of await work) expect(end).not.toMatchObject({ reason: expect.any(Refusal) as Refusal })
  return { token: client.token, claims }
}

async function workOn(client: Client, source: Claim['source'], claims: Claim[]): Promise<never> {
  for (;;) {
    const itemId = await client.items.create({ library_id: LIBRARY, name: randomUUID() })
    const id = await client.updateSessions.create({ library_item_id: itemId })
    const claim: Claim = { id, itemId, source, state: 'ACTIVE' }
    claims.push(claim)
    step()
    if (source === 'PUSH') {
      const { upload_endpoint } = await client.updateSessionFiles.add(id, { name: NAME, source_type: 'PUSH' })
      claim.isAdded = true
      expect(await upload(upload_endpoint?.uri ?? '')).toBe(200)
      claim.isReceived = true
      step()
    }
    if (source === 'PULL' || source === 'SMALL PULL') {
      const uri = source === 'PULL' ? sourceUrl : `${sourceUrl}small`
      const spec = { name: NAME, source_type: 'PULL', source_endpoint: { uri } } as const
      await client.updateSessionFiles.add(id, spec)
      claim.isAdded = true
      step()
    }
    claim.asked = randomInt(2) === 0 ? 'DONE' : 'CANCELED'
    await (claim.asked === 'DONE' ? client.updateSessions.complete(id) : client.updateSessions.cancel(id))
    claim.state = claim.asked
    step()
    if (claim.state !== 'DONE' || randomInt(2) === 0) continue
    claim.asked = 'DELETED'
    await client.items.delete(itemId)
    claim.state = claim.asked
    step()
  }
}

/** The states in which the session may be found. */
const outcomes = ({ state, asked }: Claim) => (asked ? [state, asked] : [state])

async function stateOf(client: Client, { id, itemId }: Claim): Promise<string> {
  try {
    await client.items.get(itemId)
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return 'DELETED'
    throw error
  }
  return (await client.updateSessions.get(id)).state ?? ''
}

/** The state of the session once nothing is under way in it. */
async function settled(url: string, client: Client, claim: Claim): Promise<string> {
  const state = await stateOf(client, claim)
  if (state === 'DELETED' || state === 'CANCELED' || claim.state === 'CANCELED') {
    expect(outcomes(claim)).toContain(state)
    return state
  }
  if (claim.source !== 'PUSH' && claim.source !== 'NONE') return pulled(client, claim)
  expect(outcomes(claim)).toContain(state)
  if (state === 'ACTIVE') await pushed(url, client, claim)
  return state
}

/** What was received is still there; what was not can be sent again. */
async function pushed(url: string, client: Client, { id, isAdded, isReceived }: Claim): Promise<void> {
  const [file] = await client.updateSessionFiles.list(id)
  if (isAdded) expect(file).toMatchObject({ name: NAME })
  if (isReceived) expect(file).toMatchObject({ status: 'READY' })
  if (!file || file.status === 'READY') return
  await soon(async () =>
    expect(await client.updateSessionFiles.get(id, NAME)).toMatchObject({ status: 'WAITING_FOR_TRANSFER' }),
  )
  const { pathname } = new URL(file.upload_endpoint?.uri ?? '')
  expect(await upload(`${url}${pathname}`)).toBe(200)
  expect(await client.updateSessionFiles.get(id, NAME)).toMatchObject({ status: 'READY' })
}

/** A pull goes on where nobody waits for it, to the end that was asked for or to one that says why. */
async function pulled(client: Client, { id, state, asked, isAdded = false }: Claim): Promise<string> {
  return soon(async () => {
    const session = await client.updateSessions.get(id)
    const [file] = session.state === 'ACTIVE' ? await client.updateSessionFiles.list(id) : []
    if (session.state === 'ERROR') expect(session.error_message?.default_message).toMatch(/./)
    else if (state === 'ACTIVE' && session.state === 'ACTIVE')
      expect(file?.status).toBe(isAdded || file ? 'READY' : undefined)
    else expect([state, asked]).toContain(session.state)
    return session.state ?? ''
  })
}

const soon = <T>(claim: () => Promise<T>): Promise<T> => vi.waitFor(claim, { timeout: 50_000, interval: 100 })

/** The status of the answer. */
async function upload(uri: string): Promise<number | undefined> {
  const sent = request(uri, { method: 'PUT', headers: { 'content-length': CONTENT.byteLength } })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  const [[response]] = await Promise.all([answered, send(sent)])
  response.resume()
  return response.statusCode
}

async function send(stream: Writable): Promise<void> {
  for (let at = 0; at < CONTENT.byteLength; at += PIECE_BYTES) {
    if (!stream.write(CONTENT.subarray(at, at + PIECE_BYTES))) await once(stream, 'drain')
    step()
  }
  stream.end()
}

/** The digest of an item's file. */
async function download(url: string, token: string, itemId: string): Promise<string> {
  const headers = { 'vmware-api-session-id': token }
  const answer = await fetch(`${url}/cls/static/${LIBRARY}/${itemId}/${NAME}`, { headers })
  return digest(new Uint8Array(await answer.arrayBuffer()))
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
