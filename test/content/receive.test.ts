// The way of a body into the store: part by part, what happens while something else is waited for, and what is left where it
// does not arrive.
import { env } from 'cloudflare:workers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Body, within } from '../../src/content/body.ts'
import { partsOf } from '../../src/content/bucket.ts'
import { lendMemory, releaseMemory, takeAtOnce, takeMemory } from '../../src/content/memory.ts'
import { PART_BYTES, type Parts } from '../../src/content/parts.ts'
import { discard, receive, SMALL_BYTES } from '../../src/content/store.ts'
import type { Plan } from '../../src/content/watch.ts'
import { unheard } from '../support/bytes.ts'
import { digest } from '../support/files.ts'
import { aPlan, instead, refuse, stopTime, watched } from '../support/stand-ins.ts'

const MIB = 1024 * 1024
const REPORT_MS = 1000

const aBody = (content: string | Uint8Array<ArrayBuffer> = 'hello!') => new Body(new Blob([content]).stream())

const unending = () => new Promise<never>(() => undefined)

/** The store, with another way to put a part. */
const store = (put: (key: string, part: Uint8Array) => Promise<void>) => instead(partsOf(env), { put })
/** Takes whatever comes. */
const swallow = async () => undefined

/** The store, which tells what was put, and when that had ended; each put takes a while. */
function observed() {
  const seen: string[] = []
  const put = async (key: string, part: Uint8Array) => {
    const what = `${key.split('/').at(-1)}: ${part.byteLength}`
    seen.push(what)
    await partsOf(env).put(key, part)
    await env.CONTENT.head('nothing')
    seen.push(`${what} has ended`)
  }
  return { seen, parts: store(put) }
}

/** Stores the body, as a transfer of its own does. */
const take = (
  parts: Parts,
  body: Pick<Body, 'comes' | 'take' | 'pieceBytes'>,
  lengthBytes?: number,
  plan = aPlan(),
  watch = watched(plan),
) => receive(parts, plan, body, lengthBytes, watch)

/** A body that comes as it is written, as a request has it. */
function slowly() {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  return { body: new Body(readable), writer, write: (text: string) => writer.write(new TextEncoder().encode(text)) }
}

/** A body of which so many bytes have come. */
function begun(firstBytes: number) {
  const { body, writer } = slowly()
  const first = writer.write(new Uint8Array(firstBytes))
  return { body, break: async () => (await first, writer.abort(new Error('broken'))) }
}

describe.each([
  ['known', 3 * PART_BYTES],
  ['unknown', undefined],
])('a body of a length that is %s', (_, lengthBytes) => {
  it('ends its transfer when it breaks off, and no put is under way then', async () => {
    const { seen, parts } = observed()
    const { body, break: breakOff } = begun(PART_BYTES + 5)

    const outcome = take(parts, body, lengthBytes)
    await breakOff()

    expect(await outcome).toMatchObject({ type: 'interrupted' })
    expect(seen).toEqual([`0: ${PART_BYTES}`, `0: ${PART_BYTES} has ended`])
  })

  it.each<[how: string, report: () => Promise<number | undefined>, stopped: () => Promise<void>]>([
    ['told', async () => Infinity, async () => undefined],
    ['reported', async () => undefined, unending],
  ])('ends its transfer when that is %s not to be wanted, though nothing more comes', async (_how, report, stopped) => {
    const { seen, parts } = observed()
    const plan = aPlan()

    const outcome = await take(parts, begun(PART_BYTES + 5).body, lengthBytes, plan, watched(plan, report, stopped))

    expect(outcome).toMatchObject({ type: 'stopped', why: 'not wanted' })
    expect([[], [`0: ${PART_BYTES}`, `0: ${PART_BYTES} has ended`]]).toContainEqual(seen)
  })

  it.each([
    ['refuses', refuse, 'out of order'],
    ['has not answered for as long as a lease', unending, 'the store does not answer'],
  ])('ends its transfer when storage %s, though nothing more comes', async (_how, put, why) => {
    const outcome = await take(store(put), begun(PART_BYTES + 5).body, lengthBytes, aPlan({ leaseMs: 50 }))

    expect(outcome).toEqual({ type: 'refused', why })
  })

  it('ends its transfer when its sandbox has not answered for as long as a lease, though nothing more comes', async () => {
    const plan = aPlan({ leaseMs: 1 })

    const outcome = await take(observed().parts, begun(5).body, lengthBytes, plan, watched(plan, refuse, refuse))

    expect(outcome).toMatchObject({ type: 'stopped', why: 'unheard' })
  })

  it.each([0, 5, PART_BYTES - 1, PART_BYTES, PART_BYTES + 5, 2 * PART_BYTES])(
    'and of %d bytes is stored to its last byte, in parts of one size but for the last',
    async (sizeBytes) => {
      const plan = aPlan()
      const content = 'x'.repeat(sizeBytes)
      const length = lengthBytes === undefined ? undefined : sizeBytes

      const outcome = await take(partsOf(env), aBody(content), length, plan)

      const digests = { SHA1: await digest('SHA-1', content) }
      expect(outcome).toMatchObject({ type: 'received', received: { sizeBytes, digests } })
      const { objects } = await env.CONTENT.list({ prefix: `${plan.key}/` })
      const sizes = Array.from({ length: Math.ceil(sizeBytes / PART_BYTES) }, (_, number) =>
        Math.min(PART_BYTES, sizeBytes - number * PART_BYTES),
      )
      expect(objects.map(({ key, size }) => [key, size])).toEqual(sizes.map((size, at) => [`${plan.key}/${at}`, size]))
    },
  )
})

