// The mock in a test: `await using vcenter = await start()`.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { TransitionsSpec } from '../admin/shapes.ts'
import { hint } from '../rules/nearest.ts'
import { login, type Client } from '../client/client.ts'
import { MUTANT_VARIABLE } from './environment.ts'
import { requireNode } from './node-version.ts'
import { serve, type Embedded, type StartOptions } from './server.ts'
import { steer, type Sandbox } from './steer.ts'

/** An import loads more, as in command.ts. */
const { inspect } = process.getBuiltinModule('node:util')

export type { DurationSpec as Duration, FaultSpec as Fault, PatternSpec as Pattern } from '../admin/shapes.ts'
export type { SessionChangeSpec as SessionChange, SessionSpec } from '../admin/shapes.ts'
export type { FaultView as ActiveFault, SessionView as SeenSession } from '../admin/view-shapes.ts'
export type { StartOptions } from './server.ts'
export type { JournalEntry, Sandbox } from './steer.ts'
export type Completion = TransitionsSpec['complete']
export type Clock = Sandbox['clock']
export type Faults = Sandbox['faults']
export type Journal = Sandbox['journal']
export type Sessions = Sandbox['sessions']

/** One of the vCenters on a server, and a client in it. */
export type LocalSandbox = Sandbox & {
  /** A client of the API, logged in as the user of the sandbox. */
  client: () => Promise<Client>
}

/** Everything but `sandbox` is about the sandbox named `user`, whose login is `user` and `pass`. */
export type VCenter = LocalSandbox &
  AsyncDisposable & {
    /** As `http://127.0.0.1:40123`. */
    url: string
    /** The authority that signed the server's certificate, in PEM. Only of https. */
    ca?: string
    /** What govc, Terraform and Ansible read to find this server, for the user of a sandbox. */
    env: (sandbox?: string) => Record<string, string>
    /** Another vCenter on the same server, for a test that runs beside others. */
    sandbox: (name: string) => LocalSandbox
    /** Asking twice changes nothing. */
    stop: () => Promise<void>
  }

const isText = (value: unknown) => typeof value === 'string'
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isPort = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535
const TEXT = { takes: 'a text', isRight: isText }

/** For tests in JavaScript: what each option takes. */
const OPTIONS: Record<keyof StartOptions, { takes: string; isRight: (value: unknown) => boolean }> = {
  port: { takes: 'a whole number from 0 to 65535', isRight: isPort },
  host: TEXT,
  https: { takes: 'true or false', isRight: (value) => typeof value === 'boolean' },
  httpsNames: { takes: 'a list of texts', isRight: (value) => Array.isArray(value) && value.every(isText) },
  caPath: TEXT,
  certPath: TEXT,
  keyPath: TEXT,
  state: TEXT,
  vars: {
    takes: "an object whose values are texts, as { JOURNAL_SIZE: '100' }",
    isRight: (value) => isObject(value) && Object.values(value as object).every(isText), // as just seen
  },
  onLog: { takes: 'a function', isRight: (value) => typeof value === 'function' },
}

function checkOptions(options: object): void {
  if (!isObject(options)) throw new Error('start() takes an object of options.')
  for (const [name, value] of Object.entries(options)) {
    const option = Object.entries(OPTIONS).find(([known]) => known === name)?.[1]
    if (!option) throw new Error(`start() has no option ${name}. ${hint(name, Object.keys(OPTIONS))}`)
    if (value !== undefined && !option.isRight(value))
      throw new Error(`The option ${name} of start() takes ${option.takes}, not ${inspect(value, { depth: 1 })}.`)
  }
}

const USER = 'user'

export async function start(options: StartOptions = {}): Promise<VCenter> {
  requireNode()
  checkOptions(options)
  const mutant = process.env[MUTANT_VARIABLE]
  const server = await serve({
    ...options,
    vars: { ADMIN_TOKEN: randomUUID(), ...(mutant !== undefined && { MUTANT: mutant }), ...options.vars },
  })
  const { url, caFile, token, loginOf, stop } = server
  const sandbox = (name: string): LocalSandbox => ({
    ...steer(server.ask, name, token),
    client: () => login(url, loginOf(name), fetchFrom(server)),
  })
  return {
    ...sandbox(USER),
    url,
    ...(caFile !== undefined && { ca: await readFile(caFile, 'utf8') }),
    env: (user = USER) => server.env(user),
    sandbox,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Over a socket of its own, which a test's page or interceptors do not see, with trust in the certificate made at the start. */
const fetchFrom =
  ({ askAsClient }: Embedded) =>
  async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url)
    const body = await request.text()
    const { status, text } = await askAsClient(pathname + search, {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      ...(body !== '' && { body }),
    })
    return new Response(text === '' ? null : text, { status, headers: { 'content-type': 'application/json' } })
  }
