// The built Worker on an address of the caller's, in a runtime (workerd) of its own.
import { once } from 'node:events'
import { copyFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { passwordOf, type Credentials } from '../rules/credentials.ts'
import { whyNoStart } from '../rules/settings.ts'
import { bracketed, hostOf, isLoopbackAddress, namesOf, reachableAddress, resolveHost } from './address.ts'
import { ask, type Asked, type Trust } from './ask.ts'
import { readBundle } from './bundle.ts'
import { environment } from './environment.ts'
import { codeOf, messageOf, PortTaken, Unusable } from './problem.ts'
import { startRuntime } from './runtime.ts'
import { CLIENTS, runtimeConfig, SCRIPT, STEERING } from './runtime-config.ts'
import { openState, watchState } from './state.ts'
import { makeTemporaryFolder, refuseTemporary, temporaryState } from './temporary.ts'
import { tlsFor, whyNoTls, type TlsOptions } from './tls.ts'

/** What `npm run build` makes, seen from `src/` and from `dist/` alike. */
const WORKER = new URL('../../dist/worker/', import.meta.url)
const PAGES = new URL('../../dist/assets/', import.meta.url)
const LOCALHOST = '127.0.0.1'

export type StartOptions = TlsOptions & {
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
export type Embedded = Awaited<ReturnType<typeof serve>>

export async function serve({
  port = 0,
  host = LOCALHOST,
  https = false,
  state,
  vars = {},
  onLog,
  ...tlsOptions
}: StartOptions = {}) {
  const address = await resolveHost(host)
  const bundle = await readBundle(WORKER)
  const values = { ...bundle.vars, LOG_REQUESTS: onLog ? 'json' : 'refused', ...vars }
  const why = whyNoStart(vars, values) ?? whyNoTls(https, tlsOptions)
  if (why !== undefined) throw new Unusable(why)
  const { ADMIN_TOKEN = '', CREDENTIALS = '', PUBLIC_URL = '' } = vars
  const publicHost = hostOf(PUBLIC_URL) ?? address
  // With a public URL of another host there is a proxy, which lets others in and may call this host by a loopback name.
  const isLocal = [address, publicHost].every(isLoopbackAddress)
  const token = ADMIN_TOKEN === '' && !isLocal ? crypto.randomUUID() : ADMIN_TOKEN
  const tell = onLog ?? ((line: string) => process.stderr.write(`${line}\n`))
  /** What the end undoes, the last first. */
  const undo: (() => unknown)[] = []
  let ended: Promise<void> | undefined
  const end = async () => {
    for (const each of undo.splice(0).toReversed()) await each()
  }
  const stop = () => (ended ??= end())
  try {
    const folder = await makeTemporaryFolder()
    undo.push(folder.remove)
    const kept = state === undefined ? undefined : await openState(state, bundle.schema)
    if (kept) undo.push(kept.close)
    if (kept?.problem !== undefined) tell(kept.problem)
    const folders = kept ?? (await temporaryState(folder).catch(refuseTemporary))
    const tls = https ? await tlsFor(tlsOptions, folder.path, [host, ...namesOf(address), publicHost]) : undefined
    const config = runtimeConfig({
      bundle,
      // Not among the variables that users set: LOCAL_ADMIN opens the admin API to every client on this machine.
      vars: { ...values, ADMIN_TOKEN: token, OWN_CONNECTIONS: 'on', ...(isLocal && { LOCAL_ADMIN: 'on' }) },
      pages: fileURLToPath(PAGES),
      objects: folders.objects,
      bytes: folders.bytes,
      address: `${bracketed(address)}:${port}`,
      ...(tls && { tls }),
      ...(await reachOf(values)),
    })
    const configFile = join(folder.path, 'runtime.capnp')
    await writeFile(configFile, config, { mode: 0o600 }).catch(refuseTemporary)
    await copyFile(bundle.script, join(folder.path, SCRIPT)).catch(refuseTemporary)
    const runtime = await startRuntime(
      configFile,
      { [CLIENTS]: bracketed(address), ...(tls && { [STEERING]: LOCALHOST }) },
      tell,
      kept ? '' : dirname(folders.objects),
    ).catch(async (error: unknown) => {
      await tryListening(port, address)
      throw withRemedy(error, folders.objects, tlsOptions.keyPath)
    })
    undo.push(runtime.stop)
    const stopWatching = await watchState(folders, (path) => {
      tell(`${path} is gone, and the state with it. The mock is down: start it again.`)
      void runtime.stop()
    })
    undo.push(stopWatching)
    const taken = runtime.ports.get(CLIENTS) ?? port
    const trust = tls && { ca: tls.made?.ca }
    const reached = await findReachable(address, taken, trust).catch((error: unknown) => {
      const where = urlOf(address, taken, https)
      throw new Error(`The mock listens on ${host} and cannot be reached at ${where}: ${messageOf(error)}.`)
    })
    const steering = runtime.ports.get(STEERING)
    const asked = steering === undefined ? { host: reached, port: taken } : { host: LOCALHOST, port: steering }
    const url = urlOf(reached, taken, https)
    /** What clients are to trust, in PEM: a file that is gone when the server stops. Only of https. */
    const caFile = tls?.made?.caFile
    /** With the password that CREDENTIALS gives the user. */
    const loginOf = (user: string): Credentials => ({ user, password: passwordOf(user, CREDENTIALS) })
    return {
      url,
      caFile,
      /** What opens the admin API: as given, or made at a start that others reach; else empty. */
      token,
      loginOf,
      /** What clients of vSphere read to find this server, for this user. */
      env: (user: string) => environment({ url, ...loginOf(user), caFile }),
      /** A request over plain http on a loopback address: it needs no trust in a certificate. */
      ask: (path: string, request?: Asked) => ask(asked, path, request),
      /** A request on the socket of clients: the addresses in its answer are for clients. */
      askAsClient: (path: string, request?: Asked) => ask({ host: reached, port: taken, tls: trust }, path, request),
      /** Where the bytes of content lie. */
      bytesFolder: folders.bytes,
      stop,
    }
  } catch (error) {
    // An error of the end says no more than the error of the start.
    await stop().catch(() => undefined)
    throw error
  }
}

/**
 * What the runtime says in words of its own. Of a state it opens at its start only where it notes the alarms; those of a sandbox
 * are set anew when it is next used.
 */
function withRemedy(error: unknown, objects: string, keyPath = ''): unknown {
  if (!(error instanceof Error)) return error
  if (keyPath !== '' && error.message.includes('private key'))
    return new Unusable(
      `The runtime cannot use the key in ${keyPath}: it takes RSA of 2048 bits and more, ECDSA on P-256 and P-384, and Ed25519.`,
    )
  if (!/SQLITE_|filesystem/.test(error.message)) return error
  const remedy = `It cannot use what lies in ${objects}. Delete the files there whose names begin with metadata.sqlite, which hold alarms alone and are made anew, or name another directory.`
  return new Error(`${error.message}\n${remedy}`, { cause: error })
}

const urlOf = (address: string, port: number, https: boolean): string =>
  `${https ? 'https' : 'http'}://${bracketed(reachableAddress(address))}:${port}`

/** The address at which the mock answers. The loopback interface may have no IPv6, where `::` takes connections by IPv4 all the same. */
async function findReachable(address: string, port: number, tls?: Trust): Promise<string> {
  const reachable = reachableAddress(address)
  const askHealth = async (host: string) => {
    const { status } = await ask({ host, port, tls }, '/__admin/health')
    if (status !== 200) throw new Error(`it answers ${status}`)
    return host
  }
  return askHealth(reachable).catch((error: unknown) =>
    address === '::' ? askHealth(LOCALHOST) : Promise.reject(error),
  )
}

/** What a PULL may reach: of PULL_HOSTS, `*` names all hosts but those on this machine and in private networks. */
async function reachOf({ PULL_HOSTS = '' }: Record<string, string>) {
  const hosts = PULL_HOSTS.split(',').filter((host) => host.trim() !== '')
  return {
    isPrivateReachable: hosts.some((host) => host.trim() !== '*'),
    // To load and to pass on all of them takes a tenth of a start and of the memory.
    authorities: hosts.length === 0 ? [] : (await import('node:tls')).getCACertificates('default'),
  }
}

/** Tried where the runtime has failed, which says it less clearly. Tried before, it would take a waiting client's connection and lose it. */
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
