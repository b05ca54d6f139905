// Content as it is read back: whole, in pieces, and broken off where it is not what arrived.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { Body } from '../../src/content/body.ts'
import { partsOf } from '../../src/content/bucket.ts'
import { PART_BYTES, type Parts } from '../../src/content/parts.ts'
import { readContent } from '../../src/content/read.ts'
import { receive } from '../../src/content/store.ts'
import type { Received } from '../../src/rules/file.ts'
import { aPlan, complaintsOfEach, instead, refuse, watched } from '../support/stand-ins.ts'

const SIZE = 2 * PART_BYTES + 1000
const BYTES = Uint8Array.from({ length: SIZE }, (_, at) => (at * 31 + (at >> 12)) % 251)

async function stored(bytes: Uint8Array<ArrayBuffer> = BYTES): Promise<Received> {
  const plan = aPlan()
  const body = new Body(new Blob([bytes]).stream())
  const outcome = await receive(partsOf(env), plan, body, undefined, watched(plan))
  if (outcome.type !== 'received') throw new Error(outcome.type)
  return outcome.received
}

async function bytesOf(
  received: Received,
  offset = 0,
  lengthBytes = received.sizeBytes,
  parts = partsOf(env),
): Promise<Uint8Array | string> {
  const stream = await readContent(parts, received, { offset, lengthBytes }, async () => true)
  return stream ? new Response(stream).bytes().catch(() => 'broken off') : 'not begun'
}

const complaints = complaintsOfEach()

describe('content that is read', () => {
  it.each([
    [0, SIZE],
    [0, PART_BYTES],
    [PART_BYTES - 1, 2],
    [PART_BYTES, PART_BYTES],
    [5, SIZE - 6],
    [SIZE - 1, 1],
    [2 * PART_BYTES + 1, 998],
  ])('from byte %d, %d bytes of it, is what arrived', async (offset, length) => {
    const received = await stored()

    const read = await bytesOf(received, offset, length)

    expect(read).toHaveLength(length)
    expect(Buffer.compare(Buffer.from(read as Uint8Array), BYTES.subarray(offset, offset + length))).toBe(0)
  })

  it('may be empty', async () => {
    expect(await bytesOf(await stored(new Uint8Array(0)))).toHaveLength(0)
    expect(complaints).toEqual([])
  })

  it.each([
    ['is not begun', 0, 'is not there', (key: string) => env.CONTENT.delete(key)],
    ['breaks off', 1, 'is not there', (key: string) => env.CONTENT.delete(key)],
    ['breaks off', 1, 'is shorter than it was', (key: string) => env.CONTENT.put(key, new Uint8Array(10))],
  ])('%s where part %d %s, and that is logged', async (_, number, __, change) => {
    const received = await stored()
    await change(`${received.key}/${number}`)

    expect(await bytesOf(received)).toBe(number === 0 ? 'not begun' : 'broken off')

    expect(complaints).toEqual([
      `The content ${received.key} cannot be sent as it arrived: part ${number} is not there, or too short`,
    ])
  })

  it.each([
    ['is not begun', 0, 'not begun'],
    ['breaks off', 1, 'broken off'],
  ])('%s where the store fails for part %d, and that is logged', async (_, number, end) => {
    const received = await stored()
    const store = partsOf(env)
    const get: Parts['get'] = (key, ...range) => (key.endsWith(`/${number}`) ? refuse() : store.get(key, ...range))

    expect(await bytesOf(received, 0, SIZE, instead(store, { get }))).toBe(end)

    expect(complaints).toEqual([expect.stringContaining(`part ${number}: Error: out of order`)])
  })

  it.each([
    ['the last byte', 2],
    ['the first bytes', 0],
  ])('breaks off where %s are others than arrived, before the client has all of it', async (_, number) => {
    const received = await stored()
    await env.CONTENT.put(`${received.key}/${number}`, new Uint8Array(number === 2 ? 1000 : PART_BYTES))

    expect(await bytesOf(received)).toBe('broken off')

    expect(complaints).toEqual([`The content ${received.key} cannot be sent as it arrived: its checksum is not right`])
  })
})
