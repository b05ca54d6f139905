// What a large upload costs beside a bare R2 put: time, and memory of server and runtime together.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { login } from '../src/client/client.ts'
import { ITEM_ID, median, must, say } from './load.ts'
import { build, memoryOf, startApart } from './servers.ts'

const MIB = 1024 * 1024
const SIZE = Number(process.env['BENCH_MIB'] ?? 2048) * MIB
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 2)
const PIECE = Buffer.alloc(MIB, 'update session')

type Cost = { mibPerSecond: number; restMib: number; peakMib: number }
const costs: Record<'floor' | 'keep' | 'discard', Cost[]> = { floor: [], keep: [], discard: [] }

await build()
const checksum = digest()
for (let round = 0; round < ROUNDS; round += 1) {
  costs.floor.push(await measured('floor', {}, async (url) => `${url}/bytes/key`))
  for (const retention of ['keep', 'discard'] as const)
    costs[retention].push(await measured('mock', { CONTENT_RETENTION: retention }, endpoint))
}

say(`one upload of ${SIZE / MIB} MiB, SHA-256 on, median of ${ROUNDS}`)
for (const [name, rounds] of Object.entries(costs)) {
  const of = (key: keyof Cost) => median(rounds.map((cost) => cost[key])).toFixed(1)
  say(`${name.padEnd(8)} ${of('mibPerSecond')} MiB/s, memory ${of('restMib')} MiB before, ${of('peakMib')} at most`)
}
const peakOf = (rounds: Cost[]) => Math.max(...rounds.map(({ peakMib }) => peakMib))
for (const retention of ['keep', 'discard'] as const) {
  const throughput = ratio(retention)
  const extraMib = peakOf(costs[retention]) - peakOf(costs.floor)
  say(`${retention}: ${throughput.toFixed(2)} of the floor's throughput, ${extraMib.toFixed(1)} MiB above its peak`)
  must(throughput >= 0.85, `${retention} is below 0.85 of the floor`)
  must(extraMib <= 64, `${retention} takes more than 64 MiB above the floor`)
}

/** Round by round, since a machine's disk has moods. */
function ratio(retention: 'keep' | 'discard'): number {
  return median(
    costs[retention].map(({ mibPerSecond }, round) => mibPerSecond / (costs.floor[round]?.mibPerSecond ?? NaN)),
  )
}

async function measured(
  kind: 'mock' | 'floor',
  vars: Record<string, string>,
  begin: (url: string) => Promise<string>,
): Promise<Cost> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'bench-'))
  const server = await startApart(kind, { vars, stateDirectory })
  try {
    const uri = await begin(server.url)
    const restMib = await memoryOf(server.pid)
    let peakMib = restMib
    const watch = setInterval(() => {
      memoryOf(server.pid).then(
        (mib) => (peakMib = Math.max(peakMib, mib)),
        () => undefined, // a process that is gone has no memory
      )
    }, 50)
    const startedAt = performance.now()
    await put(uri)
    const mibPerSecond = SIZE / MIB / ((performance.now() - startedAt) / 1000)
    clearInterval(watch)
    return { mibPerSecond, restMib, peakMib }
  } finally {
    await server.stop()
    await rm(stateDirectory, { recursive: true, force: true })
  }
}

async function endpoint(url: string): Promise<string> {
  const client = await login(url, { user: 'bench', password: 'secret' })
  const id = await client.updateSessions.create({ library_item_id: ITEM_ID })
  const checksum_info = { algorithm: 'SHA256', checksum } as const
  const file = await client.updateSessionFiles.add(id, { name: 'disk.vmdk', source_type: 'PUSH', checksum_info })
  return file.upload_endpoint?.uri ?? ''
}

async function put(uri: string): Promise<void> {
  const sent = request(uri, { method: 'PUT', headers: { 'content-length': SIZE } })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  for (let at = 0; at < SIZE; at += MIB) if (!sent.write(PIECE)) await once(sent, 'drain')
  sent.end()
  const [response] = await answered
  response.resume()
  if (response.statusCode !== 200) throw new Error(`The upload was answered ${response.statusCode}.`)
}

function digest(): string {
  const hash = createHash('sha256')
  for (let at = 0; at < SIZE; at += MIB) hash.update(PIECE)
  return hash.digest('hex')
}