it.each([5, undefined])('a descriptor that arrives with the length %s is read', async (lengthBytes) => {
  const outcome = await take(partsOf(env), aBody('hello'), lengthBytes, aPlan({ name: 'a.ovf' }))

  expect(outcome).toMatchObject({ type: 'received', received: { descriptor: { references: [] } } })
})

it('a transfer of which the last part was being put when it was stopped is stopped', async () => {
  const gate = Promise.withResolvers<void>()
  const stop = Promise.withResolvers<void>()
  const plan = aPlan()
  const watch = watched(plan, undefined, () => stop.promise)

  const outcome = take(
    store(() => gate.promise),
    aBody('hello'),
    5,
    plan,
    watch,
  )
  stop.resolve()
  await watch.stopped
  gate.resolve()

  expect(await outcome).toMatchObject({ type: 'stopped', why: 'not wanted' })
})

describe('a transfer', () => {
  it.each([
    [5, { type: 'stopped', why: 'store full' }],
    [6, { type: 'received' }],
  ])('of 6 bytes where there is room for %d: %j', async (roomBytes, outcome) => {
    expect(await take(partsOf(env), aBody(), 6, aPlan({ roomBytes }))).toMatchObject(outcome)
  })

  it('is cut when others have taken its room', async () => {
    const plan = aPlan()
    const watch = watched(plan, async () => 4)

    const outcome = await take(observed().parts, begun(5).body, undefined, plan, watch)

    expect(outcome).toMatchObject({ type: 'stopped', why: 'store full' })
  })

  it('goes on while its sandbox does not answer, and is stopped by a report when nothing else tells', async () => {
    const answers = [refuse, async () => Infinity, async () => Infinity, async () => undefined]
    const plan = aPlan()
    const stopped = vi.fn(refuse)
    const watch = watched(plan, () => (answers.shift() ?? refuse)(), stopped)

    const outcome = await take(observed().parts, begun(5).body, undefined, plan, watch)

    expect(outcome).toMatchObject({ type: 'stopped', why: 'not wanted' })
    expect(answers).toEqual([])
    // After each report that was answered, since it fails.
    expect(stopped).toHaveBeenCalledTimes(2)
  })

  it('waits while others have all the memory there is, says so, and takes it when they end', async () => {
    const holders = await takeAll()
    const plan = aPlan({ idleMs: 300 })
    const report = vi.fn(async () => Infinity)
    const waiting = take(observed().parts, aBody(), undefined, plan, watched(plan, report))
    const stopped = watched(plan, undefined, async () => undefined)
    const left = take(observed().parts, begun(5).body, undefined, plan, stopped)

    expect(await left).toMatchObject({ type: 'stopped', why: 'not wanted' })
    expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe('waits')
    expect(report).toHaveBeenCalledWith(plan.key, 0, true)
    for (const each of holders) releaseMemory(each)

    expect(await waiting).toMatchObject({ type: 'received' })
  })
})

