// The way of a body into the store, part by part, and what is left where it does not arrive.
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { Body } from '../../src/content/body.ts'
import { PART_BYTES, partsIn } from '../../src/content/parts.ts'
import { receive } from '../../src/content/store.ts'
import { aPlan, instead, watched } from '../support/bytes.ts'
import { digest } from '../support/files.ts'

const fails = async () => {
  throw new Error('out of order')
}

const aBody = () => new Body(new Blob(['hello!']).stream())

const unending = async () => void (await new Promise(() => undefined))

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
    const plan = aPlan()
    const { body, break: breakOff } = begun(PART_BYTES + 5)

    const outcome = receive(parts, plan, body, lengthBytes, watched(plan))
    await breakOff()

    expect(await outcome).toMatchObject({ type: 'interrupted' })
    expect(seen).toEqual([`0: ${PART_BYTES}`, `0: ${PART_BYTES} has ended`])
  })

  it.each(['told', 'reported'])(
    'ends its transfer when that is %s not to be wanted, though nothing more comes',
    async (how) => {
      const { seen, parts } = observed()
      const plan = aPlan()
      const isTold = how === 'told'
      const watch = watched(
        plan,
        async () => (isTold ? Infinity : undefined),
        isTold ? async () => undefined : unending,
      )

      const outcome = await receive(parts, plan, begun(PART_BYTES + 5).body, lengthBytes, watch)

      expect(outcome).toEqual({ type: 'stopped', why: 'not wanted' })
      expect([[], [`0: ${PART_BYTES}`, `0: ${PART_BYTES} has ended`]]).toContainEqual(seen)
    },
  )

  it('ends its transfer when storage fails, though nothing more comes', async () => {
    const parts = instead(partsIn(env.CONTENT), { put: fails })
    const plan = aPlan()

    const outcome = await receive(parts, plan, begun(PART_BYTES + 5).body, lengthBytes, watched(plan))

    expect(outcome).toEqual({ type: 'refused', why: 'out of order' })
  })

  it('ends its transfer when storage has not answered for as long as a lease, though nothing more comes', async () => {
    const parts = instead(partsIn(env.CONTENT), { put: unending })
    const plan = aPlan({ leaseMs: 50 })

    const outcome = await receive(parts, plan, begun(PART_BYTES + 5).body, lengthBytes, watched(plan))

    expect(outcome).toEqual({ type: 'refused', why: 'the store does not answer' })
  })

  it('ends its transfer when its sandbox has not answered for as long as a lease, though nothing more comes', async () => {
    const plan = aPlan({ leaseMs: 1 })
    const watch = watched(plan, fails, fails)

    const outcome = await receive(observed().parts, plan, begun(5).body, lengthBytes, watch)

    expect(outcome).toEqual({ type: 'stopped', why: 'unheard' })
  })

  it.each([0, 5, PART_BYTES - 1, PART_BYTES, PART_BYTES + 5, 2 * PART_BYTES])(
    'and of %d bytes is stored to its last byte, in parts of one size but for the last',
    async (sizeBytes) => {
      const plan = aPlan()
      const content = 'x'.repeat(sizeBytes)
      const length = lengthBytes === undefined ? undefined : sizeBytes

      const body = new Body(new Blob([content]).stream())
      const outcome = await receive(partsIn(env.CONTENT), plan, body, length, watched(plan))

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

it('a transfer of which the last part was being put when it was stopped is stopped', async () => {
  const gate = Promise.withResolvers<void>()
  const stop = Promise.withResolvers<void>()
  const plan = aPlan()
  const parts = instead(partsIn(env.CONTENT), { put: () => gate.promise })
  const watch = watched(plan, undefined, () => stop.promise)

  const outcome = receive(parts, plan, new Body(new Blob(['hello']).stream()), 5, watch)
  stop.resolve()
  await watch.stopped
  gate.resolve()

  expect(await outcome).toEqual({ type: 'stopped', why: 'not wanted' })
})

describe('a transfer', () => {
  it('is cut at the byte that there is no room for', async () => {
    const plan = aPlan({ roomBytes: 5 })

    expect(await receive(partsIn(env.CONTENT), plan, aBody(), 6, watched(plan))).toEqual({
      type: 'stopped',
      why: 'store full',
    })
    const enough = aPlan({ roomBytes: 6 })
    expect(await receive(partsIn(env.CONTENT), enough, aBody(), 6, watched(enough))).toMatchObject({ type: 'received' })
  })

  it('is cut when others have taken its room', async () => {
    const plan = aPlan()

    const outcome = await receive(
      observed().parts,
      plan,
      begun(5).body,
      undefined,
      watched(plan, async () => 4),
    )

    expect(outcome).toEqual({ type: 'stopped', why: 'store full' })
  })

  it('goes on while its sandbox does not answer, and is stopped by a report when nothing else tells', async () => {
    const answers = [fails, fails, async () => Infinity, async () => undefined]
    const plan = aPlan()
    const stopped = vi.fn(fails)
    const watch = watched(plan, () => (answers.shift() ?? fails)(), stopped)

    const outcome = await receive(observed().parts, plan, begun(5).body, undefined, watch)

    expect(outcome).toEqual({ type: 'stopped', why: 'not wanted' })
    expect(answers).toEqual([])
    // At its begin, and after the first report that was answered.
    expect(stopped).toHaveBeenCalledTimes(2)
  })

  it('waits while others have all the memory there is, and takes it when they end', async () => {
    const stop = Promise.withResolvers<void>()
    const many = Array.from({ length: 8 }, () => aPlan())
    const stuck = many.map((plan) =>
      receive(
        observed().parts,
        plan,
        begun(5).body,
        undefined,
        watched(plan, undefined, () => stop.promise),
      ),
    )
    const [plan, given] = [aPlan(), aPlan()]
    const waiting = receive(observed().parts, plan, new Body(new Blob(['hello']).stream()), undefined, watched(plan))
    const left = receive(
      observed().parts,
      given,
      begun(5).body,
      undefined,
      watched(given, undefined, async () => undefined),
    )

    expect(await left).toEqual({ type: 'stopped', why: 'not wanted' })
    expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe('waits')
    stop.resolve()

    expect(await Promise.all(stuck)).toEqual(many.map(() => ({ type: 'stopped', why: 'not wanted' })))
    expect(await waiting).toMatchObject({ type: 'received' })
  })
})
