#!/usr/bin/env node
// The command: starts the mock, says where it is, and stops it when asked to.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { isAllowed, passwordOf, readCredentials } from '../rules/credentials.ts'
import { exportLines, shellWord } from './environment.ts'
import { interruption, Interrupted } from './interruption.ts'
import { requireNode } from './node-version.ts'
import { codeOf, isMisspelled, messageOf, PortTaken, Unusable } from './problem.ts'
import { serve, type Embedded } from './server.ts'

/** An import loads all that `node:util` lists, 1 MiB of it for as long as the mock runs. */
const { parseArgs } = process.getBuiltinModule('node:util')
const PORT = 8989
const EXIT = { usage: 2, cannotStart: 3 }
/** Set for the process that runs in the background: its parent waits for a message from it. */
const CHILD = 'UPDATE_SESSION_MOCK_CHILD'

const USAGE = `Usage: update-session-mock [OPTIONS]
       update-session-mock verify [--provider URL] PACT...
       update-session-mock smoke URL --user NAME --password TEXT
       update-session-mock mutants -- COMMAND

Starts a vCenter for tests of Content Library update sessions.

  -p, --port PORT      the port to listen on; 0 is any free port (default: ${PORT}, or any free port if ${PORT} is taken)
      --host ADDRESS   the address to listen on (default: 127.0.0.1)
      --https          use https, with a certificate made at this start for the host, and the host of PUBLIC_URL
      --https-name N   another name that clients use, in the certificate; may be repeated
      --ca-file PATH   write the authority of the certificate there (default: a file that is gone when the mock stops)
      --cert PATH      use https with this certificate, in PEM
      --key PATH       the key of this certificate
      --state DIR      keep state in this directory (default: nowhere; rows lie in /dev/shm where that has 512 MiB free, content
                       in the directory for temporary files, and both go when the mock stops)
      --env            start in the background and print environment lines, for eval "$(update-session-mock --env)"
      --user NAME      the user in the lines that are printed (default: user)
      --var NAME=VALUE set a variable that the README lists; may be repeated
      --admin-token T  the token of the admin API (default: none on a loopback address, else a random one)
  -v, --verbose        print a line for each request on stderr, not for refused ones alone: text on a terminal, else JSON
      --version        print the version
  -h, --help           print this

verify, smoke and mutants describe themselves with --help. The environment can set every option above but the last two instead:
UPDATE_SESSION_MOCK_PORT=0 is --port 0, and UPDATE_SESSION_MOCK_HTTPS=1 is --https. Exit codes: 0 done, 1 a contract is
broken, a check has failed or a mutant is missed, 2 wrong usage, or nothing could be verified or tried, 3 the mock cannot
start or go on; 128 plus the number of the signal that stopped it, for example 130 after Ctrl-C.
`