/** The watch of a transfer that takes memory, which is free again when the test ends. */
function taker(...given: Parameters<typeof watched>) {
  const watch = watched(...given)
  onTestFinished(() => {
    releaseMemory(watch)
    watch.end()
  })
  return watch
}

/** Seven of two buffers each leave none for another. */
async function takeAll(given?: Partial<Plan>) {
  const holders = Array.from({ length: 7 }, () => taker(aPlan(given), unending))
  for (const each of holders) expect(await takeMemory(PART_BYTES, each)).toHaveLength(2)
  return holders
}

it('a small transfer does not wait for large ones, however slow they are', async () => {
  const stop = Promise.withResolvers<void>()
  await takeAll()
  const waiting = takeMemory(
    PART_BYTES,
    taker(aPlan(), undefined, () => stop.promise),
  )

  expect(takeAtOnce(SMALL_BYTES, taker(aPlan()))).toBe(true)
  expect(await takeMemory(SMALL_BYTES + 1, taker(aPlan()))).toHaveLength(2)

  stop.resolve()
  expect(await waiting).toEqual([])
})

it('a transfer does not wait for memory of those that the platform has ended, which are silent', async () => {
  await takeAll({ leaseMs: 300 })

  expect(await takeMemory(PART_BYTES, taker(aPlan()))).not.toEqual([])
})

describe.each(['keep', 'discard'] as const)('where content is to %s, a slow transfer', (retention) => {
  it.each([
    ['sends nothing more', 0],
    ['sends byte after byte', 1],
  ])('that %s lends its memory to others, takes it again, and is whole', async (_, dripBytes) => {
    const plan = aPlan({ retention })
    const { body, writer } = slowly()
    const outcome = take(partsOf(env), body, undefined, plan)
    const sent = new Uint8Array(PART_BYTES + MIB).fill(7)
    let at = PART_BYTES + 5
    await writer.write(sent.subarray(0, at))
    const others = Array.from({ length: 7 }, () => taker(aPlan()))
    const memory = Promise.all(others.map((other) => takeMemory(PART_BYTES, other)))
    const isLent = memory.then(() => true)

    while (!(await within(50, isLent))) {
      await writer.write(sent.subarray(at, at + dripBytes))
      at += dripBytes
    }
    const end = writer.write(sent.subarray(at)).then(() => writer.close())
    for (const other of others) releaseMemory(other)

    await end
    const SHA1 = await digest('SHA-1', sent)
    expect(await outcome).toMatchObject({
      type: 'received',
      received: { sizeBytes: sent.byteLength, digests: { SHA1 } },
    })
    const { objects } = await env.CONTENT.list({ prefix: `${plan.key}/` })
    expect(objects.map(({ size }) => size)).toEqual(retention === 'keep' ? [PART_BYTES, MIB] : [])
  })
})

it('sixty transfers that send nothing more keep no other waiting, though no second passes', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const stop = Promise.withResolvers<void>()
  const stalled = Array.from({ length: 60 }, () => {
    const plan = aPlan()
    const watch = watched(plan, undefined, () => stop.promise)
    return take(store(swallow), begun(600_000).body, PART_BYTES, plan, watch)
  })
  const others = Array.from({ length: 5 }, () => taker(aPlan()))

  const memory = await Promise.all(others.map((other) => takeMemory(PART_BYTES, other)))

  expect(memory.map(({ length }) => length)).toEqual([2, 2, 2, 2, 2])
  stop.resolve()
  for (const each of stalled) expect(await each).toMatchObject({ type: 'stopped' })
})

it('slow transfers, which take their memory again, leave some for one that has had none', async () => {
  const slow = taker(aPlan())
  await takeMemory(PART_BYTES, slow)
  await lendMemory(slow, MIB)
  for (let taken = 0; taken < 6; taken += 1) await takeMemory(PART_BYTES, taker(aPlan()))

  expect(takeAtOnce(2 * PART_BYTES, slow)).toBe(false)
  expect(takeAtOnce(2 * PART_BYTES, taker(aPlan()))).toBe(true)
})

