// What a large upload, its download and many small uploads cost beside bare puts and gets of the disk: time, and memory of server and
// runtime together. A digest costs about as much as a bare put, on the one thread of the runtime: so `hashed` is a bare put and a
// digest of as many bytes.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { login } from '../src/client/client.ts'
import { ITEM, LIBRARY } from '../test/support/client.ts'
import { median, must, say } from './load.ts'
import { build, memoryOf, startApart } from './servers.ts'

const MIB = 1024 * 1024
const SIZE = Number(process.env['BENCH_MIB'] ?? 2048) * MIB
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 2)
/** Else in that of the command. */
const IN_MINIFLARE = process.env['BENCH_RUNTIME'] === 'miniflare'
const PIECE = Buffer.alloc(MIB, 'update session')
/** So many uploads at once, of so many bytes each. */
const MANY = 32
const SMALL = 8 * MIB

/** Throughputs are of MiB a second. */
type Cost = { upload: number; download: number; many: number; restMib: number; peakMib: number }
/** Where to send files, and how to get the first of them back. */
type Begun = { uris: string[]; finish: () => Promise<{ url: string; headers: Record<string, string> }> }
const costs: Record<'floor' | 'hashed' | 'keep' | 'discard', Cost[]> = { floor: [], hashed: [], keep: [], discard: [] }

await build()
const checksum = digest()
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, path] of [
    ['floor', 'bytes'],
    ['hashed', 'hashed'],
  ] as const)
    costs[name].push(
      await measured('floor', {}, async (url) => {
        const uris = Array.from({ length: MANY + 1 }, (_, at) => `${url}/${path}/${at}`)
        return { uris, finish: async () => ({ url: `${url}/bytes/0`, headers: {} }) }
      }),
    )
  for (const retention of ['keep', 'discard'] as const)
    costs[retention].push(await measured('mock', { CONTENT_RETENTION: retention }, endpoint))
}

say(
  `one upload of ${SIZE / MIB} MiB, SHA-256 on, median of ${ROUNDS}, in ${IN_MINIFLARE ? 'miniflare' : 'the runtime of the command'}`,
)
for (const [name, rounds] of Object.entries(costs)) {
  const of = (key: keyof Cost) => median(rounds.map((cost) => cost[key])).toFixed(1)
  say(
    `${name.padEnd(8)} up ${of('upload')} MiB/s, down ${of('download')}, ${MANY} at once ${of('many')}; memory ${of('restMib')} MiB before, ${of('peakMib')} at most`,
  )
}
const peakOf = (rounds: Cost[]) => Math.max(...rounds.map(({ peakMib }) => peakMib))
for (const retention of ['keep', 'discard'] as const) {
  const [throughput, many] = [ratio(retention, 'upload'), ratio(retention, 'many')]
  const extraMib = peakOf(costs[retention]) - peakOf(costs.floor)
  const beside = `${throughput.toFixed(2)} of the floor's throughput, ${ratio(retention, 'upload', 'hashed').toFixed(2)} of that with a digest`
  say(`${retention}: ${beside}, ${extraMib.toFixed(1)} MiB above its peak`)
  say(`${retention}: ${MANY} uploads at once at ${many.toFixed(2)} of the floor's throughput`)
  must(throughput >= 0.95, `${retention} is below 0.95 of the floor`)
  must(many >= 0.9, `${MANY} uploads at once are below 0.9 of the floor`)
  must(extraMib <= 64, `${retention} takes more than 64 MiB above the floor`)
}

const download = ratio('keep', 'download')
say(`keep: a download at ${download.toFixed(2)} of the floor's throughput`)
must(download >= 0.8, 'a download is below 0.8 of the floor')

/** Round by round, since a machine's disk has moods. */
function ratio(
  retention: 'keep' | 'discard',
  of: 'upload' | 'download' | 'many',
  floor: 'floor' | 'hashed' = 'floor',
): number {
  return median(costs[retention].map((cost, round) => cost[of] / (costs[floor][round]?.[of] ?? NaN)))
}

async function measured(
  kind: 'mock' | 'floor',
  vars: Record<string, string>,
  begin: (url: string) => Promise<Begun>,
): Promise<Cost> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'bench-'))
  const server = await startApart(kind, { vars, stateDirectory, inMiniflare: IN_MINIFLARE })
  try {
    const { uris, finish } = await begin(server.url)
    const [uri = '', ...small] = uris
    await warm(`${stateDirectory}.warm`)
    const restMib = memoryOf(server.pid)
    let peakMib = restMib
    // One look after the other, and none that ends in what comes next: many transfers take more memory than one.
    const over = new AbortController()
    const watched = (async () => {
      for (; !over.signal.aborted; await setTimeout(50)) peakMib = Math.max(peakMib, memoryOf(server.pid))
    })()
    const upload = await throughput(SIZE, () => put(uri, SIZE))
    const isKept = vars['CONTENT_RETENTION'] !== 'discard'
    const download = isKept ? await throughput(SIZE, async () => get(await finish())) : NaN
    over.abort()
    await watched
    const many = await throughput(MANY * SMALL, () => Promise.all(small.map((each) => put(each, SMALL))))
    return { upload, download, many, restMib, peakMib }
  } finally {
    await server.stop()
    await rm(stateDirectory, { recursive: true, force: true })
  }
}

/**
 * Of a virtual machine, memory that its host has yet to find costs six times as much to write to as memory that was just in use: who
 * comes first would pay for all.
 */
async function warm(path: string): Promise<void> {
  const file = await open(path, 'w')
  for (let at = 0; at < SIZE + MANY * SMALL; at += MIB) await file.write(PIECE)
  await file.close()
  await rm(path)
}

async function throughput(sizeBytes: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return sizeBytes / MIB / ((performance.now() - startedAt) / 1000)
}

async function endpoint(url: string): Promise<Begun> {
  const client = await login(url, { user: 'bench', password: 'secret' })
  const add = async (session: string, name: string, more = {}) => {
    const file = await client.updateSessionFiles.add(session, { name, source_type: 'PUSH', ...more })
    return file.upload_endpoint?.uri ?? ''
  }
  const id = await client.updateSessions.create({ library_item_id: ITEM })
  const uris = [await add(id, 'disk.vmdk', { checksum_info: { algorithm: 'SHA256', checksum } })]
  const item = await client.items.create({ library_id: LIBRARY, name: 'many' })
  const other = await client.updateSessions.create({ library_item_id: item })
  for (let at = 0; at < MANY; at += 1) uris.push(await add(other, `${at}.vmdk`))
  const finish = async () => {
    await client.updateSessions.complete(id)
    const headers = { 'vmware-api-session-id': client.token }
    return { url: `${url}/cls/static/${LIBRARY}/${ITEM}/disk.vmdk`, headers }
  }
  return { uris, finish }
}

async function get({ url, headers }: { url: string; headers: Record<string, string> }): Promise<void> {
  const sent = request(url, { headers }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let sizeBytes = 0
  response.on('data', (chunk: Buffer) => (sizeBytes += chunk.byteLength))
  await once(response, 'end')
  if (sizeBytes !== SIZE) throw new Error(`The download of ${response.statusCode} had ${sizeBytes} bytes.`)
}

async function put(uri: string, sizeBytes: number): Promise<void> {
  const sent = request(uri, { method: 'PUT', headers: { 'content-length': sizeBytes } })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  for (let at = 0; at < sizeBytes; at += MIB) if (!sent.write(PIECE)) await once(sent, 'drain')
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