const options = {
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  https: { type: 'boolean' },
  'https-name': { type: 'string', multiple: true },
  'ca-file': { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  state: { type: 'string' },
  env: { type: 'boolean' },
  user: { type: 'string' },
  var: { type: 'string', multiple: true },
  'admin-token': { type: 'string' },
  verbose: { type: 'boolean', short: 'v' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const
type Flags = ReturnType<typeof parse>

/** The variables that have set options, for who reads an error. */
let variables: string[] = []

/** Of an option that is given twice the last counts. */
function parse(args: string[]) {
  const found = fromEnvironment()
  variables = found.map(({ variable }) => variable)
  return parseArgs({ args: [...found.map(({ arg }) => arg), ...args], options }).values
}

/**
 * Not `version` and `help`: a job may have the version of the package in a variable of this name. Kubernetes gives the address
 * of a Service of this name to all, in one for the port.
 */
const fromEnvironment = () =>
  Object.entries(options).flatMap(([name, { type }]) => {
    const variable = `UPDATE_SESSION_MOCK_${name.replaceAll('-', '_').toUpperCase()}`
    const value = process.env[variable] ?? ''
    if (value === '' || name === 'version' || name === 'help' || (name === 'port' && value.includes('://'))) return []
    if (type === 'string') return [{ variable, arg: `--${name}=${value}` }]
    return ['0', 'false', 'no', 'off'].includes(value.toLowerCase()) ? [] : [{ variable, arg: `--${name}` }]
  })

/** Each is loaded where it is asked for: Pact is an optional dependency. They answer the exit code. */
const VERBS = new Map<string | undefined, (args: string[]) => Promise<number>>([
  ['verify', async (args) => (await import('./verify.ts')).verify(args)],
  ['smoke', async (args) => (await import('./smoke.ts')).smoke(args)],
  ['mutants', async (args) => (await import('./mutants.ts')).mutants(args)],
])

/** An exit code; or `running`, when the server now keeps the process alive. */
async function main(args: string[]): Promise<number | 'running'> {
  requireNode()
  const verb = VERBS.get(args[0])
  if (verb) {
    // Without a reader of stderr each complaint would be an error of its own, without end.
    process.stderr.on('error', () => undefined)
    process.on('uncaughtException', (error) => exit(complain(error)))
    return verb(args.slice(1))
  }
  const flags = parse(args)
  if (!flags.help && !flags.version) return flags.env ? background(args) : foreground(flags)
  console.log(flags.help ? USAGE : await version())
  return 0
}

async function foreground(flags: Flags): Promise<'running'> {
  const { CREDENTIALS = '' } = varsOf(flags)
  const { user } = flags
  // Basic, as the printed curl sends it, ends a user at the first colon.
  if (
    user !== undefined &&
    (user.includes(':') || !isAllowed({ user, password: passwordOf(user, CREDENTIALS) }, CREDENTIALS))
  )
    throw new Unusable(`--user wants a user who may log in, which "${user}" may not.`)
  // A mock goes on without a reader of its lines.
  process.stderr.on('error', () => undefined)
  const isChild = process.env[CHILD] !== undefined
  if (isChild) process.once('disconnect', endAlone)
  const interrupted = interruption()
  let server: Embedded | undefined
  // The end of this process takes a runtime with it that is still starting.
  interrupted.addEventListener('abort', () => {
    const stopped = Promise.resolve(server?.stop()).catch(() => undefined)
    void stopped.finally(() => process.exit(complain(interrupted.reason)))
  })
  server = await startServer(flags)
  if (isChild) {
    process.off('disconnect', endAlone)
    const own = {
      UPDATE_SESSION_MOCK_PID: `${process.pid}`,
      ...(server.token !== '' && { UPDATE_SESSION_MOCK_TOKEN: server.token }),
    }
    process.send?.({ lines: exportLines({ ...server.env(userOf(flags)), ...own }) })
    process.disconnect()
  } else console.log(await greeting(server, flags))
  return 'running'
}

/** Its parent has ended before it was told where the mock is, which would run unknown to all. */
const endAlone = () => process.exit(EXIT.cannotStart)

async function startServer(flags: Flags): Promise<Embedded> {
  const { port, verbose, cert, key, https = cert !== undefined, 'admin-token': token, ...options } = flags
  const attempt = (port: number) =>
    serve({
      ...options,
      port,
      https,
      httpsNames: flags['https-name'],
      caPath: flags['ca-file'],
      certPath: cert,
      keyPath: key,
      vars: {
        ...(verbose && { LOG_REQUESTS: process.stderr.isTTY ? 'text' : 'json' }),
        ...varsOf(flags),
        ...(token !== undefined && { ADMIN_TOKEN: token }),
      },
    })
  if (port !== undefined) return attempt(portOf(port))
  return attempt(PORT).catch((error: unknown) => {
    if (error instanceof PortTaken) return attempt(0)
    throw error
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Unusable(`--port wants a number from 0 to 65535, not "${text}".`)
}

function pair(text: string): [string, string] {
  const [, name, value] = /^([A-Z_]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new Unusable(`--var wants NAME=VALUE, not "${text}".`)
  return [name, value]
}

const varsOf = (flags: Flags): Record<string, string> => Object.fromEntries((flags.var ?? []).map(pair))

/** The user in the lines that are printed: one that CREDENTIALS lists, where it lists any. */
const userOf = (flags: Flags): string =>
  flags.user ?? readCredentials(varsOf(flags)['CREDENTIALS'] ?? '')?.[0]?.user ?? 'user'

async function greeting(server: Embedded, flags: Flags): Promise<string> {
  const { url, caFile, token } = server
  const { user, password } = server.loginOf(userOf(flags))
  const who = varsOf(flags)['CREDENTIALS'] ? 'the users that CREDENTIALS lists' : 'any user with any password'
  const trust = caFile === undefined ? '' : ` --cacert ${shellWord(caFile)}`
  const rows = [
    ['API', `${url}/api and ${url}/rest`],
    ['console', `${url}/__admin/`],
    ['state', flags.state === undefined ? 'lost when the mock stops' : `in ${flags.state}`],
    ['login', `${who}; each user name has its own vCenter`],
    ...(caFile === undefined
      ? []
      : [['trust', flags['ca-file'] === undefined ? `${caFile}, until the mock stops` : caFile]]),
    ...(token === '' ? [] : [['token', `${token} opens the admin API`]]),
  ]
  return [
    `update-session-mock ${await version()}: a vCenter for tests of Content Library update sessions`,
    '',
    ...rows.map(([name = '', text]) => `  ${name.padEnd(8)} ${text}`),
    '',
    'Try it:',
    `  curl -s${trust} -u ${shellWord(`${user}:${password}`)} -X POST ${url}/api/session`,
    '',
    'For govc, Terraform, Ansible and the SDKs (docs/clients.md of the package has a section for each):',
    ...exportLines(server.env(user)).map((line) => `  ${line}`),
    '',
    'Ctrl-C stops the mock.',
  ].join('\n')
}

/** A process that goes on when this one has said where it is. */
async function background(args: string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1] ?? '', ...args.filter((arg) => arg !== '--env')],
    {
      detached: true,
      // Not inherited: a shell that reads our output to its end must not wait for the end of the mock.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, [CHILD]: '1', UPDATE_SESSION_MOCK_ENV: '' },
    },
  )
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.stderr?.pipe(process.stderr)
  child.once('exit', (code) => resolve(code ?? EXIT.cannotStart))
  child.once('message', ({ lines }: { lines: string[] }) => {
    child.stderr?.destroy()
    child.unref()
    process.stdout.write(`${lines.join('\n')}\n`, (error) => {
      if (!error) return resolve(0)
      // It would run unknown to all.
      child.kill()
      reject(error)
    })
  })
  return promise
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Says what went wrong, and answers the exit code: never 1, which is for a contract, a check or a mutant alone. */
function complain(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode
  const isUsage = error instanceof Unusable || isMisspelled(error)
  const remedy = error instanceof PortTaken ? ' Name another with --port, or let --port 0 find one.' : ''
  const lines = [
    `update-session-mock: ${messageOf(error)}${remedy}`,
    ...(isUsage && variables.length > 0 ? [`The environment has set options: ${variables.join(', ')}.`] : []),
    ...(isMisspelled(error) ? ['Try --help.'] : []),
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
  return isUsage ? EXIT.usage : EXIT.cannotStart
}

/** Why what was printed is lost. A reader that has gone wants no more. */
let loss: unknown
process.stdout.on('error', (error) => {
  if (codeOf(error) !== 'EPIPE') loss = error
})

/** When all is written, of which a pipe takes 64 KiB at a time. */
async function exit(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<unknown>((resolve) => stream.once('error', resolve).write('', resolve))
  process.exit(code === 0 && loss !== undefined ? complain(loss) : code)
}

const code = await main(process.argv.slice(2)).catch(complain)
if (code !== 'running') await exit(code)
// A signal ends a mock with a code of its own. One that ends by itself is down.
process.exitCode = EXIT.cannotStart
