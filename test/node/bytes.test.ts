// Bytes over a socket: what only a real connection can do, and what only other settings show.
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { storedIn } from '../../scripts/stored.ts'
import { serve } from '../../src/node/server.ts'
import { login } from '../../src/client/client.ts'
import { freshUser, ITEM } from '../support/client.ts'
import { listen } from '../support/listen.ts'

let mock: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  mock = await serve({ vars: { CREDENTIALS: '', PULL_HOSTS: '127.0.0.1' } })
})
afterAll(() => mock.stop())

describe('the upload endpoint', () => {
  it.each([
    ['with a length', 'content-length: 100\r\n\r\nhello'],
    ['without one', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('waits for another try when the connection of a body %s breaks', async (_, rest) => {
    const session = await aSession()
    const before = await storedIn(mock.bytesFolder)
    const file = await session.push()
    const url = file.upload_endpoint?.uri ?? ''
    const { hostname, port, pathname } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(`PUT ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${rest}`)
    await expect.poll(session.file).toMatchObject({ status: 'TRANSFERRING', bytes_transferred: 5 })

    const leftAt = Date.now()
    socket.resetAndDestroy()

    await expect.poll(session.file).toMatchObject({ status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 })
    // Its lease would take 30 s.
    expect(Date.now() - leftAt).toBeLessThan(10_000)
    await expect(session.complete()).rejects.toMatchObject({ status: 400 })
    // More than is a row of its sandbox.
    expect((await fetch(url, { method: 'PUT', body: 'again'.repeat(50_000) })).status).toBe(200)
    await session.complete()
    await expect.poll(() => storedIn(mock.bytesFolder)).toMatchObject({ objects: before.objects + 1 })
  })

  it('leaves nothing of a session that is cancelled, nor of a write that was killed, which no listing shows', async () => {
    const session = await aSession()
    const before = await filesIn(mock.bytesFolder)
    const url = (await session.push()).upload_endpoint?.uri ?? ''
    await fetch(url, { method: 'PUT', body: 'bytes'.repeat(50_000) })
    const [part = ''] = (await filesIn(mock.bytesFolder)).filter((path) => !before.includes(path))
    await writeFile(join(mock.bytesFolder, part, '../.killed'), 'bytes')

    await session.cancel()

    await expect.poll(() => filesIn(mock.bytesFolder)).toEqual(before)
  })
})

it('a sandbox that is removed leaves nothing, no folder either', async () => {
  const session = await aSession()
  const folders = async () => (await readdir(mock.bytesFolder)).filter((name) => name !== 'sandboxes')
  const before = await folders()
  const url = (await session.push()).upload_endpoint?.uri ?? ''
  await fetch(url, { method: 'PUT', body: 'bytes'.repeat(50_000) })
  const added = (await folders()).filter((name) => !before.includes(name))
  expect(added).toHaveLength(1)

  await fetch(`${mock.url}/__admin/sandboxes/${session.user}`, { method: 'DELETE' })

  // Those of other tests go when their content is purged.
  expect(await folders()).not.toContain(added[0])
})

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
  return files.filter((path) => !path.startsWith('sandboxes')).toSorted()
}

describe('a pull', () => {
  it.each([
    ['from the mock itself', () => mock.url],
    ['from a source that redirects to the mock', aRedirect],
  ])('%s is an ERROR at once, and changes nothing', async (_, source) => {
    const [session, other] = [await aSession(), await aSession()]
    const address = await other.push()
    const path = new URL(address.upload_endpoint?.uri ?? '').pathname

    await session.pull(`${await source()}${path}`)

    await expect.poll(session.file).toMatchObject({
      status: 'ERROR',
      error_message: { default_message: expect.stringContaining(`${mock.url}${path} is this mock or another`) },
    })
    expect(await other.file()).toEqual(address)
  })

  it.each([
    ['POST', '/api/session'],
    ['GET', '/__admin/health'],
    ['PUT', '/cls/data/nonsense/a.iso'],
    ['GET', '/docs/'],
    ['POST', '/sdk'],
  ])('of a mock is refused on every path: %s %s', async (method, path) => {
    const headers = { authorization: `Basic ${btoa('user:secret')}` }
    const ask = (loop: string) => fetch(`${mock.url}${path}`, { method, headers: { ...headers, 'cdn-loop': loop } })

    const [refused, ordinary] = [await ask('cloudflare, update-session-mock'), await ask('cloudflare; subreqs=1')]

    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('update_session_mock.pulled_from_itself')
    expect(await ordinary.text()).not.toContain('pulled_from_itself')
  })

  it('from a source whose certificate is not trusted is an ERROR at once that says so', async () => {
    const session = await aSession()
    const untrusted = await serve({ https: true })
    const uri = `${untrusted.url}/a.iso`
    const addedAt = Date.now()

    await session.pull(uri)

    await expect.poll(session.file).toMatchObject({
      status: 'ERROR',
      error_message: { args: ['a.iso', uri, 'Server not trusted: no TLS connection can be made to it'] },
    })
    // Five attempts would take 15 seconds.
    expect(Date.now() - addedAt).toBeLessThan(10_000)
    await untrusted.stop()
  })
})

/** A source that redirects every path to the same one of the mock. */
async function aRedirect(): Promise<string> {
  const { url, stop } = await listen((request, response) =>
    response.writeHead(302, { location: `${mock.url}${request.url}` }).end(),
  )
  onTestFinished(stop)
  return url
}

/** A sandbox of its own with one ACTIVE session in it. */
async function aSession() {
  const credentials = { user: freshUser(), password: 'secret' }
  const { updateSessions, updateSessionFiles: files } = await login(mock.url, credentials)
  const id = await updateSessions.create({ library_item_id: ITEM })
  return {
    user: credentials.user,
    complete: () => updateSessions.complete(id),
    cancel: () => updateSessions.cancel(id),
    push: () => files.add(id, { name: 'a.iso', source_type: 'PUSH' }),
    pull: (uri: string) => files.add(id, { name: 'a.iso', source_type: 'PULL', source_endpoint: { uri } }),
    file: () => files.get(id, 'a.iso'),
  }
}
