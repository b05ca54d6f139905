// A client that costs little, and what its answers' times say.
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

type Asked = { method: string; url: string; headers?: Record<string, string>; body?: object; expect: number }

/** Sends one request; an answer with another status than expected ends the run. */
export function ask({ method, url, headers = {}, body, expect }: Asked): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const sent = request(url, { agent, method, headers }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => (text += chunk))
    response.on('error', reject)
    response.on('end', () => {
      if (response.statusCode === expect) resolve(text)
      else reject(new Error(`${method} ${url} answered ${response.statusCode}: ${text}`))
    })
  })
  sent.on('error', reject)
  if (body) sent.setHeader('content-type', 'application/json')
  sent.end(body && JSON.stringify(body))
  return promise
}

export type Round = { perSecond: number; p50: number; p99: number }

/** Runs the calls, so many at a time; times are in milliseconds. */
export async function timed(calls: (() => Promise<unknown>)[], atOnce: number): Promise<Round> {
  const tookMs: number[] = []
  const startedAt = performance.now()
  await each(calls, atOnce, async (call) => {
    const sentAt = performance.now()
    await call()
    tookMs.push(performance.now() - sentAt)
  })
  const sorted = tookMs.toSorted((a, b) => a - b)
  return {
    perSecond: (calls.length * 1000) / (performance.now() - startedAt),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
  }
}

export async function each<T>(all: T[], atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> {
  const left = all.values()
  const worker = async () => {
    for (const one of left) await work(one)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

export const median = (values: number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )

const quantile = (sorted: number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN

export const say = (line = ''): void => void process.stdout.write(`${line}\n`)

/** The run goes on, and fails. */
export function must(holds: boolean, otherwise: string): void {
  if (holds) return
  say(`MISSED: ${otherwise}`)
  process.exitCode = 1
}
