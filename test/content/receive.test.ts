// The way of a body into the bucket: in one piece or in parts, and what is left where it does not arrive.
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Body } from '../../src/content/body.ts'
import { untilStalled } from '../../src/content/pull.ts'
import { receive, type Plan } from '../../src/content/store.ts'
import { digest } from '../support/files.ts'

const PART_BYTES = 8 * 1024 * 1024
const PIECE_LIMIT_BYTES = 5 * 1024 ** 3 - 5 * 1024 ** 2

const aPlan = (): Plan => ({ key: crypto.randomUUID(), name: 'a.iso', algorithms: ['SHA1'], retention: 'keep' })
const wanted = async () => true

const fails = async () => {
  throw new Error('out of order')
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

/** A body of which the first bytes have come. */
function begun() {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const first = writer.write(new TextEncoder().encode('hello'))
  return { body: new Body(readable), break: async () => (await first, writer.abort(new Error('broken'))) }
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
