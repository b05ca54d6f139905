// The built Worker on an address of the caller's, through miniflare.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rmdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { whyNoStart } from '../rules/settings.ts'
import { bracketed, isLoopbackAddress, namesOf, reachableAddress, resolveHost } from './address.ts'
import { askHealth } from './health.ts'
import { codeOf, PortTaken, Unusable } from './problem.ts'
import { inRealTime } from './real-time.ts'
import { RuntimeFailure, watchRuntime } from './runtime.ts'
import type { Ask } from './steer.ts'
import { readWorker, variablesOf } from './worker.ts'

/** What `npm run build` makes, seen from `src/` and from `dist/` alike. */
const WORKER = new URL('../../dist/worker/', import.meta.url)
const LOCALHOST = '127.0.0.1'

export type StartOptions = {
  /** Any that is free, unless one is named. */
  port?: number
  /** 127.0.0.1 unless another is named; beyond this machine the admin API wants a token, which the library has. */
  host?: string
  /** Speak https, with a certificate made at the start; `ca` is what clients are to trust. */
  https?: boolean
  /** A directory to keep state in when the server stops. */
  state?: string
  /** Variables of the worker, as the README lists them: `{ SESSION_IDLE_SECONDS: '10' }`. */
  vars?: Record<string, string>
  /**
   * Hears every line that the worker writes: one for each request, in JSON unless `LOG_REQUESTS` says otherwise. By
   * default the lines go to stderr, one for each refused or unrouted request.
   */
  onLog?: (line: string) => void
}
export type Embedded = {
  url: string
  /** What clients are to trust, in PEM: a file that is gone when the server stops. Only of https. */
  caFile?: string
  /** A request that does not travel: it needs no trust in a certificate. */
  ask: Ask
  stored: () => Promise<Stored>
  stop: () => Promise<void>
}
/** The content in its bucket: not the markers of its sandboxes, which are empty. */
export type Stored = { objects: number; bytes: number }

type Bindings = { CONTENT: { list: () => Promise<{ objects: { key: string; size: number }[] }> } }

/** The admin token of a mock that listens on this host: as given; on an address that others reach, there is always one. */
export const adminToken = (host: string | undefined, given: string): string =>
  given !== '' || isLoopbackAddress(host ?? LOCALHOST) ? given : randomUUID()