it('of transfers that have lent their memory, however many come, one can take it again', () => {
  const slow = Array.from({ length: 60 }, () => taker(aPlan()))
  for (const each of slow) if (takeAtOnce(2 * PART_BYTES, each)) void lendMemory(each, MIB)

  expect(slow.some((each) => takeAtOnce(2 * PART_BYTES, each))).toBe(true)
})

it('a transfer that is stopped takes no memory, though there is some', async () => {
  const watch = taker(aPlan())
  watch.end()

  // What a failure prints of buffers is too long for the runner.
  expect((await takeMemory(PART_BYTES, watch)).length).toBe(0)
})

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
    const body = aBody(bytes)

    const outcome = take(store(put), body, bytes.byteLength)
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
    const put = () => gate.promise
    const pieces = (5 * PART_BYTES) / MIB
    const outcome = take(store(put), body, pieces * MIB)
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

  it.each([
    ['512 KiB of memory, once it has come fast', false, [64, 512, 512, 512, 512]],
    ['64 KiB where it does not come fast and others want the memory', true, [64, 512, 64, 512, 512]],
  ])('waits for bytes with %s', async (_, isWanted, expected) => {
    const comings = [65_536, 300_000, 65_536, 524_288, 0]
    const rooms: number[] = []
    const pull = (to: ReadableByteStreamController) => {
      rooms.push((to.byobRequest?.view?.byteLength ?? 0) / 1024)
      const coming = comings.shift() ?? 0
      if (coming === 0) to.close()
      to.byobRequest?.respond(coming)
    }
    const body = new Body(new ReadableStream({ type: 'bytes', pull }))
    const into = new Uint8Array(PART_BYTES)

    while (await body.comes(isWanted)) body.take(into)

    expect(rooms).toEqual(expected)
  })

  it('leaves no memory behind: its buffers are free at once', async () => {
    const buffers = new Set<ArrayBufferLike>()
    const put = async (_: string, bytes: Uint8Array) => void buffers.add(bytes.buffer)

    await take(store(put), aBody(new Uint8Array(PART_BYTES + MIB)))

    expect([...buffers].map(({ byteLength }) => byteLength)).toEqual([0, 0])
  })

  it('whose storing fails while its client says nothing leaves no failure unheard', async () => {
    const reasons = unheard()
    const { body, writer } = slowly()
    const gate = Promise.withResolvers<void>()
    const put = async () => {
      await gate.promise
      throw new Error('out of order')
    }
    const outcome = take(store(put), body, 3 * PART_BYTES)
    await writer.write(new Uint8Array(PART_BYTES))
    // What has been read is being written now: the next byte is accepted, and the bucket takes none.
    await writer.write(new Uint8Array(1))

    gate.resolve()

    await expect(outcome).resolves.toMatchObject({ type: 'refused' })
    expect(await reasons()).toEqual([])
  })

  it.each([{ leaseMs: 300 }, { idleMs: 300 }])('is reported in time for %j', async (short) => {
    stopTime()
    const report = vi.fn(async () => Infinity)
    const watch = watched(aPlan(short), report)
    onTestFinished(() => watch.end())

    await vi.advanceTimersByTimeAsync(300)

    expect(report.mock.calls.length).toBeGreaterThan(1)
  })

  it('has calls enough for the parts of the largest file, where the source sends a megabyte a second', async () => {
    stopTime()
    const report = vi.fn(async () => Infinity)
    const watch = watched(aPlan(), report)
    onTestFinished(() => watch.end())

    await vi.advanceTimersByTimeAsync(9_000 * 4_200)

    expect(report.mock.calls.length + 9_000).toBeLessThan(19_900)
  })

  it('is no larger than the parts that one request may store', async () => {
    const watch = watched(aPlan())
    watch.count(9_000 * PART_BYTES)
    expect(watch.isOver).toBe(false)

    watch.count(1)

    expect(await watch.stopped).toMatchObject({ why: 'too large' })
  })

  it('is reported once at a time, again and again, and not when it is over', async () => {
    stopTime()
    const { body, write, writer } = slowly()
    const answer = Promise.withResolvers<number>()
    const report = vi.fn((_key: string, _bytes: number, _isWaiting: boolean) => answer.promise)
    const plan = aPlan()
    const outcome = receive(store(swallow), plan, body, 5, watched(plan, report))
    await write('hello')

    vi.advanceTimersByTime(4 * REPORT_MS)
    expect(report.mock.calls).toEqual([[plan.key, 5, false]])
    answer.resolve(Infinity)
    await vi.advanceTimersByTimeAsync(REPORT_MS - 1)
    expect(report).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1)
    expect(report.mock.calls).toEqual([
      [plan.key, 5, false],
      [plan.key, 5, false],
    ])
    await writer.close()
    await expect(outcome).resolves.toMatchObject({ type: 'received' })

    expect(vi.getTimerCount()).toBe(0)
  })
})

