// `npm run dev`: wrangler dev with checked settings and an admin token. Other machines, and pages by DNS rebinding, reach
// this server under any Host and URL that they choose (wrangler's proxy believes MF-Original-URL), so only a token tells who
// may use the admin API.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { get as getPlainly } from 'node:http'
import { get as getSecurely } from 'node:https'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { unstable_getVarsForDev, unstable_readConfig } from 'wrangler'
import { exportLines } from '../src/node/environment.ts'
import { localVariables, whyNoStart } from '../src/rules/settings.ts'

const WRANGLER = fileURLToPath(new URL('../node_modules/wrangler/bin/wrangler.js', import.meta.url))
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const args = process.argv.slice(2)
const text = { type: 'string' } as const
const { values } = parseArgs({
  args,
  options: {
    'local-protocol': text,
    config: { ...text, short: 'c' },
    env: { ...text, short: 'e' },
    'env-file': { ...text, multiple: true },
    var: { ...text, multiple: true },
  },
  strict: false,
})
const given = Object.fromEntries(textsOf(values.var).map((pair) => pair.split(/:(.*)/s).slice(0, 2)))

const why = whyNoStart(given, configured())
if (why !== undefined) {
  process.stderr.write(`npm run dev: ${why}\n`)
  process.exit(2)
}
const token = given['ADMIN_TOKEN'] || process.env['ADMIN_TOKEN'] || randomUUID()
const wrangler = spawn(
  process.execPath,
  [
    WRANGLER,
    'dev',
    '--var',
    'PULL_HOSTS:loopback',
    '--var',
    `LOG_REQUESTS:${localVariables['LOG_REQUESTS']}`,
    ...args,
    // The last one counts.
    '--var',
    `ADMIN_TOKEN:${token}`,
  ],
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // wrangler's page of all storage wants no token, and other machines open it by a forged Host.
    env: { ...process.env, X_LOCAL_EXPLORER: 'false' },
  },
)
wrangler.on('message', (message) => {
  if (typeof message !== 'string') return
  const { event, ip, port } = JSON.parse(message) as { event: string; ip: string; port: number | null } // wrangler's own
  if (event === 'DEV_SERVER_READY') greet(ip, port)
})
wrangler.once('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGTERM']
})
// wrangler ends its own child on SIGTERM and SIGINT only.
for (const signal of SIGNALS) process.on(signal, () => wrangler.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal))

/** What the worker will have of wrangler's configuration and of the files beside it. */
function configured(): Record<string, unknown> {
  const [config = 'wrangler.toml'] = textsOf(values.config)
  const [env] = textsOf(values.env)
  const { configPath, vars, secrets } = unstable_readConfig({ config, ...(env !== undefined && { env }) })
  const files = textsOf(values['env-file'])
  const bindings = unstable_getVarsForDev(configPath, files.length > 0 ? files : undefined, vars, env, true, secrets)
  return Object.fromEntries(Object.entries(bindings).map(([name, { value }]) => [name, value]))
}

/** The texts that were given for an option, which may also stand without one. */
function textsOf(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string')
}

/** Says where the console is, once it is there. */
function greet(ip: string, given: number | null): void {
  const isHttps = values['local-protocol'] === 'https'
  const [protocol, get] = isHttps ? ['https', getSecurely] : ['http', getPlainly]
  // wrangler tells no port that a URL leaves out.
  const port = given ?? (isHttps ? 443 : 80)
  const host = ['0.0.0.0', '::', '[::]', '*'].includes(ip) ? '127.0.0.1' : ip
  const url = `${protocol}://${host}:${port}/__admin/`
  const lines = [
    '',
    'The console, opened by its admin token:',
    `  ${url}#token=${encodeURIComponent(token)}`,
    'For curl (docs/admin.md):',
    ...exportLines({ ADMIN_TOKEN: token }).map((line) => `  ${line}`),
    '',
    '',
  ]
  // wrangler holds the request back until the worker can answer it. Its certificate is of its own making.
  const asked = get(`${url}health`, { rejectUnauthorized: false, agent: false }, (answer) => {
    answer.resume()
    process.stdout.write(lines.join('\n'))
  })
  asked.on('error', (error) => process.stderr.write(`${url} does not answer: ${error.message}\n`))
}