export async function serve({
  port = 0,
  host = LOCALHOST,
  https = false,
  state,
  vars = {},
  onLog,
}: StartOptions = {}): Promise<Embedded> {
  const address = await resolveHost(host)
  const worker = await readWorker(WORKER, {
    LOG_REQUESTS: onLog ? 'json' : 'refused',
    OWN_CONNECTIONS: 'on',
    // Not among the variables that users set: it opens the admin API to every client on this machine.
    ...(isLoopbackAddress(address) && { LOCAL_ADMIN: 'on' }),
    ...vars,
  })
  const why = whyNoStart(vars, variablesOf(worker))
  if (why !== undefined) throw new Unusable(why)
  await tryListening(port, address)
  await tryWriting(tmpdir()).catch((error: unknown) => {
    throw new Error(
      `Temporary files cannot be kept in ${tmpdir()} (${codeOf(error)}). Set TMPDIR to another directory.`,
    )
  })
  if (state !== undefined)
    await tryWriting(state).catch((error: unknown) => {
      throw new Unusable(`State cannot be kept in ${state} (${codeOf(error)}). Name a directory that can be written.`)
    })
  const tls = https ? await makeTls([host, ...namesOf(address)]) : undefined
  const { Log, LogLevel, Miniflare } = await loadMiniflare()
  // miniflare refuses a compatibility date after today; a clock may be behind, or a test may have set it back.
  const inTime = <T>(run: () => Promise<T>) =>
    inRealTime(run, Date.parse(worker.config.compatibilityDate ?? '1970-01-01'))
  const { made: miniflare, listening } = await inTime(async () =>
    watchRuntime(
      () =>
        new Miniflare({
          host: address,
          port,
          cf: false,
          // Else miniflare keeps a register of its instances in the home of the user.
          enableDevRegistry: false,
          log: new Log(LogLevel.NONE),
          logRequests: false,
          handleStructuredLogs: ({ message }) => (onLog ? onLog(message) : process.stderr.write(`${message}\n`)),
          ...(tls && { https: true, httpsKey: tls.key, httpsCert: tls.cert }),
          ...(state !== undefined && { resourcePersistencePath: state }),
          workers: [worker],
        }),
    ),
  )
  const stop = () => inRealTime(() => miniflare.dispose()).finally(() => tls?.remove())
  try {
    const taken = await inTime(() => listening)
    const entry = await miniflare.ready
    const urlOf = (name: string) => `${https ? 'https' : 'http'}://${bracketed(name)}:${taken}`
    const reachable = reachableAddress(address)
    const ask = (name: string) => askHealth(name, taken, tls?.ca).then(() => urlOf(name))
    const url = await ask(reachable)
      // The loopback interface may have no IPv6, where `::` takes connections by IPv4 all the same.
      .catch((error: unknown) => (address === '::' ? ask(LOCALHOST) : Promise.reject(error)))
      .catch((error: unknown) => {
        throw new Error(`The mock listens on ${host} and cannot be reached at ${urlOf(reachable)}: ${codeOf(error)}.`)
      })
    return {
      url,
      ...(tls && { caFile: tls.caFile }),
      ask: (path, init) => miniflare.dispatchFetch(new URL(path, entry), init),
      stored: async () => {
        const { CONTENT } = await miniflare.getBindings<Bindings>()
        const { objects } = await CONTENT.list()
        const content = objects.filter(({ key }) => !key.startsWith('sandboxes/'))
        return { objects: content.length, bytes: content.reduce((sum, { size }) => sum + size, 0) }
      },
      stop,
    }
  } catch (error) {
    // An error of the end says no more than the error of the start.
    await stop().catch(() => undefined)
    throw error
  }
}

async function loadMiniflare() {
  try {
    // Here, since it takes its time to load: a wrong flag is told at once.
    return await import('miniflare')
  } catch (error) {
    throw new RuntimeFailure(error instanceof Error ? error.message : String(error))
  }
}

async function makeTls(names: string[]) {
  const { makeCertificate } = await import('./certificate.ts')
  const directory = await mkdtemp(join(tmpdir(), 'update-session-mock-'))
  const remove = () => {
    process.off('exit', remove)
    rmSync(directory, { recursive: true, force: true })
  }
  // Also where a signal ends the process before `stop` has.
  process.once('exit', remove)
  // By the clock of the machine, as other processes see it, and by `Date`, which a test may have set to any time.
  const { mtimeMs } = await stat(directory)
  const { ca, cert, key } = await makeCertificate([Date.now(), mtimeMs], names)
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, ca)
  return { ca, cert, key, caFile, remove }
}

/** Tried before the Worker is started, which would say it less clearly, or wait for ever. */
async function tryListening(port: number, host: string): Promise<void> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EADDRINUSE') throw new PortTaken(`Port ${port} of ${host} is in use.`)
    if (code === 'EACCES') throw new PortTaken(`Port ${port} of ${host} is not for this user to listen on.`)
    throw new Unusable(`There is no listening on ${host}, which is no address of this machine (${code}).`)
  } finally {
    server.close()
  }
}

async function tryWriting(directory: string): Promise<void> {
  await makeDirectory(resolve(directory))
  // Being allowed to write is not enough: nothing can be made below /proc.
  await rmdir(await mkdtemp(join(directory, '.try-')))
}

/** With those above it. Node's own way, `recursive`, never ends below /proc. */
async function makeDirectory(path: string): Promise<void> {
  const make = () =>
    mkdir(path).catch(async (error: unknown) => {
      const found = await stat(path).catch(() => undefined)
      if (!found?.isDirectory()) throw error
    })
  await make().catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await make()
  })
}
