// Answers that are given before the body of their request has been read, over real connections.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { login } from '../../src/client/client.ts'
import { serve } from '../../src/node/server.ts'
import { admin } from '../console/stage.ts'
import { freshUser, ITEM } from '../support/client.ts'

const SESSIONS = '/api/content/library/item/update-session'
const MIB = 1024 * 1024
const SIZE = 8 * MIB

let mock: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  mock = await serve({ vars: { CREDENTIALS: '' } })
})
afterAll(() => mock.stop())

const JSON_TYPE = 'application/json'
const refusals: [string, number, () => Promise<Target> | Target][] = [
  ['an upload to an unknown address', 404, () => ({ method: 'PUT', path: '/cls/data/nonsense/a.iso' })],
  ['an upload by another name', 404, uploadAfter(() => undefined, 'b.iso')],
  ['an upload to a cancelled session', 404, uploadAfter(({ cancel }) => cancel())],
  [
    'an upload that a fault refuses',
    503,
    uploadAfter(({ addFault }) => addFault({ operation: 'upload', error: 'SERVICE_UNAVAILABLE' })),
  ],
  [
    'an upload whose answer a fault replaces',
    418,
    uploadAfter(({ addFault }) => addFault({ operation: 'upload', status: 418, body: 'short and stout' })),
  ],
  ['a path that is not there', 404, () => ({ method: 'POST', path: '/nowhere' })],
  ['a path of the API that is not there', 404, () => ({ method: 'POST', path: '/api/nowhere' })],
  ['a method that is not there', 404, () => ({ method: 'PUT', path: SESSIONS })],
  ['a body of /api that is too large', 400, async () => ({ ...(await anUpload()).create, type: JSON_TYPE })],
  ['a request without a login', 401, () => ({ method: 'POST', path: SESSIONS, type: JSON_TYPE })],
  ['a body of JSON-RPC that is too large', 200, () => ({ method: 'POST', path: '/api', type: JSON_TYPE })],
  ['a body of SOAP that is too large', 500, () => ({ method: 'POST', path: '/sdk', type: 'text/xml' })],
  [
    'a body of the admin API that is too large',
    422,
    () => ({ method: 'POST', path: '/__admin/faults', type: JSON_TYPE }),
  ],
  ['a path of the admin API that is not there', 404, () => ({ method: 'POST', path: '/__admin/nowhere' })],
  ['a GET that asks for no body', 200, () => ({ method: 'GET', path: '/openapi.json' })],
  ['a HEAD that asks for no body', 200, () => ({ method: 'HEAD', path: '/' })],
]

