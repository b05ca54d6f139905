// Connections that a fault breaks, as clients feel them: over real sockets, and exactly as often as was asked for.
import { request as ask } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Fault, type VCenter } from '../../src/node/start.ts'
import { basic, freshUser, ITEM, LIBRARY } from '../support/client.ts'

const MIB = 1_048_576
const DELAY_MS = 300

let vcenter: VCenter
const lines: string[] = []
beforeAll(async () => {
  vcenter = await start({ vars: { LOG_REQUESTS: 'off' }, onLog: (line) => lines.push(line) })
})
afterAll(() => vcenter?.stop())

/** What a client gets before its connection closes: nothing at all, or a status with so much of the body. */
type Felt = { status?: number; body: string; isWhole: boolean; ms: number }
function send(url: string, method: string, headers: Record<string, string>, body = Buffer.alloc(0)): Promise<Felt> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    let [status, text, isWhole]: [number | undefined, string, boolean] = [undefined, '', false]
    const end = () =>
      resolve({ ...(status !== undefined && { status }), body: text, isWhole, ms: performance.now() - startedAt })
    const sent = ask(url, { method, headers: { ...headers, 'content-length': body.length } }, (response) => {
      status = response.statusCode
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => (isWhole = response.complete))
      response.on('error', () => undefined)
      response.on('close', end)
    })
    sent.on('error', end)
    sent.end(body)
  })
}

async function aSession() {
  const sandbox = vcenter.sandbox(freshUser())
  const { token, updateSessions, updateSessionFiles: files } = await sandbox.client()
  const id = await updateSessions.create({ library_item_id: ITEM })
  const url = `${vcenter.url}/api/content/library/item/update-session/${id}`
  const call = (method: string, query = '') => send(url + query, method, { 'vmware-api-session-id': token })
  return {
    ...sandbox,
    call,
    arm: (fault: Fault) => sandbox.faults.add(fault),
    cancel: () => call('POST', '?action=cancel'),
    complete: () => updateSessions.complete(id),
    state: async () => (await updateSessions.get(id)).state,
    /** The address of a file that waits for its bytes. */
    add: async () => (await files.add(id, { name: 'disk.vmdk', source_type: 'PUSH' })).upload_endpoint?.uri ?? '',
    file: () => files.get(id, 'disk.vmdk'),
  }
}

const NOTHING = { body: '', isWhole: false }
const CONNECTIONS = ['reset', 'truncate', 'stall'] as const

describe.each(CONNECTIONS)('where a fault breaks the connection (%s)', (connection) => {
  const broken = { connection, delay: DELAY_MS / 1000, times: 1 }

  it.each([
    ['after', 'CANCELED'],
    ['before', 'ACTIVE'],
  ] as const)('a cancel gets no answer: %s the change', async (when, state) => {
    const session = await aSession()
    await session.arm({ ...broken, operation: 'cancel', when })

    const { ms, ...felt } = await session.cancel()

    expect(felt).toEqual(NOTHING)
    expect(ms).toBeGreaterThanOrEqual(DELAY_MS)
    expect(await session.state()).toBe(state)
    expect((await session.cancel()).status).toBe(state === 'ACTIVE' ? 204 : 400)
  })

  it('it breaks exactly so often', async () => {
    const session = await aSession()
    await session.arm({ operation: 'cancel', connection, when: 'before', delay: 0, times: 3 })

    const felt: (number | undefined)[] = []
    for (let count = 0; count <= 3; count += 1) felt.push((await session.cancel()).status)

    expect(felt).toEqual([undefined, undefined, undefined, 204])
    expect(await session.faults.list()).toMatchObject([{ applied: 3, when: 'before' }])
  })

  it.each([
    ['complete', 'POST', '?action=complete'],
    ['keep_alive', 'POST', '?action=keep-alive'],
    ['update_session.delete', 'DELETE', ''],
    ['update_session.get', 'HEAD', ''],
  ])('%s gets no answer to a %s, and the next one does', async (operation, method, query) => {
    const session = await aSession()
    if (method === 'DELETE') await session.cancel()
    await session.arm({ ...broken, operation, when: 'before' })

    const { ms, ...felt } = await session.call(method, query)

    expect(felt).toEqual(NOTHING)
    expect(ms).toBeGreaterThanOrEqual(DELAY_MS)
    expect((await session.call(method, query)).status).toBe(method === 'HEAD' ? 200 : 204)
  })

  it('an upload gets no answer', async () => {
    const session = await aSession()
    const url = await session.add()
    await session.arm({ ...broken, operation: 'upload' })

    expect(await send(url, 'PUT', {}, Buffer.from('bytes'))).toMatchObject(NOTHING)
    expect(await session.file()).toMatchObject({ status: 'READY' })
  })

  it.each([
    ['after so many bytes', 8 * MIB],
    ['at its end, where it has fewer bytes', 5],
  ])('an upload breaks %s: the file waits, the session is ACTIVE, another try succeeds', async (_, sizeBytes) => {
    const session = await aSession()
    const url = await session.add()
    await session.arm({ ...broken, operation: 'upload', after_bytes: MIB })

    const { ms, ...felt } = await send(url, 'PUT', {}, Buffer.alloc(sizeBytes))

    expect(felt).toEqual(NOTHING)
    if (connection === 'stall') expect(ms).toBeGreaterThanOrEqual(DELAY_MS)
    expect(await session.file()).toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
    expect(await session.state()).toBe('ACTIVE')
    expect((await send(url, 'PUT', {}, Buffer.alloc(sizeBytes))).status).toBe(200)
  })
})

