// Files that the mock fetches, from a real server: good sources, bad ones, and ones that never end.
import { describe, expect, it } from 'vitest'
import { bindings } from '../support/api.ts'
import { aSession, inBucket, sandboxOf, sessionOf, settle, storedBy } from '../support/bytes.ts'
import { ITEM, LIBRARY, unknownId, type Client } from '../support/client.ts'
import { digest, filesOf } from '../support/files.ts'
import { asked, CONTENT, openGate, uriOf } from '../support/pulls.ts'
import { advanceClock, alarmOf } from '../support/sandbox.ts'
import { hurry } from '../support/stand-ins.ts'

describe.each(bindings)('a file to be pulled, through $name,', ({ connect }) => {
  it('shows where it comes from, and what has come', async () => {
    const { files } = await aSession(connect)
    const uri = uriOf('/file')

    const added = await files.pull('a.iso', uri, { size: CONTENT.length })

    expect(added).toMatchObject({ source_type: 'PULL', source_endpoint: { uri }, bytes_transferred: 0 })
    expect(added).not.toHaveProperty('upload_endpoint')
    await expect
      .poll(() => files.get('a.iso'))
      .toMatchObject({
        status: 'READY',
        source_endpoint: { uri },
        size: CONTENT.length,
        bytes_transferred: CONTENT.length,
      })
  })

  it.each([
    ['a datastore', 'ds:///vmfs/volumes/datastore-1/a.iso', 403, 'UNAUTHORIZED'],
    ['a file of the server', 'file:///etc/passwd', 403, 'UNAUTHORIZED'],
    ['an FTP server', 'ftp://127.0.0.1/a.iso', 400, 'INVALID_ARGUMENT'],
    ['a data URL', 'data:text/plain,hello', 400, 'INVALID_ARGUMENT'],
    ['what is no address', 'a.iso', 400, 'INVALID_ARGUMENT'],
  ])('from %s is refused', async (_, uri, status, errorType) => {
    const { files } = await aSession(connect)

    await expect(files.pull('a.iso', uri)).rejects.toMatchObject({ status, errorType })

    await expect(files.list()).resolves.toEqual([])
  })

  it.each([
    ['PULL', undefined, 'missing a field: source_endpoint.'],
    ['PUSH', { uri: 'http://127.0.0.1/' }, 'source_endpoint is wrong: it belongs to the source_type PULL'],
    ['NONE', { uri: 'http://127.0.0.1/' }, 'source_endpoint is wrong: it belongs to the source_type PULL'],
  ])('is refused where a %s has the source %j, also in no session', async (source_type, source_endpoint, message) => {
    const { client, id } = await aSession(connect)
    const spec = { name: 'a.iso', source_type, source_endpoint }
    const refusal = { status: 400, message: expect.stringContaining(message) as string }

    for (const session of [id, unknownId()])
      await expect(client.files.add(session, spec)).rejects.toMatchObject(refusal)
  })
})

