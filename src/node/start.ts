// The mock in a test: `await using vcenter = await start()`.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { TransitionsSpec } from '../admin/shapes.ts'
import { nearest } from '../rules/nearest.ts'
import { adminToken, serve } from './server.ts'
import { environment } from './environment.ts'
import { steer, type Sandbox } from './steer.ts'

export type {
  DurationSpec as Duration,
  FaultSpec as Fault,
  FaultView as ActiveFault,
  PatternSpec as Pattern,
  SessionSpec,
  SessionView as SeenSession,
} from '../admin/shapes.ts'
export type { Clock, Faults, Journal, JournalEntry, Sandbox, Sessions } from './steer.ts'
export type Completion = TransitionsSpec['complete']

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

/** Everything but `sandbox` is about the sandbox named `user`, whose login is `user` and `pass`. */
export type VCenter = Sandbox &
  AsyncDisposable & {
    /** As `http://127.0.0.1:40123`. */
    url: string
    /** The authority that signed the server's certificate, in PEM. Only of https. */
    ca?: string
    /** What govc, Terraform and Ansible read to find this server, for the user of a sandbox. */
    env: (sandbox?: string) => Record<string, string>
    /** Another vCenter on the same server, for a test that runs beside others. */
    sandbox: (name: string) => Sandbox
    /** Asking twice changes nothing. */
    stop: () => Promise<void>
  }

const OPTIONS = { port: 1, host: 1, https: 1, state: 1, vars: 1, onLog: 1 } satisfies Record<keyof StartOptions, 1>

const USER = 'user'
const PASSWORD = 'pass'

export async function start({ host, state, vars, ...options }: StartOptions = {}): Promise<VCenter> {
  const unknown = Object.keys(options).find((name) => !(name in OPTIONS))
  if (unknown !== undefined)
    throw new Error(`start() has no option ${unknown}. Did you mean ${nearest(unknown, Object.keys(OPTIONS))}?`)
  const token = adminToken(host, vars?.['ADMIN_TOKEN'] ?? randomUUID(), vars?.['PUBLIC_URL'])
  const server = await serve({
    ...options,
    ...(host !== undefined && { host }),
    ...(state !== undefined && { stateDirectory: state }),
    vars: { ...vars, ADMIN_TOKEN: token },
  })
  const { url, caFile } = server
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
  const sandbox = (name: string) => steer(server.ask, name, token)
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= server.stop())
  return {
    ...sandbox(USER),
    url,
    ...(ca !== undefined && { ca }),
    env: (user = USER) => environment({ url, user, password: PASSWORD, ...(caFile !== undefined && { caFile }) }),
    sandbox,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