describe('an answer with a body', () => {
  it.each<[how: string, fault: Fault, felt: (whole: string) => object]>([
    ['is not sent by a reset', { connection: 'reset' }, () => NOTHING],
    [
      'breaks off in its middle',
      { connection: 'truncate' },
      (whole) => ({ status: 200, body: whole.slice(0, Math.floor(whole.length / 2)) }),
    ],
    [
      'breaks off after so many bytes',
      { connection: 'truncate', after_bytes: 7 },
      (whole) => ({ status: 200, body: whole.slice(0, 7) }),
    ],
    [
      'always lacks something, however many bytes are asked for',
      { connection: 'truncate', after_bytes: 1_000_000 },
      (whole) => ({ body: whole.slice(0, -1) }),
    ],
    [
      'is held, and then breaks off',
      { connection: 'stall', delay: DELAY_MS / 1000 },
      () => ({ status: 200, body: '', isHeld: true }),
    ],
    [
      'is not held at all where the time to hold it is 0',
      { connection: 'stall', delay: 0 },
      () => ({ status: 200, body: '', isHeldLong: false }),
    ],
  ])('%s', async (_, fault, expected) => {
    const session = await aSession()
    await session.arm({ operation: 'update_session.get', times: 1, ...fault })

    const felt = await session.call('GET')

    const { body: whole } = await session.call('GET')
    // As by default: a minute.
    const [isHeld, isHeldLong] = [felt.ms >= DELAY_MS, felt.ms >= 30_000]
    expect({ ...felt, isHeld, isHeldLong }).toMatchObject({ isWhole: false, ...expected(whole) })
  })

  it('breaks where an upload is refused', async () => {
    const session = await aSession()
    const url = await session.add()
    const refusal = { status: 500, body: 'a proxy' }
    await session.arm({ operation: 'upload', ...refusal, connection: 'truncate', after_bytes: 3, times: 1 })

    expect(await send(url, 'PUT', {}, Buffer.from('hello'))).toMatchObject({ status: 500, isWhole: false, body: 'a p' })
  })
})

it('an upload that stalls is not waited for when a cancel ends it', async () => {
  const session = await aSession()
  const url = await session.add()
  await session.arm({ operation: 'upload', connection: 'stall', after_bytes: MIB, delay: 20, times: 1 })
  const felt = send(url, 'PUT', {}, Buffer.alloc(8 * MIB))
  await expect.poll(session.file).toMatchObject({ bytes_transferred: MIB })

  await session.cancel()

  const { ms, ...nothing } = await felt
  expect(nothing).toEqual(NOTHING)
  expect(ms).toBeLessThan(10_000)
})

it('a download breaks after so many bytes', async () => {
  const session = await aSession()
  await send(await session.add(), 'PUT', {}, Buffer.alloc(4 * MIB, 'x'))
  await session.complete()
  await session.arm({ operation: 'download', connection: 'truncate', after_bytes: MIB, times: 1 })
  const authorization = basic(session.name, 'pass')
  const download = () => send(`${vcenter.url}/cls/static/${LIBRARY}/${ITEM}/disk.vmdk`, 'GET', { authorization })

  const broken = await download()
  const whole = await download()

  expect([broken.isWhole, broken.body.length]).toEqual([false, MIB])
  expect([whole.isWhole, whole.body.length]).toEqual([true, 4 * MIB])
})

it('the journal says which connection a fault has broken', async () => {
  const session = await aSession()
  await session.arm({ id: 'gone', operation: 'cancel', connection: 'reset' })
  await session.cancel()

  const [entry] = await session.journal.list()

  expect(entry).toMatchObject({ fault: 'gone', connection: 'reset', status: 204 })
})

it('the runtime writes nothing of them, but a line of each HEAD', () => {
  expect(lines).toEqual(CONNECTIONS.map(() => 'HTTP connection failed: the handler sent no response'))
})
