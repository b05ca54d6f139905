// Connections that a fault breaks, as clients feel them: over real sockets, and exactly as often as was asked for.
import { request as ask } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, login, type Client } from '../../src/client/client.ts'
import { start, type Fault, type VCenter } from '../../src/node/start.ts'

const LIBRARY = '11111111-1111-4111-8111-111111111111'
const ITEM = '22222222-2222-4222-8222-222222222222'
const STALL_MS = 300

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

type Stage = { user: string; client: Client; id: string; call: (method: string, path: string) => Promise<Felt> }
let users = 0
async function aSession(): Promise<Stage> {
  const user = `user-${(users += 1)}`
  const client = await login(vcenter.url, { user, password: 'pass' })
  const id = await client.updateSessions.create({ library_item_id: ITEM })
  const headers = { 'vmware-api-session-id': client.token }
  const base = `${vcenter.url}/api/content/library/item/update-session/${id}`
  return { user, client, id, call: (method, path) => send(`${base}${path}`, method, headers) }
}
const cancel = ({ call }: Stage) => call('POST', '?action=cancel')
const stateOf = async ({ client, id }: Stage) => (await client.updateSessions.get(id)).state
const arm = ({ user }: Stage, fault: Fault) => vcenter.sandbox(user).faults.add(fault)

const NOTHING = { body: '', isWhole: false }
const CONNECTIONS = ['reset', 'truncate', 'stall'] as const

describe.each(CONNECTIONS)('a cancel whose connection a fault breaks (%s)', (connection) => {
  it.each([
    ['after', 'CANCELED'],
    ['before', 'ACTIVE'],
  ] as const)('%s the change gets no answer', async (when, state) => {
    const stage = await aSession()
    await arm(stage, { operation: 'cancel', connection, when, delay: STALL_MS / 1000, times: 1 })

    const { ms, ...felt } = await cancel(stage)

    expect(felt).toEqual(NOTHING)
    expect(ms).toBeGreaterThanOrEqual(STALL_MS)
    expect(await stateOf(stage)).toBe(state)
    expect((await cancel(stage)).status).toBe(state === 'ACTIVE' ? 204 : 400)
  })

  it('is felt exactly so often', async () => {
    const stage = await aSession()
    const times = 3
    await arm(stage, {
      operation: 'cancel',
      connection,
      when: 'before',
      times,
      ...(connection === 'stall' && { delay: 0.1 }),
    })

    const felt: (number | undefined)[] = []
    for (let count = 0; count <= times; count += 1) felt.push((await cancel(stage)).status)

    expect(felt).toEqual([undefined, undefined, undefined, 204])
    const [fault] = await vcenter.sandbox(stage.user).faults.list()
    expect(fault).toMatchObject({ applied: times, when: 'before' })
  })
})

describe.each(CONNECTIONS)('every answer without a body breaks by %s:', (connection) => {
  const delay = connection === 'stall' ? { delay: 0.1 } : {}
  it.each([
    ['complete', '?action=complete', 'POST'],
    ['keep_alive', '?action=keep-alive', 'POST'],
    ['update_session.delete', '', 'DELETE'],
  ])('%s', async (operation, path, method) => {
    const stage = await aSession()
    if (method === 'DELETE') await cancel(stage)
    await arm(stage, { operation, connection, ...delay })

    expect(await stage.call(method, path)).toMatchObject(NOTHING)
  })

  it('an upload', async () => {
    const stage = await aSession()
    const url = await anUpload(stage)
    await arm(stage, { operation: 'upload', connection, ...delay })

    expect(await send(url, 'PUT', {}, Buffer.from('bytes'))).toMatchObject(NOTHING)
    expect(await statusOf(stage)).toBe('READY')
  })
})

async function anUpload({ client, id }: Stage): Promise<string> {
  const file = await client.updateSessionFiles.add(id, { name: 'disk.vmdk', source_type: 'PUSH' })
  return file.upload_endpoint?.uri ?? ''
}
const statusOf = async ({ client, id }: Stage) => (await client.updateSessionFiles.get(id, 'disk.vmdk')).status

/** A read that a fault breaks, and the answer as it is without. */
const get = async (fault: Fault) => {
  const stage = await aSession()
  await arm(stage, { operation: 'update_session.get', times: 1, ...fault })
  return { felt: await stage.call('GET', ''), whole: (await stage.call('GET', '')).body }
}

describe('an answer with a body', () => {
  it('is not sent by a reset', async () => {
    expect((await get({ connection: 'reset' })).felt).toMatchObject(NOTHING)
  })

  it('breaks off in its middle', async () => {
    const { felt, whole } = await get({ connection: 'truncate' })

    expect(felt).toMatchObject({ status: 200, isWhole: false, body: whole.slice(0, Math.floor(whole.length / 2)) })
  })

  it('breaks off after so many bytes', async () => {
    const { felt, whole } = await get({ connection: 'truncate', after_bytes: 7 })

    expect(felt).toMatchObject({ status: 200, isWhole: false, body: whole.slice(0, 7) })
  })

  it('is held, and then breaks off', async () => {
    const { felt } = await get({ connection: 'stall', delay: STALL_MS / 1000 })

    expect(felt).toMatchObject({ status: 200, isWhole: false, body: '' })
    expect(felt.ms).toBeGreaterThanOrEqual(STALL_MS)
  })

  it('is not held at all where the time to hold it is 0', async () => {
    const { felt } = await get({ connection: 'stall', delay: 0 })

    expect(felt).toMatchObject({ status: 200, isWhole: false, body: '' })
    expect(felt.ms).toBeLessThan(10_000)
  })

  it('always lacks something, however many bytes are asked for', async () => {
    const { felt, whole } = await get({ connection: 'truncate', after_bytes: 1_000_000 })

    expect(felt).toMatchObject({ isWhole: false, body: whole.slice(0, -1) })
  })
})

