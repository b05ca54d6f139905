// Released content: transfers stop, and the bucket deletes it.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { partsOnDisk } from '../../src/content/parts-on-disk.ts'
import { aSession, begun, isHeldRight, LARGE, sandboxOf, settle, storedBy, underWay } from '../support/bytes.ts'
import { ITEM, LIBRARY, type Client } from '../support/client.ts'
import { upload } from '../support/files.ts'
import { rowsOf } from '../support/sandbox.ts'
import { bind, complaintsOfEach, hurry, instead, refuse } from '../support/stand-ins.ts'

const gone = { status: 404, errorType: 'NOT_FOUND' }

// What becomes of bytes at every other end, whichever client asks for it, is for content/model.test.ts.
describe('bytes of an update session', () => {
  const deletions: [string, (client: Client) => Promise<unknown>][] = [
    ['item', (client) => client.items.delete(ITEM)],
    ['library', (client) => client.libraries.delete(LIBRARY)],
  ]

  it.each(deletions)('that have arrived are deleted with its %s', async (_, end) => {
    const { client, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    expect(await storedBy(client)).toHaveLength(1)

    await end(client)
    await settle(client)

    expect(await storedBy(client)).toEqual([])
  })

  it.each(deletions)('that are under way stop at the deletion of its %s, and nothing is left', async (_, end) => {
    const { client, files } = await aSession()
    const { answer } = await underWay(files, await files.push('a.iso'))

    await end(client)

    expect(await answer).toMatchObject(gone)
    await settle(client)
    expect(await storedBy(client)).toEqual([])
  })

  it('are deleted after a reset of the sandbox, those of its items too', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await client.complete(id)

    await sandboxOf(client).reset()

    expect(await isHeldRight(client)).toBe(true)
    await expect.poll(() => storedBy(client)).toEqual([])
  })
})

it('the purge does not wait for a writer that has crashed', async () => {
  const { client, files, key } = await begun()
  await env.CONTENT.put(`${key}/0`, 'half')
  await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'TRANSFERRING' })

  await hurry(client)

  await expect(files.get('a.iso')).resolves.toMatchObject({ status: 'WAITING_FOR_TRANSFER' })
  expect([await storedBy(client), await rowsOf(client.user, 'content')]).toEqual([[], []])
})

it('a disk deletes content of many parts in several steps, and has others served in between', async () => {
  const done: string[] = []
  const fetch = async (url: string, { method }: RequestInit) => {
    if (method === 'GET') return Response.json(Array.from({ length: 9 }, (_, at) => ({ name: `${at}`, type: 'file' })))
    done.push(new URL(url).pathname)
    if (done.length === 1) setTimeout(() => done.push('another'), 0)
    return new Response(null, { status: 204 })
  }

  await partsOnDisk({ fetch } as unknown as Fetcher).deleteByPrefix('a/b/') // all that is asked of it

  expect(done.slice(-4)).toEqual(['/a/b/7', 'another', '/a/b/8', '/a/b'])
})

describe('a clock that is moved', () => {
  const complaints = complaintsOfEach()

  it('ahead does not give up a writer', async () => {
    const { client, files } = await aSession()
    const { answer, end } = await underWay(files, await files.push('a.iso'))

    await sandboxOf(client).steer({ clock: { byMs: 60_000 } })
    await end()

    expect(await answer).toBe(200)
  })

  it('back, or stopped, does not keep released content', async () => {
    const { client, id, files } = await aSession()
    await upload(await files.push('a.iso'), LARGE)
    await bind(client, { CONTENT: instead(env.CONTENT, { delete: refuse }) })
    await client.cancel(id)
    await settle(client)
    await sandboxOf(client).steer({ clock: { isFrozen: true } })
    await sandboxOf(client).steer({ clock: { to: 0 } })
    await bind(client)

    await hurry(client)

    expect(await storedBy(client)).toEqual([])
    expect(complaints).toContain('R2 would not delete; trying again')
  })
})