// A source does not know which binding asked for its file: from here on it is /api.
describe('a file to be pulled', () => {
  it.each([
    ['a length', '/file'],
    ['no length', '/chunked'],
    ['a compressed body', '/gzip'],
    ['a length that it says twice', '/twice'],
    ['a length that its chunks do not have', '/framed'],
    ['five redirects', '/redirect/5'],
    ['an outage first', '/fails/2'],
    ['a broken connection first', '/recovers'],
    ['a stall first', '/stalls/1'],
    ['silence first', '/silent/1'],
    ['redirects that together take longer than a source may be silent', '/late/2'],
    ['an address in its answer', '/located/200'],
  ])('is READY from a source with %s', async (_, path) => {
    const { client, files } = await aSession()
    await sandboxOf(client).steer({ settings: { pullStallMs: 1000 } })
    const checksum_info = { algorithm: 'SHA256', checksum: await digest('SHA-256', CONTENT) }

    await files.pull('a.iso', uriOf(path), { checksum_info })

    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY', size: CONTENT.length, checksum_info })
    expect(await storedBy(client)).toHaveLength(1)
    // So little is a row, however its source sends it.
    expect(await inBucket(client)).toEqual([])
  })

  it('may be empty', async () => {
    const { files } = await aSession()

    await files.pull('a.iso', uriOf('/empty'), { size: 0 })

    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY', size: 0 })
  })

  it.each([
    ['is not there', '/status/404', 'the source answered 404 Not Found', 1],
    ['refuses', '/status/403', 'the source answered 403 Forbidden', 1],
    ['is an IP address, to Cloudflare,', '/cloudflare/403', 'no IP address (error 1003)', 1],
    ['is not reached by Cloudflare', '/status/522', 'does not reach the source (error 522)', 1],
    ['has a certificate that Cloudflare does not trust', '/status/525', 'Server not trusted', 1],
    ['says that it is larger than any file', '/huge', 'it is larger than', 1],
    ['has nothing', '/status/204', 'the source answered 204 No Content', 1],
    ['sends a part of it, which was not asked for', '/located/206', 'the source answered 206 Partial Content', 1],
    ['has nothing new', '/status/304', 'the source answered 304 Not Modified', 1],
    ['refuses, with an address', '/located/404', 'the source answered 404 Not Found', 1],
    ['always takes too long', '/status/408', 'the source answered 408 Request Timeout', 5],
    ['always fails', '/status/500', 'the source answered 500 Internal Server Error', 5],
    ['is always overloaded, in a word of its own', '/status/529', 'the source answered 529', 5],
    ['is always overloaded', '/status/429', 'the source answered 429 Too Many Requests', 5],
    ['redirects in a circle', '/circle', 'the source redirects more than 5 times', 6],
    ['redirects to a host that is not allowed', '/elsewhere', 'http://example.com/file', 1],
    ['redirects by another scheme', '/elsewhere/ftp', 'http: and https: alone, not from ftp://127.0.0.1/file', 1],
    ['redirects to nowhere', '/nowhere', 'which is no URL', 1],
    ['sends less than it said', '/breaks', '', 5],
    ['breaks off, and never said how much there is', '/cuts', '', 5],
  ])('is an ERROR that says why when its source %s, and so is its session', async (_, path, why, times) => {
    const { client, id, files } = await aSession()
    const uri = uriOf(path)

    await files.pull('a.iso', uri)

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR' })
    const { error_message } = await client.get(id)
    expect(error_message).toMatchObject({ args: ['a.iso', uri, expect.stringContaining(why)] })
    await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'ERROR', error_message })
    expect((await asked(uri)).times).toBe(times)
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })

  it('is an ERROR that says why when its source stalls, time after time', async () => {
    const { client, id, files } = await aSession()
    await sandboxOf(client).steer({ settings: { pullStallMs: 200 } })
    const uri = uriOf('/stalls')

    await files.pull('a.iso', uri)

    await expect
      .poll(() => client.get(id))
      .toMatchObject({
        state: 'ERROR',
        error_message: { args: ['a.iso', uri, 'the source sent nothing for 0.2 seconds'] },
      })
    await expect.poll(() => asked(uri)).toEqual({ times: 5, open: 0 })
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })

  it('is READY from a source that is slow, and never silent for long', async () => {
    const { client, files } = await aSession()
    await sandboxOf(client).steer({ settings: { pullStallMs: 1500 } })

    await files.pull('a.iso', uriOf('/drips'))

    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY', size: CONTENT.length })
  })

  it('of as many bytes as announced waits for the end of its source', async () => {
    const { files } = await aSession()
    const uri = uriOf('/lingers')

    await files.pull('a.iso', uri, { size: CONTENT.length })

    const bytes_transferred = CONTENT.length
    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'TRANSFERRING', bytes_transferred })
    await openGate(uri)
    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY', bytes_transferred })
    await expect.poll(() => asked(uri)).toEqual({ times: 1, open: 0 })
  })

  it('ends where its source said it would, though more comes', async () => {
    const { files } = await aSession()

    await files.pull('a.iso', uriOf('/more'))

    const checksum_info = { algorithm: 'SHA1', checksum: await digest('SHA-1', CONTENT.slice(0, 5)) }
    await expect.poll(() => files.get('a.iso')).toMatchObject({ status: 'READY', size: 5, checksum_info })
  })

  it('of more bytes than announced is an ERROR that names both, without waiting for an end', async () => {
    const { client, id, files } = await aSession()
    const uri = uriOf('/endless')

    await files.pull('a.iso', uri, { size: 5 })

    await expect
      .poll(() => client.get(id))
      .toMatchObject({ state: 'ERROR', error_message: { args: ['a.iso', '5', expect.stringMatching(/^\d{2,}$/)] } })
    await expect.poll(() => asked(uri)).toEqual({ times: 1, open: 0 })
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })

  it('is an ERROR when its source does not answer', async () => {
    const { client, id, files } = await aSession()

    await files.pull('a.iso', 'http://127.0.0.1:1/file')

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'ERROR' })
  })

  it('is an ERROR when its host is not one that may be pulled from', async () => {
    const { files } = await aSession()

    await files.pull('a.iso', 'http://192.0.2.1/file')

    await expect
      .poll(() => files.get('a.iso'))
      .toMatchObject({ status: 'ERROR', error_message: { default_message: expect.stringContaining('PULL_HOSTS') } })
  })
})

it.each([
  ['/stalls', 'a cancel', (client: Client, id: string) => client.cancel(id)],
  ['/stalls', 'the removal of its file', (client: Client, id: string) => filesOf(client, id).remove('a.iso')],
  ['/stalls', 'the deletion of its item', (client: Client) => client.items.delete(ITEM)],
  ['/silent', 'fail', (client: Client, id: string) => client.fail(id, 'enough')],
  ['/silent', 'another add', async (client: Client, id: string) => void (await filesOf(client, id).push('a.iso'))],
])('a pull from %s stops at %s, and its connection is closed', async (path, _by, end) => {
  const { client, id, files } = await aSession()
  const uri = uriOf(path)
  await files.pull('a.iso', uri)
  await expect.poll(() => asked(uri)).toEqual({ times: 1, open: 1 })

  await end(client, id)

  await expect.poll(() => asked(uri)).toEqual({ times: 1, open: 0 })
  await expect.poll(() => storedBy(client)).toEqual([])
})