describe('bytes', () => {
  const MIB = 1_048_576

  it.each(CONNECTIONS)(
    'of an upload break after so many (%s): the file waits, the session is ACTIVE, another try succeeds',
    async (connection) => {
      const stage = await aSession()
      const url = await anUpload(stage)
      await arm(stage, {
        operation: 'upload',
        connection,
        after_bytes: MIB,
        times: 1,
        ...(connection === 'stall' && { delay: 0.1 }),
      })

      const felt = await send(url, 'PUT', {}, Buffer.alloc(8 * MIB))

      expect(felt).toMatchObject(NOTHING)
      expect([await statusOf(stage), await stateOf(stage)]).toEqual(['WAITING_FOR_TRANSFER', 'ACTIVE'])
      expect((await send(url, 'PUT', {}, Buffer.alloc(8 * MIB))).status).toBe(200)
    },
  )

  it.each(CONNECTIONS)('of an upload that has fewer break at its end (%s): the file waits', async (connection) => {
    const stage = await aSession()
    const url = await anUpload(stage)
    await arm(stage, { operation: 'upload', connection, after_bytes: MIB, delay: 0.3, times: 1 })

    const felt = await send(url, 'PUT', {}, Buffer.from('hello'))

    expect(felt).toMatchObject(NOTHING)
    if (connection === 'stall') expect(felt.ms).toBeGreaterThanOrEqual(300)
    expect([await statusOf(stage), await stateOf(stage)]).toEqual(['WAITING_FOR_TRANSFER', 'ACTIVE'])
  })

  it('of the answer break where an upload is refused', async () => {
    const stage = await aSession()
    const url = await anUpload(stage)
    await arm(stage, {
      operation: 'upload',
      status: 500,
      body: 'a proxy',
      connection: 'truncate',
      after_bytes: 3,
      times: 1,
    })

    expect(await send(url, 'PUT', {}, Buffer.from('hello'))).toMatchObject({ status: 500, isWhole: false, body: 'a p' })
  })

  it('of an upload that stalls are not waited for when a cancel ends it', async () => {
    const stage = await aSession()
    const url = await anUpload(stage)
    await arm(stage, { operation: 'upload', connection: 'stall', after_bytes: MIB, delay: 20, times: 1 })
    const felt = send(url, 'PUT', {}, Buffer.alloc(8 * MIB))
    await expect
      .poll(async () => (await stage.client.updateSessionFiles.get(stage.id, 'disk.vmdk')).bytes_transferred)
      .toBe(MIB)

    await cancel(stage)

    const { ms, ...nothing } = await felt
    expect(nothing).toEqual(NOTHING)
    expect(ms).toBeLessThan(10_000)
  })

  it('of a download break after so many', async () => {
    const stage = await aSession()
    await send(await anUpload(stage), 'PUT', {}, Buffer.alloc(4 * MIB, 'x'))
    await stage.client.updateSessions.complete(stage.id)
    await arm(stage, { operation: 'download', connection: 'truncate', after_bytes: MIB, times: 1 })
    const download = () =>
      send(`${vcenter.url}/cls/static/${LIBRARY}/${ITEM}/disk.vmdk`, 'GET', {
        authorization: basic(stage.user, 'pass'),
      })

    const broken = await download()
    const whole = await download()

    expect([broken.isWhole, broken.body.length]).toEqual([false, MIB])
    expect([whole.isWhole, whole.body.length]).toEqual([true, 4 * MIB])
  })
})

it.each(CONNECTIONS)('a HEAD whose connection a fault breaks (%s) gets no answer', async (connection) => {
  const stage = await aSession()
  await arm(stage, { operation: 'update_session.get', connection, delay: STALL_MS / 1000, times: 1 })

  const { ms, ...felt } = await stage.call('HEAD', '')

  expect(felt).toEqual(NOTHING)
  expect(ms).toBeGreaterThanOrEqual(STALL_MS)
  expect((await stage.call('HEAD', '')).status).toBe(200)
})

it('the journal says which connection a fault has broken', async () => {
  const stage = await aSession()
  await arm(stage, { id: 'gone', operation: 'cancel', connection: 'reset' })
  await cancel(stage)

  const [entry] = await vcenter.sandbox(stage.user).journal.list()

  expect(entry).toMatchObject({ fault: 'gone', connection: 'reset', status: 204 })
})

it('the runtime writes nothing of them, but a line of each HEAD', () => {
  expect(lines).toEqual(CONNECTIONS.map(() => 'HTTP connection failed: the handler sent no response'))
})
