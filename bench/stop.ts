// How soon after the 204 of a cancel a slow upload is answered and its connection ends, and a pull's request of its source.
import { request } from 'node:http'
import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { login } from '../src/client/client.ts'
import { ITEM } from '../test/support/client.ts'
import { listen } from '../test/support/listen.ts'
import { median, must, say } from './load.ts'
import { build, start } from './servers.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 20)
const MIB = 1024 * 1024
const SIZE = 1024 * MIB
const PIECE = Buffer.alloc(MIB)
/** Slow: the whole of it would take 20 s and more. */
const PIECE_MS = 20
/** When to cancel: well under way, at another moment each time. */
const underWayMs = () => 300 + Math.random() * 700
const LIMIT_MS = 1000
/** The answer of an upload ends when what its client still sends is read away: 64 MiB, or 5 s of it. */
const UNREAD_LIMIT_MS = 6000

await build()
const server = await start('mock', { vars: { PULL_HOSTS: 'loopback' } })
const client = await login(server.url, { user: 'bench', password: 'secret' })
try {
  const answeredMs: number[] = []
  await report('push: its connection', () => push(answeredMs), UNREAD_LIMIT_MS)
  const worst = Math.max(...answeredMs)
  say(`push: answered ${median(answeredMs).toFixed(0)} ms after the 204 of the cancel, at worst ${worst.toFixed(0)} ms`)
  must(worst < LIMIT_MS, `a cancelled push is answered after ${worst.toFixed(0)} ms`)
  await report('pull: the request of its source', pull, LIMIT_MS)
} finally {
  await server.stop()
}

/** Each round answers how long after the 204 the other side saw the end. */
async function report(name: string, round: () => Promise<number>, limitMs: number): Promise<void> {
  const endedMs: number[] = []
  const emptyMs: number[] = []
  for (let at = 0; at < ROUNDS; at += 1) {
    endedMs.push(await round())
    emptyMs.push(await untilEmpty())
  }
  const worst = Math.max(...endedMs)
  say(`${name}: ended ${median(endedMs).toFixed(0)} ms after the 204 of the cancel, at worst ${worst.toFixed(0)} ms;`)
  say(`      the disk empty ${Math.max(...emptyMs).toFixed(0)} ms after that at worst (${ROUNDS} rounds)`)
  must(worst < limitMs, `${name} ended after ${worst.toFixed(0)} ms`)
}

async function push(answeredMs: number[]): Promise<number> {
  const id = await client.updateSessions.create({ library_item_id: ITEM })
  const file = await client.updateSessionFiles.add(id, { name: 'disk.vmdk', source_type: 'PUSH' })
  const sent = request(file.upload_endpoint?.uri ?? '', { method: 'PUT', headers: { 'content-length': SIZE } })
  let status: number | undefined
  let answeredAt = 0
  sent.on('response', (response) => {
    answeredAt = performance.now()
    status = response.statusCode
    response.resume()
  })
  sent.on('error', () => undefined) // cut off while it sends, as it should be
  const { promise: closed, resolve: close } = Promise.withResolvers<number>()
  sent.on('close', () => close(performance.now()))
  sendSlowly(sent)
  await pause(underWayMs())
  await client.updateSessions.cancel(id)
  const canceledAt = performance.now()
  const closedAt = await closed
  if (status === undefined || status < 400) throw new Error(`The upload was answered ${status}.`)
  answeredMs.push(answeredAt - canceledAt)
  return closedAt - canceledAt
}

async function pull(): Promise<number> {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const { promise: closed, resolve: close } = Promise.withResolvers<number>()
  const source = await listen((_, response) => {
    response.writeHead(200, { 'content-length': SIZE })
    response.on('close', () => close(performance.now()))
    sendSlowly(response)
    resolve()
  })
  const source_endpoint = { uri: `${source.url}/` }
  const id = await client.updateSessions.create({ library_item_id: ITEM })
  await client.updateSessionFiles.add(id, { name: 'disk.vmdk', source_type: 'PULL', source_endpoint })
  await asked
  await pause(underWayMs())
  await client.updateSessions.cancel(id)
  const canceledAt = performance.now()
  const endedAt = await closed
  await source.stop()
  return endedAt - canceledAt
}

function sendSlowly(stream: Writable): void {
  const timer = setInterval(() => stream.write(PIECE), PIECE_MS)
  stream.on('close', () => clearInterval(timer))
}

async function untilEmpty(): Promise<number> {
  const startedAt = performance.now()
  while ((await server.stored()).objects > 0) await pause(20)
  return performance.now() - startedAt
}