/** As many as a sandbox pulls at a time. */
const LIMIT = 4
/** Which of the sources have been asked. */
const askedOf = async (uris: string[]) => {
  const seen = await Promise.all(uris.map(asked))
  return seen.flatMap(({ times }, at) => (times > 0 ? [at] : []))
}
const first = (count: number) => Array.from({ length: count }, (_, at) => at)

/** Files of one session, each from a gate of its own, in the order in which they were added. */
const waitingFor = async (count: number, path = '/gate') => {
  const session = await aSession()
  const uris = Array.from({ length: count }, () => uriOf(path))
  for (const [at, uri] of uris.entries()) await session.files.pull(`${at}.iso`, uri)
  return { ...session, uris }
}

describe('more pulls than a sandbox makes at a time', () => {
  it.each([
    ['has come', (_c: Client, _i: string, uri = '') => openGate(uri)],
    ['is removed', (client: Client, id: string) => filesOf(client, id).remove('0.iso')],
    ['is added again', async (client: Client, id: string) => void (await filesOf(client, id).push('0.iso'))],
  ])('wait, in the order in which they were added, and the next begins when one %s', async (_, end) => {
    const { client, id, files, uris } = await waitingFor(LIMIT + 2)
    await expect.poll(() => askedOf(uris)).toEqual(first(LIMIT))
    await settle(client)
    expect(await askedOf(uris)).toEqual(first(LIMIT))
    expect(await files.get('4.iso')).toMatchObject({ status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 })
    // What waits for others is not due: an alarm that took it for due would ring without an end.
    expect(await alarmOf(client.user)).toBeGreaterThan(Date.now())

    await end(client, id, uris[0])

    await expect.poll(() => askedOf(uris)).toEqual(first(LIMIT + 1))
    await settle(client)
    expect(await askedOf(uris)).toEqual(first(LIMIT + 1))
    await Promise.all(uris.map(openGate))
  })

  it.each([
    ['is cancelled', (client: Client, id: string) => client.cancel(id)],
    ['fails', (client: Client, id: string) => client.fail(id, 'enough')],
    ['expires', (client: Client) => advanceClock(client.user, 300_000)],
    ['loses its item', (client: Client) => client.items.delete(ITEM)],
  ])('make room for others when their session %s, for as many as they were', async (_, end) => {
    const { client, id, uris } = await waitingFor(LIMIT + 2)
    await expect.poll(() => askedOf(uris)).toEqual(first(LIMIT))
    const library_id = LIBRARY
    const itemId = await client.items.create({ library_id, name: 'other' })

    await end(client, id)

    const other = await sessionOf(client, itemId)
    const others = Array.from({ length: LIMIT + 1 }, () => uriOf('/gate'))
    for (const [at, uri] of others.entries()) await other.files.pull(`${at}.iso`, uri)
    await expect.poll(() => askedOf(others)).toEqual(first(LIMIT))
    await settle(client)
    expect(await askedOf(others)).toEqual(first(LIMIT))
    expect(await askedOf(uris)).toEqual(first(LIMIT))
    await Promise.all(others.map(openGate))
  })

  it('keep the session of one that waits, also when it is completed and its idle time passes', async () => {
    const { client, id, uris } = await waitingFor(LIMIT)
    await expect.poll(() => askedOf(uris)).toEqual(first(LIMIT))
    const itemId = await client.items.create({ library_id: LIBRARY, name: 'other' })
    const other = await sessionOf(client, itemId)
    await other.files.pull('a.iso', uriOf('/file'))
    await client.complete(other.id)

    await advanceClock(client.user, 300_000)

    await expect(client.get(id)).rejects.toMatchObject({ status: 404 })
    await expect.poll(() => client.get(other.id)).toMatchObject({ state: 'DONE' })
    expect(await client.itemFiles.list(itemId)).toMatchObject([{ name: 'a.iso' }])
  })

  it('make room for the next when their own are given up, and are begun anew before it', async () => {
    const { client, id, uris } = await waitingFor(LIMIT + 1, '/silent')
    await expect.poll(() => askedOf(uris)).toEqual(first(LIMIT))

    await hurry(client)

    // The first four, which have been added first, are asked for once more.
    await expect
      .poll(async () => (await Promise.all(uris.slice(0, LIMIT).map(asked))).map(({ times }) => times))
      .toEqual([2, 2, 2, 2])
    expect(await askedOf(uris)).toEqual(first(LIMIT))
    await client.cancel(id)
    await expect.poll(async () => (await Promise.all(uris.map(asked))).every(({ open }) => open === 0)).toBe(true)
  })

  it('all arrive in the end', async () => {
    const { client, id, files } = await waitingFor(3 * LIMIT, '/file')

    await client.complete(id)

    await expect.poll(() => client.get(id)).toMatchObject({ state: 'DONE' })
    expect((await files.list()).map(({ status }) => status)).toEqual(first(3 * LIMIT).map(() => 'READY'))
  })
})
