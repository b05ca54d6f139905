// A client that costs little, and what its answers' times say.
import { Agent, request } from 'node:http'
import { each } from '../test/support/runner.ts'

export const SESSIONS_PATH = '/api/content/library/item/update-session'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

type Asked = {
  method: string
  url: string
  headers?: Record<string, string>
  /** Bytes as they are; another object as JSON. */
  body?: object
  expect: number
}

/** Sends one request; an answer with another status than expected ends the run. */
export function ask(asked: Asked): Promise<string> {
  let text = ''
  return receive(asked, (chunk) => (text += chunk)).then(() => text)
}

/** The same where the answer is read and not looked at: answers how many bytes it had. */
export async function fetchBytes(asked: Asked): Promise<number> {
  let bytes = 0
  await receive(asked, (_, size) => (bytes += size))
  return bytes
}

function receive(
  { method, url, headers = {}, body, expect }: Asked,
  hear: (chunk: Buffer, size: number) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const sent = request(url, { agent, method, headers }, (response) => {
    const isExpected = response.statusCode === expect
    let refusal = ''
    response.on('data', (chunk: Buffer) => {
      if (isExpected) hear(chunk, chunk.byteLength)
      else refusal += String(chunk)
    })
    response.on('error', reject)
    response.on('end', () => {
      if (isExpected) resolve()
      else reject(new Error(`${method} ${url} answered ${response.statusCode}: ${refusal}`))
    })
  })
  sent.on('error', reject)
  const isBytes = body instanceof Uint8Array
  if (body) sent.setHeader('content-type', isBytes ? 'application/octet-stream' : 'application/json')
  sent.end(body && (isBytes ? body : JSON.stringify(body)))
  return promise
}

/** What a user's requests are to carry. */
export async function logIn(url: string, user: string): Promise<Record<string, string>> {
  const authorization = `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`
  const token = await ask({ method: 'POST', url: `${url}/api/session`, headers: { authorization }, expect: 201 })
  return { 'vmware-api-session-id': JSON.parse(token) as string } // a login answers a token
}

export type Round = { perSecond: number; p50: number }

/** Runs the calls, so many at a time; times are in milliseconds. */
export async function timed(calls: (() => Promise<unknown>)[], atOnce: number): Promise<Round> {
  const tookMs: number[] = []
  const startedAt = performance.now()
  await each(calls, atOnce, async (call) => {
    const sentAt = performance.now()
    await call()
    tookMs.push(performance.now() - sentAt)
  })
  return { perSecond: (calls.length * 1000) / (performance.now() - startedAt), p50: median(tookMs) }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}

export const say = (line = ''): void => void process.stdout.write(`${line}\n`)

/** The run goes on, and fails. */
export function must(holds: boolean, otherwise: string): void {
  if (holds) return
  say(`MISSED: ${otherwise}`)
  process.exitCode = 1
}

/** One round of each, again and again, so that what else the machine does meets all; the first warms up. */
export async function interleaved(times: number, loads: (() => Promise<Round>)[]): Promise<Round[][]> {
  const results: Round[][] = loads.map(() => [])
  for (let round = 0; round <= times; round += 1)
    for (const [at, load] of loads.entries()) {
      const measured = await load()
      if (round > 0) results[at]?.push(measured)
    }
  return results
}

/** How many times as much the median of the first is. */
export const ratio = (above: Round[], below: Round[], of: keyof Round): number =>
  median(above.map((round) => round[of])) / median(below.map((round) => round[of]))
