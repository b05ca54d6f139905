// The way of a body into the bucket: in one piece or in parts, what happens while something else is waited for, and what is
// left where it does not arrive.
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Body } from '../../src/content/body.ts'
import { untilStalled } from '../../src/content/pull.ts'
import { discard, receive, type Plan } from '../../src/content/store.ts'
import { instead, unheard } from '../support/bytes.ts'
import { digest } from '../support/files.ts'

const MIB = 1024 * 1024
const REPORT_MS = 250
const PART_BYTES = 8 * MIB
const PIECE_LIMIT_BYTES = 5 * 1024 ** 3 - 5 * 1024 ** 2

const aPlan = (): Plan => ({ key: crypto.randomUUID(), name: 'a.iso', algorithms: ['SHA1'], retention: 'keep' })
const wanted = async () => true
/** A bucket that takes whatever comes. */
const swallow = (_: string, stream: ReadableStream) => new Response(stream).arrayBuffer()
const fails = () => Promise.reject(new Error('out of order'))

/** A body that comes as it is written, as a request has it. */
function slowly() {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  return { body: readable, writer, write: (text: string) => writer.write(new TextEncoder().encode(text)) }
}

/** A body of which the first bytes have come. */
function begun() {
  const { body, writer, write } = slowly()
  const first = write('hello')
  return { body: new Body(body), break: async () => (await first, writer.abort(new Error('broken'))) }
}

/** The bucket, which tells what was begun in it and how that ended; each put takes a while to end. */
function observedBucket() {
  const seen: string[] = []
  const told = async <T>(what: string, done: Promise<T>) => {
    seen.push(what)
    await done.finally(async () => {
      await env.CONTENT.head('nothing')
      seen.push(`${what} has ended`)
    })
    return done
  }
  const bucket = {
    put: (key: string, value: ReadableStream) => told('put', env.CONTENT.put(key, value)),
    createMultipartUpload: async (key: string) => {
      const upload = await env.CONTENT.createMultipartUpload(key)
      seen.push('parts')
      return {
        uploadPart: upload.uploadPart.bind(upload),
        complete: (parts: R2UploadedPart[]) => told(`complete ${parts.length}`, upload.complete(parts)),
        abort: () => told('abort', upload.abort()),
      }
    },
  }
  return { seen, bucket: bucket as unknown as R2Bucket } // all of it that is used
}

describe.each([
  ['in one piece', 11, ['put', 'put has ended']],
  ['in parts', undefined, ['parts', 'abort', 'abort has ended']],
])('what was begun in the bucket, %s,', (_, lengthBytes, ended) => {
  it('is ended when the body breaks off', async () => {
    const { seen, bucket } = observedBucket()
    const plan = aPlan()
    const { body, break: breakOff } = begun()

    const outcome = receive(bucket, plan, body, lengthBytes, wanted)
    await breakOff()

    expect(await outcome).toMatchObject({ type: 'interrupted' })
    expect(seen).toEqual(ended)
    expect(await env.CONTENT.head(plan.key)).toBeNull()
  })

  it('is ended when no more is wanted, though nothing more comes', async () => {
    const { seen, bucket } = observedBucket()

    const outcome = await receive(bucket, aPlan(), begun().body, lengthBytes, async () => false)

    expect(outcome).toEqual({ type: 'stopped' })
    expect([...new Set(seen)]).toEqual(ended)
  })

  it('ends the transfer when storage fails, though nothing more comes', async () => {
    const bucket = { put: fails, createMultipartUpload: fails } as unknown as R2Bucket // all of it that is used

    const outcome = await receive(bucket, aPlan(), begun().body, lengthBytes, wanted)

    expect(outcome).toEqual({ type: 'interrupted', why: 'out of order' })
  })
})

it('a transfer ends when it cannot be reported, though nothing more comes', async () => {
  const { bucket } = observedBucket()
  const outcome = await receive(bucket, aPlan(), begun().body, undefined, fails)

  expect(outcome).toEqual({ type: 'interrupted', why: 'out of order' })
})

describe('a body whose length is not known', () => {
  it.each([0, 5, PART_BYTES, PART_BYTES + 5])('of %d bytes is stored to its last byte', async (sizeBytes) => {
    const plan = aPlan()
    const content = 'x'.repeat(sizeBytes)

    const outcome = await receive(env.CONTENT, plan, new Body(new Blob([content]).stream()), undefined, wanted)

    const digests = { SHA1: await digest('SHA-1', content) }
    expect(outcome).toMatchObject({ type: 'received', received: { sizeBytes, digests } })
    expect(await (await env.CONTENT.get(plan.key))?.text()).toHaveLength(sizeBytes)
  })
})

it('an empty body whose length is not known is one part: R2 completes no upload without a part', async () => {
  const { seen, bucket } = observedBucket()

  await receive(bucket, aPlan(), new Body(new Blob([]).stream()), undefined, wanted)

  expect(seen).toEqual(['parts', 'complete 1', 'complete 1 has ended'])
})