describe.each(['by its length', 'in chunks'] as const)('to a client that sends all of its body first, %s,', (how) => {
  it.each(refusals)('%s is answered %d', async (_, status, target) => {
    const { socket, text } = await open()
    socket.pause()

    await send(socket, head(await target(), how))
    await send(socket, framed(how, Buffer.alloc(SIZE, ' ')))
    socket.resume()

    await expect.poll(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*?\r\n\r\n`))
    socket.destroy()
  })

  it('an upload that is cut off by a cancel is answered 404', async () => {
    const { path, cancel, file, journal } = await anUpload()
    const { socket, text } = await open()
    socket.pause()
    await send(socket, head({ method: 'PUT', path }, how))
    const [first, rest] = [Buffer.alloc(MIB), Buffer.alloc(SIZE - MIB)]
    await send(socket, how === 'in chunks' ? chunk(first) : first)
    await expect.poll(file).toMatchObject({ status: 'TRANSFERRING', bytes_transferred: MIB })

    await cancel()
    await expect.poll(async () => JSON.stringify(await journal())).toContain('"operation":"upload"')
    await send(socket, framed(how, rest))
    socket.resume()

    await expect.poll(text).toMatch(/^HTTP\/1.1 404 [^]*upload_endpoint_not_found/)
    socket.destroy()
  })
})

describe('a refusal', () => {
  it('is read by a client that has yet to send most of its body, and leaves the connection as it was', async () => {
    const { path, cancel } = await anUpload()
    await cancel()
    const { socket, text } = await open()

    await send(socket, head({ method: 'PUT', path }, 'by its length'))
    await expect.poll(text).toMatch(/^HTTP\/1.1 404 [^]*"args":\[\]\}\]$/)
    await send(socket, Buffer.alloc(SIZE))
    await expect.poll(text).toMatch(/"args":\[\]\}\]\}$/)

    await send(socket, 'GET /__admin/health HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await expect.poll(text).toContain('HTTP/1.1 200 OK')
    socket.destroy()
  })

  it('ends for a client that waits for its end and sends no more', async () => {
    const { socket, text } = await open()

    await send(socket, head({ method: 'PUT', path: '/cls/data/nonsense/a.iso' }, 'by its length'))

    await once(socket, 'close')
    expect(text()).toMatch(/^HTTP\/1.1 404 [^]*\}\]\}$/)
  })

  const OURS = /^HTTP\/1.1 400 [^]*upload_length_invalid/
  const THE_SERVERS = /^HTTP\/1.1 400 /
  it.each([
    ['9007199254740992', OURS],
    ['9223372036854775807', OURS],
    ['83886080001', OURS],
    ['-1', THE_SERVERS],
    ['1e3', THE_SERVERS],
    ['18446744073709551616', THE_SERVERS],
    ['5\r\ncontent-length: 6', THE_SERVERS],
  ])('is what an upload of %j bytes gets, which begins nothing', async (length, refusal) => {
    const { path, file } = await anUpload()
    const { socket, text } = await open()

    await send(socket, `PUT ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n\r\nhello`)
    await expect.poll(text).toMatch(refusal)
    socket.destroy()

    expect(await file()).toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
    expect(await fetch(`${mock.url}${path}`, { method: 'PUT', body: 'hello' })).toMatchObject({ status: 200 })
  })

  it.each([SESSIONS, '/rest/com/vmware/content/library/item/update-session', '/api', '/__admin/faults'])(
    'in words is what JSON of 9007199254740992 bytes gets from %s',
    async (path) => {
      const { create } = await anUpload()
      const { socket, text } = await open()

      await send(
        socket,
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${create.headers}content-type: application/json\r\n` +
          'content-length: 9007199254740992\r\n\r\n{}',
      )
      await expect.poll(text).toContain('The request body is larger than ')
      socket.destroy()
    },
  )
})

type How = 'by its length' | 'in chunks'
type Target = { method: string; path: string; type?: string; headers?: string }

const head = ({ method, path, type, headers = '' }: Target, how: How): string =>
  [
    `${method} ${path} HTTP/1.1`,
    `host: ${new URL(mock.url).host}`,
    ...(type === undefined ? [] : [`content-type: ${type}`]),
    how === 'in chunks' ? 'transfer-encoding: chunked' : `content-length: ${SIZE}`,
    `${headers}\r\n`,
  ].join('\r\n')

const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
/** The last of a body. */
const framed = (how: How, bytes: Buffer): Buffer =>
  how === 'in chunks' ? Buffer.concat([chunk(bytes), Buffer.from('0\r\n\r\n')]) : bytes

async function open() {
  const { hostname, port } = new URL(mock.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('data', (data) => (text += String(data)))
  socket.on('error', (error) => (text += String(error)))
  await once(socket, 'connect')
  return { socket, text: () => text }
}

/** Until the last byte is out, or the connection has broken. */
const send = (socket: Socket, bytes: string | Buffer): Promise<void> =>
  new Promise((resolve) => void socket.write(bytes, () => resolve()))

type Upload = Awaited<ReturnType<typeof anUpload>>
function uploadAfter(act: (upload: Upload) => unknown, name = 'a.iso') {
  return async (): Promise<Target> => {
    const upload = await anUpload()
    await act(upload)
    return { method: 'PUT', path: upload.path.replace('a.iso', name) }
  }
}

/** A file that waits for its bytes, in a sandbox of its own. */
async function anUpload() {
  const user = freshUser()
  const { token, updateSessions, updateSessionFiles } = await login(mock.url, { user, password: 'secret' })
  const id = await updateSessions.create({ library_item_id: ITEM })
  const { upload_endpoint } = await updateSessionFiles.add(id, { name: 'a.iso', source_type: 'PUSH' })
  return {
    path: new URL(upload_endpoint?.uri ?? '').pathname,
    file: () => updateSessionFiles.get(id, 'a.iso'),
    cancel: () => updateSessions.cancel(id),
    journal: () => admin(mock.url, user, 'GET', '/requests'),
    addFault: (fault: object) => admin(mock.url, user, 'POST', '/faults', fault),
    create: { method: 'POST', path: SESSIONS, headers: `vmware-api-session-id: ${token}\r\n` },
  }
}
