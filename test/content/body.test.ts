// How a body is taken in, piece by piece: what happens while something else is waited for.
import { env } from 'cloudflare:workers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Body } from '../../src/content/body.ts'
import { PART_BYTES, partsIn } from '../../src/content/parts.ts'
import { discard, receive } from '../../src/content/store.ts'
import { aPlan, instead, unheard, watched } from '../support/bytes.ts'

const MIB = 1024 * 1024
const REPORT_MS = 1000
/** The store, with another way to put a part. */
const store = (put: (key: string, part: Uint8Array) => Promise<void>) => instead(partsIn(env.CONTENT), { put })
/** Takes whatever comes. */
const swallow = async () => undefined

const refuse = () => Promise.reject(new Error('out of order'))

/** A body that comes as it is written, as a request has it. */
function slowly() {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  return { body: readable, writer, write: (text: string) => writer.write(new TextEncoder().encode(text)) }
}

const digest = async (bytes: Uint8Array<ArrayBuffer>) =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-1', bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

describe('a body that is taken in', () => {
  it('is the same in the bucket, though the bucket is slow and each piece of memory is used again', async () => {
    const bytes = new Uint8Array(3 * PART_BYTES + 7)
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 31 + (at >> 16)) % 251
    const [read, first] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const chunks: Uint8Array[] = []
    const put = async (_: string, part: Uint8Array) => {
      first.resolve()
      await read.promise
      chunks.push(part.slice())
    }
    const body = new Body(new Blob([bytes]).stream())

    const plan = aPlan()
    const outcome = receive(store(put), plan, body, bytes.byteLength, watched(plan))
    await first.promise
    // All that can be read before the bucket takes anything is read now.
    await new Promise((resolve) => setTimeout(resolve, 50))
    read.resolve()

    const SHA1 = await digest(bytes)
    await expect(outcome).resolves.toMatchObject({
      type: 'received',
      received: { sizeBytes: bytes.byteLength, digests: { SHA1 } },
    })
    expect(await digest(new Uint8Array(await new Blob(chunks).arrayBuffer()))).toBe(SHA1)
  })

  it('is read no faster than the bucket takes it', async () => {
    const { body, writer } = slowly()
    const gate = Promise.withResolvers<void>()
    const put = () => gate.promise
    const pieces = (5 * PART_BYTES) / MIB
    const plan = aPlan()
    const outcome = receive(store(put), plan, new Body(body), pieces * MIB, watched(plan))
    let sent = 0
    const sending = async () => {
      for (; sent < pieces; sent += 1) await writer.write(new Uint8Array(MIB))
      await writer.close()
    }
    const sends = sending()

    // In that time a body that is read without a limit has come to its end.
    await Promise.race([sends, new Promise((resolve) => setTimeout(resolve, 500))])
    expect(sent).toBeLessThanOrEqual((2 * PART_BYTES) / MIB + 1)
    gate.resolve()

    await sends
    await expect(outcome).resolves.toMatchObject({ type: 'received', received: { sizeBytes: pieces * MIB } })
  })

  it('whose storing fails while its client says nothing leaves no failure unheard', async () => {
    const reasons = unheard()
    const { body, writer } = slowly()
    const gate = Promise.withResolvers<void>()
    const put = async () => {
      await gate.promise
      throw new Error('out of order')
    }
    const plan = aPlan()
    const outcome = receive(store(put), plan, new Body(body), 3 * PART_BYTES, watched(plan))
    await writer.write(new Uint8Array(PART_BYTES))
    // What has been read is being written now: the next byte is accepted, and the bucket takes none.
    await writer.write(new Uint8Array(1))

    gate.resolve()

    await expect(outcome).resolves.toMatchObject({ type: 'refused' })
    expect(await reasons()).toEqual([])
  })

  it('is reported once at a time, again and again, and not when it is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { body, write, writer } = slowly()
    const answer = Promise.withResolvers<number>()
    const report = vi.fn((_key: string, _bytes: number) => answer.promise)
    const plan = aPlan()
    const outcome = receive(store(swallow), plan, new Body(body), 5, watched(plan, report))
    await write('hello')

    vi.advanceTimersByTime(4 * REPORT_MS)
    expect(report.mock.calls).toEqual([[plan.key, 5]])
    answer.resolve(Infinity)
    await vi.advanceTimersByTimeAsync(REPORT_MS - 1)
    expect(report).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1)
    expect(report.mock.calls).toEqual([
      [plan.key, 5],
      [plan.key, 5],
    ])
    await writer.close()
    await expect(outcome).resolves.toMatchObject({ type: 'received' })

    expect(vi.getTimerCount()).toBe(0)
  })
})

it('a body tells since when a read of it waits, and that none does', async () => {
  const { body: stream, write } = slowly()
  const body = new Body(stream)
  expect(body.waitsSince).toBeUndefined()

  const read = body.read(new Uint8Array(16))
  expect(body.waitsSince).toBeLessThanOrEqual(Date.now())
  await write('hello')
  await read

  expect(body.waitsSince).toBeUndefined()
})

describe('a body that is left', () => {
  const DAY_MS = 86_400_000
  const LIMITS = { sizeBytes: MIB, durationMs: DAY_MS, idleMs: DAY_MS }

  it('ends the read that waits and every later one, and is read away from where they stopped', async () => {
    const { body: stream, write, writer } = slowly()
    const body = new Body(stream)
    const waiting = body.read(new Uint8Array(16))
    body.leave('enough')
    await expect(waiting).rejects.toThrow('enough')
    await expect(body.read(new Uint8Array(16))).rejects.toThrow('enough')

    const away = body.readAway(LIMITS)
    await write('one')
    await write('two')
    await writer.close()

    await away
    expect(body.isOver).toBe(true)
  })

  it.each([
    ['so much', { ...LIMITS, sizeBytes: 5 }],
    ['for so long', { ...LIMITS, durationMs: 0 }],
    ['until nothing comes for so long', { ...LIMITS, idleMs: 0 }],
  ])('is read away %s and no longer', { timeout: 5000 }, async (_, limits) => {
    const { body: stream, write } = slowly()
    const body = new Body(stream)

    const away = body.readAway(limits)
    await write('hello')

    await away
    expect(body.isOver).toBe(true)
  })

  it('that breaks is over', async () => {
    const { body: stream, writer } = slowly()
    const body = new Body(stream)
    const away = body.readAway(LIMITS)

    await writer.abort('the client has gone').catch(() => undefined)

    await expect(away).resolves.toBeUndefined()
  })
})

describe('bytes that are not wanted', () => {
  it('are left to the purge where the bucket will not delete', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => said.mockRestore())

    await expect(
      discard(instead(partsIn(env.CONTENT), { deleteByPrefix: refuse }), 'x', 'not wanted'),
    ).resolves.toBeUndefined()

    expect(said).toHaveBeenCalledOnce()
  })
})
