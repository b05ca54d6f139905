// The verb `verify`: reads its options, shows how far it is, prints the report, and says by its exit code how it went.
import http, { validateHeaderName, validateHeaderValue } from 'node:http'
import tls from 'node:tls'
import { parseArgs, styleText } from 'node:util'
import { known } from '../contract/provider-states.ts'
import { parseJson } from '../rules/json.ts'
import { DEFAULT_NAME } from './pacts.ts'
import { interruption } from './interruption.ts'
import { Unusable } from './problem.ts'
import { asJunit } from './junit.ts'
import { checkStatically } from './static-check.ts'
import { verifyProvider, type Broker, type Report, type Server, type VerifiedInteraction } from './verifier.ts'

const USAGE = `Usage: update-session-mock verify [PACT]... [--provider URL --user NAME --password TEXT]
       npm run contract -- [PACT]...   in a checkout; without arguments the pact of our own client is written first

Verifies pacts against this mock, started for it. What is named is verified, and nothing else: a file, a folder, of which
the pacts with this provider are taken, or a URL. Exits with 0 when every interaction is kept, with 1 when one is broken,
with 2 when nothing could be verified, and with 3 when the verification itself broke down.

  --pact PATH        a pact, or a directory or URL of pacts, like one that stands alone (pacts)
  --name NAME        the name of the provider in the pacts (content-library)
  --only TEXT        only interactions with this text in their description, or in the name of a provider state
  --header TEXT      a header, as 'name: value', that each request gets instead of its own; may be repeated
  --static           do not ask a server: hold the pacts against the specification, which has no states, uploads and downloads
  --spec FILE        another OpenAPI document, in JSON, for --static
  --format NAME      text, json, or junit (text)
  --provider URL     verify this server instead, a vCenter for example
  --user, --password the account to log in with there; the password may stand in PROVIDER_PASSWORD
  --library ID       the library to make items in there (its first local one)
  --ca FILE          a PEM file with the authority that signed its certificate
  --insecure         do not check its certificate at all
  --selector JSON    which pacts to fetch from a broker; may be repeated (main branch, matching branch, deployed)
  --publish VERSION  tell the broker, or the link in a pact that is named by URL, the results, as those of this version
                     of the provider; the results of a file can be published nowhere
  --branch NAME      the provider's branch, for the broker
  --states           list the provider states that a pact may ask for

A broker is used when PACT_BROKER_BASE_URL is set and no pact is named; PACT_BROKER_TOKEN, or PACT_BROKER_USERNAME
and PACT_BROKER_PASSWORD, are what it is asked with. HTTP_PROXY, HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE count for it;
a Node before 24.14 wants NODE_USE_ENV_PROXY=1 and NODE_EXTRA_CA_CERTS, too.`

const FORMATS = { text: asText, json: (report: Report) => JSON.stringify(report, null, 2), junit: inXml }
/** What is verified where nothing is named. */
const PACTS = ['pacts']

const accepted = {
  pact: { type: 'string', multiple: true },
  name: { type: 'string', default: DEFAULT_NAME },
  only: { type: 'string' },
  header: { type: 'string', multiple: true },
  static: { type: 'boolean', default: false },
  spec: { type: 'string' },
  format: { type: 'string', default: 'text' },
  provider: { type: 'string' },
  user: { type: 'string' },
  password: { type: 'string' },
  library: { type: 'string' },
  ca: { type: 'string' },
  insecure: { type: 'boolean', default: false },
  selector: { type: 'string', multiple: true },
  publish: { type: 'string' },
  branch: { type: 'string' },
  states: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

type Options = ReturnType<typeof parse>
function parse(args: string[]) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: accepted })
  const pacts = [...(values.pact ?? []), ...positionals]
  return { ...values, pacts: pacts.length === 0 ? undefined : pacts }
}

/** Answers the exit code. */
export async function verify(args: string[]): Promise<number> {
  const options = parse(args)
  if (options.help) {
    console.log(USAGE)
    return 0
  }
  if (options.states) {
    if (args.length > 1) throw new Unusable('--states lists the provider states, and takes nothing else.')
    console.log([...known().map(statement), '* On this mock alone.'].join('\n'))
    return 0
  }
  if (!Object.hasOwn(FORMATS, options.format)) throw new Unusable('--format is one of text, json, junit.')
  // For brokers and pacts by URL, with Node 24.14; a provider is asked by another process.
  const direct = [process.env['no_proxy'] || process.env['NO_PROXY'], '127.0.0.1', 'localhost']
    .filter(Boolean)
    .join(',')
  http.setGlobalProxyFromEnv?.({
    HTTP_PROXY: proxyIn('HTTP_PROXY'),
    HTTPS_PROXY: proxyIn('HTTPS_PROXY'),
    NO_PROXY: direct,
  })
  tls.setDefaultCACertificates?.([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])
  const broker = brokerOf(options)
  const chosen = { ...options, broker, pacts: options.pacts ?? (broker.url ? undefined : PACTS) }
  const idle = whyIdle(chosen)
  if (idle !== undefined) throw new Unusable(idle)
  const report = await (options.static ? checkStatically(chosen) : verifyBy(chosen))
  console.log(FORMATS[options.format as keyof typeof FORMATS](report)) // one of them, as just seen
  return report.isKept ? 0 : 1
}

