// The way of a body into the store, part by part, and what is left where it does not arrive.
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Body } from '../../src/content/body.ts'
import { PART_BYTES, partsIn } from '../../src/content/parts.ts'
import { untilStalled } from '../../src/content/pull.ts'
import { receive, type Plan } from '../../src/content/store.ts'
import { instead } from '../support/bytes.ts'
import { digest } from '../support/files.ts'

const aPlan = (): Plan => ({ key: crypto.randomUUID(), name: 'a.iso', algorithms: ['SHA1'], retention: 'keep' })
const wanted = async () => true

const fails = async () => {
  throw new Error('out of order')
}

/** The store, which tells what was put, and when that had ended; each put takes a while. */
function observed() {
  const seen: string[] = []
  const whole = partsIn(env.CONTENT)
  const put = async (key: string, part: Uint8Array) => {
    const what = `${key.split('/').at(-1)}: ${part.byteLength}`
    seen.push(what)
    await whole.put(key, part)
    await env.CONTENT.head('nothing')
    seen.push(`${what} has ended`)
  }
  return { seen, parts: instead(whole, { put }) }
}

/** A body of which so many bytes have come. */
function begun(firstBytes: number) {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const first = writer.write(new Uint8Array(firstBytes))
  return { body: new Body(readable), break: async () => (await first, writer.abort(new Error('broken'))) }
}

describe.each([
  ['known', 3 * PART_BYTES],
  ['unknown', undefined],
])('a body of a length that is %s', (_, lengthBytes) => {
  it('ends its transfer when it breaks off, and no put is under way then', async () => {
    const { seen, parts } = observed()
    const { body, break: breakOff } = begun(PART_BYTES + 5)

    const outcome = receive(parts, aPlan(), body, lengthBytes, wanted)
    await breakOff()

    expect(await outcome).toMatchObject({ type: 'interrupted' })
    expect(seen).toEqual([`0: ${PART_BYTES}`, `0: ${PART_BYTES} has ended`])
  })

  it('ends its transfer when no more is wanted, though nothing more comes, and no put is under way then', async () => {
    const { seen, parts } = observed()

    const outcome = await receive(parts, aPlan(), begun(PART_BYTES + 5).body, lengthBytes, async () => false)

    expect(outcome).toEqual({ type: 'stopped' })
    expect(seen).toEqual([`0: ${PART_BYTES}`, `0: ${PART_BYTES} has ended`])
  })

  it('ends its transfer when storage fails, though nothing more comes', async () => {
    const parts = instead(partsIn(env.CONTENT), { put: fails })

    const outcome = await receive(parts, aPlan(), begun(PART_BYTES + 5).body, lengthBytes, wanted)

    expect(outcome).toEqual({ type: 'interrupted', why: 'out of order' })
  })

  it('ends its transfer when it cannot be reported, though nothing more comes', async () => {
    const outcome = await receive(observed().parts, aPlan(), begun(5).body, lengthBytes, fails)

    expect(outcome).toEqual({ type: 'interrupted', why: 'out of order' })
  })

  it.each([0, 5, PART_BYTES - 1, PART_BYTES, PART_BYTES + 5, 2 * PART_BYTES])(
    'and of %d bytes is stored to its last byte, in parts of one size but for the last',
    async (sizeBytes) => {
      const plan = aPlan()
      const content = 'x'.repeat(sizeBytes)
      const length = lengthBytes === undefined ? undefined : sizeBytes

      const outcome = await receive(partsIn(env.CONTENT), plan, new Body(new Blob([content]).stream()), length, wanted)

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

it('a transfer of which the last part was put when it was stopped is stopped', async () => {
  const gate = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const parts = instead(partsIn(env.CONTENT), { put: () => gate.promise })
  const report = async () => {
    asked.resolve()
    return false
  }

  const outcome = receive(parts, aPlan(), new Body(new Blob(['hello']).stream()), 5, report)
  await asked.promise
  gate.resolve()

  expect(await outcome).toEqual({ type: 'stopped' })
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