describe('a body whose length is known', () => {
  it.each([
    [PIECE_LIMIT_BYTES, 'put'],
    [PIECE_LIMIT_BYTES + 1, 'parts'],
  ])('of %d bytes is begun as what R2 takes: %s', async (lengthBytes, how) => {
    const { seen, bucket } = observedBucket()

    await receive(bucket, aPlan(), new Body(new Blob(['hello']).stream()), lengthBytes, wanted)

    expect(seen[0]).toBe(how)
  })
})

describe('the watch on a source that sends', () => {
  afterEach(() => void vi.useRealTimers())

  it('gives it time anew with each byte, and gives up on silence', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const reported: number[] = []
    const report = untilStalled(async (bytes) => reported.push(bytes) > 0, 1000)
    for (const bytes of [1, 2, 3, 3]) {
      vi.advanceTimersByTime(500)
      expect(await report(bytes)).toBe(true)
    }
    vi.advanceTimersByTime(500)
    expect(await report(3)).toBe(true)
    vi.advanceTimersByTime(1)

    await expect(report(3)).rejects.toThrow('the source sent nothing for 1 seconds')
    expect(reported).toEqual([1, 2, 3, 3, 3])
  })
})

describe('a body that is taken in', () => {
  it('is the same in the bucket, though the bucket is slow and each piece of memory is used again', async () => {
    const bytes = new Uint8Array(4 * MIB + 7)
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 31 + (at >> 16)) % 251
    const [read, first] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const chunks: Uint8Array[] = []
    const put = async (_: string, stream: ReadableStream<Uint8Array>) => {
      first.resolve()
      await read.promise
      for await (const chunk of stream) chunks.push(chunk.slice())
    }
    const body = new Body(new Blob([bytes]).stream())

    const outcome = receive(instead(env.CONTENT, { put }), aPlan(), body, bytes.byteLength, wanted)
    await first.promise
    // All that can be read before the bucket takes anything is read now.
    await new Promise((resolve) => setTimeout(resolve, 50))
    read.resolve()

    const SHA1 = await digest('SHA-1', bytes)
    await expect(outcome).resolves.toMatchObject({
      type: 'received',
      received: { sizeBytes: bytes.byteLength, digests: { SHA1 } },
    })
    expect(await digest('SHA-1', await new Blob(chunks).arrayBuffer())).toBe(SHA1)
  })

  it('is read no faster than the bucket takes it', async () => {
    const { body, writer } = slowly()
    const gate = Promise.withResolvers<void>()
    const put = (key: string, stream: ReadableStream) => gate.promise.then(() => swallow(key, stream))
    const pieces = 16
    const outcome = receive(instead(env.CONTENT, { put }), aPlan(), new Body(body), pieces * MIB, wanted)
    let sent = 0
    const sending = async () => {
      for (; sent < pieces; sent += 1) await writer.write(new Uint8Array(MIB))
      await writer.close()
    }
    const sends = sending()

    // In that time a body that is read without a limit has come to its end.
    await Promise.race([sends, new Promise((resolve) => setTimeout(resolve, 500))])
    expect(sent).toBeLessThan(4)
    gate.resolve()

    await sends
    await expect(outcome).resolves.toMatchObject({ type: 'received', received: { sizeBytes: pieces * MIB } })
  })

  it('whose storing fails while its client says nothing leaves no failure unheard', async () => {
    const reasons = unheard()
    const { body, writer } = slowly()
    const gate = Promise.withResolvers<void>()
    const put = async (_: string, stream: ReadableStream) => {
      await gate.promise
      await stream.cancel()
      throw new Error('out of order')
    }
    const outcome = receive(instead(env.CONTENT, { put }), aPlan(), new Body(body), 3 * MIB, wanted)
    await writer.write(new Uint8Array(MIB))
    // What has been read is being written now: the next byte is accepted, and the bucket takes none.
    await writer.write(new Uint8Array(1))

    gate.resolve()

    await expect(outcome).resolves.toMatchObject({ type: 'interrupted' })
    expect(await reasons()).toEqual([])
  })

  it('is reported once at a time, again and again, and not when it is over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { body, write, writer } = slowly()
    const answer = Promise.withResolvers<boolean>()
    const report = vi.fn(() => answer.promise)
    const outcome = receive(instead(env.CONTENT, { put: swallow }), aPlan(), new Body(body), 5, report)
    await write('hello')

    vi.advanceTimersByTime(4 * REPORT_MS)
    expect(report.mock.calls).toEqual([[5]])
    answer.resolve(true)
    await vi.waitFor(() => {
      vi.advanceTimersByTime(REPORT_MS)
      expect(report.mock.calls).toEqual([[5], [5]])
    })
    await writer.close()
    await expect(outcome).resolves.toMatchObject({ type: 'received' })

    expect(vi.getTimerCount()).toBe(0)
  })
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

    await expect(discard(instead(env.CONTENT, { delete: fails }), 'x', 'not wanted')).resolves.toBeUndefined()

    expect(said).toHaveBeenCalledOnce()
  })
})