/** As curl reads it: the scheme may be missing. One that is no URL is none. */
function proxyIn(variable: string): string {
  const given = process.env[variable.toLowerCase()] || process.env[variable] || ''
  const url = given.includes('://') ? given : `http://${given}`
  return URL.canParse(url) ? url : ''
}

/** Why an option would change nothing; or nothing. */
function whyIdle(options: Options): string | undefined {
  const given = (...names: (keyof typeof accepted)[]) =>
    names.find((name) => options[name] !== undefined && options[name] !== false)
  const ofServer = given('user', 'password', 'library', 'ca', 'insecure')
  if (options.static) {
    const asking = given('provider', 'header', 'publish') ?? (options.pacts && given('branch')) ?? ofServer
    return asking && `--${asking} changes nothing with --static, which asks no server.`
  }
  if (options.spec !== undefined) return '--spec goes with --static.'
  return ofServer && options.provider === undefined ? `--${ofServer} goes with --provider.` : undefined
}

const statement = ({ name, description, reach, parameters }: ReturnType<typeof known>[number]) =>
  [
    [name, ...parameters.map((parameter) => `{${parameter.name}}${parameter.reach ? '*' : ''}`)].join(' '),
    `  ${description}${reach ? ' On this mock alone.' : ''}`,
  ].join('\n')

async function verifyBy(options: Options & { broker: Broker }): Promise<Report> {
  const isShown = process.stderr.isTTY
  try {
    return await verifyProvider({
      ...options,
      provider: serverOf(options),
      headers: Object.fromEntries((options.header ?? []).map(headerOf)),
      onProgress: isShown ? (done, total) => process.stderr.write(`\r${done} of ${total} interactions`) : undefined,
      signal: interruption(),
    })
  } finally {
    if (isShown) process.stderr.write('\r\u001B[K')
  }
}

function brokerOf({ selector }: Options): Broker {
  const { PACT_BROKER_TOKEN: token, PACT_BROKER_USERNAME: user, PACT_BROKER_PASSWORD: password } = process.env
  // Without an address it may still open a pact that is named by URL.
  return {
    url: process.env['PACT_BROKER_BASE_URL'] ?? '',
    token,
    user,
    password,
    selectors: selector?.map((text) => parseJson(text) ?? text),
  }
}

function headerOf(text: string): [string, string] {
  const end = Math.max(0, text.indexOf(':'))
  const [name, value] = [text.slice(0, end), text.slice(end + 1).trim()]
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    throw new Unusable(`--header wants 'name: value', not '${text}'.`)
  }
  return [name, value]
}

function serverOf({ provider: url, user, library, ca, insecure, ...options }: Options): Server | undefined {
  if (url === undefined) return undefined
  const { password = process.env['PROVIDER_PASSWORD'] ?? '' } = options
  if (user === undefined || password === '')
    throw new Unusable(`Name the account to log in with at ${url}: --user and --password.`)
  return { url, user, password, insecure, libraryId: library, caFile: ca }
}

const marks = {
  kept: styleText('green', '✓'),
  broken: styleText('red', '✗'),
  pending: styleText('yellow', '? pending,'),
}

function asText({ subject, interactions, leftOut, filesLeftOut }: Report): string {
  const count = (wanted: string) => interactions.filter(({ outcome }) => outcome === wanted).length
  const others = Object.entries({ pending: count('pending'), 'left out': leftOut }).filter(([, number]) => number > 0)
  const counts = [
    `${count('kept')} of ${interactions.length + leftOut} interactions are kept`,
    ...others.map(([word, number]) => `${number} ${word}`),
  ]
  return [
    `The contract, as kept by ${subject}`,
    ...interactions.flatMap(lines),
    ...filesLeftOut.map((reason) => `  left out: ${reason}`),
    `${counts.join(', ')}.`,
  ].join('\n')
}

const lines = ({ consumer, description, outcome, reasons }: VerifiedInteraction): string[] => [
  `  ${marks[outcome]} ${consumer}: ${description}`,
  ...reasons.map((reason) => `      ${reason}`),
]

const RESULTS = { kept: 'passed', broken: 'failed', pending: 'skipped' } as const

function inXml({ subject, interactions }: Report): string {
  const cases = interactions.map(({ consumer, description, outcome, reasons }) => ({
    suite: consumer,
    name: description,
    result: RESULTS[outcome],
    message: outcome === 'pending' ? ['pending', ...reasons].join(': ') : (reasons[0] ?? ''),
    text: reasons.join('\n'),
  }))
  return asJunit(`The contract, as kept by ${subject}`, cases)
}
