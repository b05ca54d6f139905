// What each kind of use is billed, measured around the built worker.
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { login } from '../src/client/client.ts'
import { listen } from '../test/support/listen.ts'
import { processesBelow, readProcess } from '../test/support/process.ts'
import type { Bill } from '../test/limits/bill.ts'
import { startLimited } from '../test/limits/mock.ts'
import { columns, figure, KINDS, rounded, scaled, TRANSFER_SECONDS, type Kind, type Usage } from './prices.ts'

/** Each object is billed for so much memory, for as long as it is at work. */
const OBJECT_GB = 0.128
const CLASS_A = ['put', 'list']

/** Bytes that flow at 10 MB a second; a body has at most 100. */
const PIECES_PER_SECOND = 40
const PIECE = Buffer.alloc(10_000_000 / PIECES_PER_SECOND, 'update session')
const TRANSFER_BYTES = PIECE.byteLength * PIECES_PER_SECOND * TRANSFER_SECONDS
/** After an answer, the journal is written. Calls that come together share that; here each pays for it alone. */
const ALONE_MS = 300
/** After that, alarms ring. */
const SETTLE_MS = 700

async function* flow() {
  const startedAt = performance.now()
  for (let sent = 1; sent <= PIECES_PER_SECOND * TRANSFER_SECONDS; sent += 1) {
    yield PIECE
    await pause(Math.max(0, startedAt + (sent * 1000) / PIECES_PER_SECOND - performance.now()))
  }
}

/** What one of each kind is billed. */
export async function measureKinds(say: (line: string) => void, rounds = 20): Promise<Record<Kind, Usage>> {
  // The journal is full soon: from then on it drops for each request that it keeps, which is billed, too.
  const mock = await startLimited({ LOCAL_ADMIN: 'on', ORPHANS_SECONDS: '86400', JOURNAL_SIZE: '10' })
  const source = await listen((_, response) => {
    response.writeHead(200, { 'content-length': TRANSFER_BYTES })
    Readable.from(flow()).pipe(response)
  })
  try {
    const client = await login(mock.url, { user: 'cost', password: 'any' })
    const { updateSessions, updateSessionFiles, items } = client
    const [library_id = ''] = await client.libraries.list()
    const library_item_id = await items.create({ library_id, name: 'cost' })
    const admin = async (method: string, path: string) => {
      const answer = await fetch(`${mock.url}/__admin${path}`, { method })
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
      return answer.text()
    }

    /** Of so many in a row; the time of all that comes after the last answer is theirs. */
    const measure = async (kind: Kind, count: number, run: (at: number) => Promise<unknown>): Promise<Usage> => {
      await pause(SETTLE_MS)
      await mock.bill()
      const cpuBeforeMs = cpuOfRuntimeMs()
      for (let at = 0; at < count; at += 1) {
        await run(at)
        await pause(ALONE_MS)
      }
      await pause(SETTLE_MS)
      const cpuMs = cpuOfRuntimeMs() - cpuBeforeMs
      const usage = usageOf(await mock.bill(), cpuMs, count)
      say(`${KINDS[kind]}: ${columns.map((column) => `${column} ${figure(usage[column])}`).join(', ')}`)
      return usage
    }
    const send = async (session: string, body: () => BodyInit) => {
      const { upload_endpoint } = await updateSessionFiles.add(session, { name: 'disk.vmdk', source_type: 'PUSH' })
      const init = { method: 'PUT', body: body(), duplex: 'half' } as RequestInit // Node's own
      const { status } = await fetch(upload_endpoint?.uri ?? '', init)
      if (status !== 200) throw new Error(`The upload was answered ${status}.`)
    }
    const sessions: string[] = []
    const itemOf: string[] = []
    for (let at = 0; at < rounds; at += 1) itemOf.push(await items.create({ library_id, name: `item-${at}` }))
    const at = (index: number) => sessions[index] ?? ''

    const kinds: Partial<Record<Kind, Usage>> = {}
    for (let at = 0; at < 10; at += 1) await client.whoAmI()
    kinds.login = await measure('login', rounds, () => login(mock.url, { user: 'cost', password: 'any' }))
    kinds.create = await measure('create', rounds, async (index) =>
      sessions.push(await updateSessions.create({ library_item_id: itemOf[index] ?? '' })),
    )
    kinds.get = await measure('get', rounds, (index) => updateSessions.get(at(index)))
    kinds.cancel = await measure('cancel', rounds, (index) => updateSessions.cancel(at(index)))
    kinds.refused = await measure('refused', rounds, (index) => updateSessions.cancel(at(index)).catch(() => undefined))
    kinds.remove = await measure('remove', rounds, (index) => updateSessions.delete(at(index)))
    kinds.sandbox = await measure('sandbox', 10, async (index) => {
      await login(mock.url, { user: `cost-${index}`, password: 'any' })
      await pause(ALONE_MS)
      await admin('DELETE', `/sandboxes/cost-${index}`)
    })
    const { version } = JSON.parse(await admin('GET', '/view?sandbox=cost')) as { version: string }
    kinds.question = await measure('question', rounds, () =>
      admin('GET', `/view?sandbox=cost&since=${encodeURIComponent(version)}`),
    )
    const imported = async (body: () => BodyInit) => {
      const session = await updateSessions.create({ library_item_id })
      await send(session, body)
      await updateSessions.complete(session)
      await updateSessions.delete(session)
    }
    kinds.small = await measure('small', rounds, () => imported(() => Buffer.alloc(65_536, 'small')))
    kinds.push = await measure('push', 1, () => imported(() => Readable.toWeb(Readable.from(flow())) as BodyInit)) // Node's own
    kinds.pull = await measure('pull', 1, async () => {
      const session = await updateSessions.create({ library_item_id })
      await updateSessionFiles.add(session, {
        name: 'disk.vmdk',
        source_type: 'PULL',
        source_endpoint: { uri: `${source.url}/` },
      })
      await updateSessions.complete(session)
      // Not asked meanwhile: the questions would be billed, too.
      await pause((TRANSFER_SECONDS + 3) * 1000)
      const { state } = await updateSessions.get(session)
      if (state !== 'DONE') throw new Error(`The session is ${state}.`)
      await updateSessions.delete(session)
    })
    return kinds as Record<Kind, Usage> // each of them, as above
  } finally {
    await source.stop()
    await mock.stop()
  }
}

function usageOf(
  { requests, objectRequests, rowsRead, rowsWritten, objectMs, calls }: Bill,
  cpuMs: number,
  count: number,
) {
  const ofBucket = (isOf: (method: string) => boolean) =>
    Object.entries(calls).reduce((sum, [name, times]) => {
      const [binding, method = ''] = name.split('.')
      return binding === 'CONTENT' && isOf(method) ? sum + times : sum
    }, 0)
  const all: Usage = {
    requests,
    cpuMs,
    objectRequests,
    // Clocks stand still while a Worker computes.
    gbSeconds: (Math.max(objectMs, cpuMs) / 1000) * OBJECT_GB,
    rowsRead,
    rowsWritten,
    classA: ofBucket((method) => CLASS_A.includes(method)),
    // To delete costs nothing.
    classB: ofBucket((method) => method === 'get' || method === 'head'),
  }
  return rounded(scaled(all, 1 / count))
}

/** CPU of the runtimes that this process has started: the worker's, and all that stands for the platform. */
function cpuOfRuntimeMs(): number {
  const stats = processesBelow(process.pid).map((pid) => readProcess(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [])
  return stats.reduce((sum, fields) => sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS, 0)
}
const TICK_MS = 10
