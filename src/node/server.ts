// The worker as it is deployed, on a server of the caller's own.
import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rmdir, stat } from 'node:fs/promises'
import { createServer, isIP, isIPv4, isIPv6 } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MiniflareOptions } from 'miniflare'
import sirv from 'sirv'
import { whyNoStart } from '../rules/settings.ts'
import { askHealth } from './health.ts'
import { inRealTime } from './real-time.ts'
import { RuntimeFailure, watchRuntime } from './runtime.ts'
import type { Ask } from './steer.ts'
import { makeTls, readTls, whyNoTls, type Tls, type TlsOptions } from './tls.ts'

/** What `npm run build` makes, seen from `src/` and from `dist/` alike. */
const WORKER = new URL('../../dist/worker/', import.meta.url)
const PAGES = new URL('../../dist/assets/', import.meta.url)

export type Options = TlsOptions & {
  /** 0 takes any that is free. */
  port?: number
  host?: string
  https?: boolean
  /** Where state is kept when the server stops; without it, it is gone. */
  stateDirectory?: string
  /** These replace the variables of wrangler.toml, and its secrets. */
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

/** The port that was asked for cannot be had. */
export class PortTaken extends Error {}
/** What was asked for cannot be: in words for who asked. */
export class Unusable extends Error {}

/** Whether only clients on this machine reach who listens here. Another name than localhost may lead anywhere. */
export const isLoopback = (host = '127.0.0.1'): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/**
 * Whether only clients on this machine reach who listens there. With a public URL of another host there is a proxy, which lets
 * others in and may call this host by a loopback name.
 */
const isLocal = (host: string | undefined, publicUrl = ''): boolean =>
  isLoopback(host) && isLoopback(hostIn(publicUrl)[0])

/** The admin token of a mock that listens on this host: as given; where others reach it, there is always one. */
export const adminToken = (host: string | undefined, given: string, publicUrl?: string): string =>
  given !== '' || isLocal(host, publicUrl) ? given : randomUUID()

export async function serve({ port = 0, host = '127.0.0.1', ...options }: Options = {}): Promise<Embedded> {
  const {
    certPath,
    https = certPath !== undefined,
    stateDirectory,
    vars = {},
    onLog = (line: string) => process.stderr.write(`${line}\n`),
  } = options
  const bundle = await workerIn(WORKER, { LOG_REQUESTS: options.onLog ? 'json' : 'refused', ...vars })
  const why = whyNoStart(vars, textsIn(bundle.config.env)) ?? whyNoTls(https, options)
  if (why !== undefined) throw new Unusable(why)
  const address = await addressOf(host)
  await tryListening(port, address)
  await tryWriting(tmpdir()).catch((error: unknown) => {
    throw new Error(
      `Temporary files cannot be kept in ${tmpdir()} (${codeOf(error)}). Set TMPDIR to another directory.`,
    )
  })
  if (stateDirectory !== undefined)
    await tryWriting(stateDirectory).catch((error: unknown) => {
      throw new Unusable(
        `State cannot be kept in ${stateDirectory} (${codeOf(error)}). Name a directory that can be written.`,
      )
    })
  const tls = https ? await tlsFor(options, [host, ...namesOf(address), ...hostIn(vars['PUBLIC_URL'])]) : undefined
  const { Log, LogLevel, Miniflare } = await loadMiniflare()
  // miniflare refuses a compatibility date after today; a clock may be behind, or a test may have set it back.
  const inTime = <T>(run: () => Promise<T>) =>
    inRealTime(run, Date.parse(bundle.config.compatibilityDate ?? '1970-01-01'))
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
          handleStructuredLogs: ({ message }) => onLog(message),
          ...(tls && { https: true, httpsKey: tls.key, httpsCert: tls.cert }),
          ...(stateDirectory !== undefined && { resourcePersistencePath: stateDirectory }),
          workers: [isLocal(address, vars['PUBLIC_URL']) ? withLocalAdmin(bundle) : bundle],
        }),
    ),
  )
  const stop = async () => {
    await inRealTime(() => miniflare.dispose()).finally(() => tls?.remove())
  }
  try {
    const taken = await inTime(() => listening)
    const entry = await miniflare.ready
    const urlOf = (name: string) => `${https ? 'https' : 'http'}://${isIPv6(name) ? `[${name}]` : name}:${taken}`
    const shown = shownOf(address)
    const ask = (name: string) => askHealth(name, taken, tls && { ca: tls.made?.ca }).then(() => urlOf(name))
    const url = await ask(shown)
      // The loopback interface may have no IPv6, where `::` takes connections by IPv4 all the same.
      .catch((error: unknown) => (address === '::' ? ask('127.0.0.1') : Promise.reject(error)))
      .catch((error: unknown) => {
        throw new Error(`The mock listens on ${host} and cannot be reached at ${urlOf(shown)}: ${codeOf(error)}.`)
      })
    return {
      url,
      ...(tls?.made && { caFile: tls.made.caFile }),
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
    // What is wrong with disposing of it is no more than what was wrong with its start.
    await stop().catch(() => undefined)
    throw error
  }
}

