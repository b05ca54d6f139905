// The bytes of files: a server for pulls, which outlives every mock, and uploads that send as they are told.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { listen, type Listening } from '../support/listen.ts'
import { createRandom } from '../support/random.ts'

const PIECE_BYTES = 64 * 1024
/** More than one part of a body without a length. */
export const LARGE_BYTES = 9 * 1024 * 1024
/** More than the worker reads at once. */
export const MEDIUM_BYTES = 5 * 256 * 1024
/** Arrives at once. */
export const SMALL_BYTES = 1000

const random = createRandom(1)
/** Of ASCII, so that JSON can hold the beginning of it as text. */
const ALL = Buffer.from(Uint8Array.from({ length: LARGE_BYTES }, () => random(128)))
const digests = new Map<number, string>()

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The digest of a file of this size: files of one size are the same. */
export function digestOf(sizeBytes: number): string {
  const known = digests.get(sizeBytes) ?? digest(ALL.subarray(0, sizeBytes))
  digests.set(sizeBytes, known)
  return known
}

/** A file of this size, as text. */
export const textOf = (sizeBytes: number): string => ALL.toString('latin1', 0, sizeBytes)

export type Source = Listening

/** Sends as the path says: `/whole/1000`, say, or `/flaky/1000/some-name`, which fails the first time. */
export const startSource = (): Promise<Source> =>
  listen((asked, response) => {
    answer(asked, response).catch(() => undefined) // the mock was killed
  })

/** Of flaky files, those that were asked for before. */
const asked = new Set<string>()

async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, way, size] = url.split('/')
  const isFirst = !asked.has(url)
  asked.add(url)
  if (way === 'silent') return
  if (way === 'moved') return void response.writeHead(302, { location: `/whole/${size}` }).end('it has moved')
  if (way === 'missing') return void response.writeHead(404).end('it is not here')
  if (way === 'flaky' && isFirst) return void response.writeHead(503).end('it is busy')
  const sizeBytes = Number(size)
  response.writeHead(200, way === 'chunked' ? {} : { 'content-length': sizeBytes })
  await send(response, way === 'stuck' ? sizeBytes / 2 : sizeBytes)
  // What is stuck waits until the other side leaves.
  if (way !== 'stuck') response.end()
}

export type Upload = { status: Promise<number>; breakOff: () => void }

/** Sends a file with its length or without; one that is stuck stops in the middle until the other side leaves. */
export function upload(uri: string, sizeBytes: number, as: { isChunked?: boolean; isStuck?: boolean } = {}): Upload {
  const sent = request(uri, { method: 'PUT', headers: as.isChunked ? {} : { 'content-length': sizeBytes } })
  const { promise: status, resolve, reject } = Promise.withResolvers<number>()
  sent.on('response', (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
  sent.on('error', reject)
  sent.on('close', () => reject(new Error('The connection closed without an answer.')))
  send(sent, as.isStuck ? sizeBytes / 2 : sizeBytes).then(() => as.isStuck || sent.end(), reject)
  status.catch(() => undefined) // heard where it is waited for
  return { status, breakOff: () => void sent.destroy() }
}

async function send(stream: Writable, sizeBytes: number): Promise<void> {
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
    if (!stream.write(ALL.subarray(at, Math.min(at + PIECE_BYTES, sizeBytes)))) await once(stream, 'drain')
}