it('a body tells since when a read of it waits, and that none does', async () => {
  const { body, write } = slowly()
  expect(body.waitsSince).toBeUndefined()

  const read = body.comes()
  expect(body.waitsSince).toBeLessThanOrEqual(Date.now())
  await write('hello')
  await read

  expect(body.waitsSince).toBeUndefined()
})

const read = async (body: Body, pieceBytes: number) => {
  let text = ''
  const piece = new Uint8Array(pieceBytes)
  while (await body.comes()) text += new TextDecoder().decode(piece.subarray(0, body.take(piece)))
  return text
}

describe('a body that is looked at', () => {
  it.each([
    ['all of it', 6, 'hello!'],
    ['nothing where it is longer', 5, undefined],
  ])('shows %s, and is read all the same', async (_, limitBytes, text) => {
    for (const pieceBytes of [1, 4, 100]) {
      const body = aBody()

      const seen = await body.whole(limitBytes, 1000)

      expect(seen && new TextDecoder().decode(seen)).toBe(text)
      expect(await read(body, pieceBytes)).toBe('hello!')
    }
  })

  it('shows nothing where its end does not come in time, and is read from its first byte', async () => {
    const { body, write, writer } = slowly()
    const seen = body.whole(100, 50)
    await write('hello')
    expect(await seen).toBeUndefined()

    const text = read(body, 100)
    await write(' world')
    await writer.close()

    expect(await text).toBe('hello world')
  })

  it('and breaks, breaks for its reader, too', async () => {
    const reasons = unheard()
    const { body, break: breakOff } = begun(5)
    const seen = body.whole(100, 1000)
    await Promise.all([breakOff(), expect(seen).rejects.toThrow('broken')])

    await expect(read(body, 100)).rejects.toThrow('broken')
    expect(await reasons()).toEqual([])
  })

  it('and is then refused is read away', async () => {
    const { body, write, writer } = slowly()
    const seen = body.whole(100, 20)
    await write('hello')
    await seen

    const away = body.readAway({ sizeBytes: MIB, durationMs: 10_000, idleMs: 10_000 })
    await write(' world')
    await writer.close()

    await away
    expect(body.isOver).toBe(true)
  })
})

describe('a body that is left', () => {
  const DAY_MS = 86_400_000
  const LIMITS = { sizeBytes: MIB, durationMs: DAY_MS, idleMs: DAY_MS }

  it.each([
    ['so much', { ...LIMITS, sizeBytes: 5 }],
    ['for so long', { ...LIMITS, durationMs: 0 }],
    ['until nothing comes for so long', { ...LIMITS, idleMs: 0 }],
  ])('is read away %s and no longer', { timeout: 5000 }, async (_, limits) => {
    const { body, write } = slowly()

    const away = body.readAway(limits)
    await write('hello')

    await away
    expect(body.isOver).toBe(true)
  })

  it('that breaks is over', async () => {
    const { body, writer } = slowly()
    const away = body.readAway(LIMITS)

    await writer.abort('the client has gone').catch(() => undefined)

    await expect(away).resolves.toBeUndefined()
  })
})

it('bytes that are not wanted are left to the purge where the bucket will not delete them', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => said.mockRestore())

  await expect(discard(instead(partsOf(env), { deleteByPrefix: refuse }), 'x', false)).resolves.toBeUndefined()

  expect(said).toHaveBeenCalledOnce()
})