/** Not among the variables that users set: it opens the admin API to every client on this machine. */
const withLocalAdmin = ({ config, ...worker }: Worker): Worker => ({
  ...worker,
  config: { ...config, env: { ...config.env, LOCAL_ADMIN: { type: 'text', value: 'on' } } },
})

async function loadMiniflare() {
  try {
    // Here, since it takes its time to load: a wrong flag is told at once.
    return await import('miniflare')
  } catch (error) {
    throw new RuntimeFailure(error instanceof Error ? error.message : String(error))
  }
}

/** A name is resolved once: what listens, what the certificate says and what is printed are one address. */
async function addressOf(host: string): Promise<string> {
  const { address } = isIP(host)
    ? { address: host }
    : await lookup(host, { order: 'ipv4first' }).catch((error: unknown) => {
        throw new Unusable(`There is no address for the host "${host}" (${codeOf(error)}).`)
      })
  const url = `http://${isIPv6(address) ? `[${address}]` : address}`
  if (!isIP(address) || !URL.canParse(url))
    throw new Unusable(`The host "${host}" cannot stand in a URL. Name another address, without an interface.`)
  // In its usual form: `::`, not `0:0::0`.
  return new URL(url).hostname.replaceAll(/[[\]]/g, '')
}

/** A client can connect to every address but those that stand for all. */
const shownOf = (address: string): string => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[address] ?? address

/** The certificate that is there, or one for these names and those that were asked for. */
async function tlsFor({ certPath, keyPath, httpsNames = [], caPath }: TlsOptions, names: string[]): Promise<Tls> {
  if (certPath === undefined || keyPath === undefined)
    return makeTls([...names, ...httpsNames], caPath).catch((error: unknown) => {
      throw caPath === undefined
        ? error
        : new Unusable(`The authority cannot be written to ${caPath} (${codeOf(error)}).`)
    })
  return readTls(certPath, keyPath).catch((error: unknown) => {
    throw new Unusable(`${certPath} and ${keyPath} are no certificate with its key (${codeOf(error)}).`)
  })
}

const hostIn = (url = ''): string[] => {
  const host = URL.parse(url)?.hostname.replaceAll(/[[\]]/g, '')
  return host === undefined ? [] : [host]
}

/** What clients may call a server that listens there. */
const namesOf = (address: string): string[] =>
  shownOf(address) === address
    ? [address]
    : Object.values(networkInterfaces()).flatMap((all = []) => all.map((each) => each.address))

type Worker = Extract<MiniflareOptions, { workers: unknown }>['workers'][number]

/**
 * The bundle in a folder that the build has made, with the bindings of wrangler's configuration. The pages are served
 * from here: before a worker that has assets of its own stands miniflare's router, a quarter of the time of a cancel.
 */
export async function workerIn(folder: URL, vars: Record<string, string>, mainModule = 'index.js'): Promise<Worker> {
  const [script, text] = await Promise.all([
    readFile(new URL(mainModule, folder), 'utf8'),
    readFile(new URL('config.json', folder), 'utf8'),
  ])
  const { env = {}, ...config } = JSON.parse(text) as Worker['config'] // written by the build, of this type
  const manifest = {
    mainModule,
    modulesRoot: fileURLToPath(folder),
    modules: { [mainModule]: { type: 'esm' as const, contents: script } },
  }
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }])
  const pages = sirv(fileURLToPath(PAGES), { dev: true })
  const ASSETS = {
    type: 'node-handler',
    handler: (...[request, response]: Parameters<typeof pages>) => pages(request, response),
  }
  return { config: { ...config, manifest, env: { ...env, ASSETS, ...Object.fromEntries(texts) } } }
}

/** The variables among the bindings. */
const textsIn = (env: Worker['config']['env'] = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, binding]) => (binding.type === 'text' ? [[name, binding.value]] : [])),
  )

/** Tried before the worker is started, which would say it less clearly, or wait for ever. */
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

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** On a free port and silent; `vars` replace those of wrangler.toml. */
export const start = (vars: Record<string, string> = {}): Promise<Embedded> =>
  serve({ vars: { LOG_REQUESTS: 'off', ...vars } })

/** The same over https, for clients that speak nothing else; they are to trust what `caFile` holds. */
export async function startTls(vars: Record<string, string> = {}): Promise<Embedded & { caFile: string }> {
  const server = await serve({ vars: { LOG_REQUESTS: 'off', ...vars }, https: true })
  return { ...server, caFile: server.caFile ?? '' }
}
