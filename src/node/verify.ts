// The verb `verify`: verifies pacts against the built Worker, or against the server that is named.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters, styleText } from 'node:util'
import { known } from '../contract/provider-states.ts'
import { isLoopbackAddress } from './address.ts'
import { Unusable } from './problem.ts'
import type { InteractionResult, Order, Verification } from './verification.ts'

const USAGE = `Usage: update-session-mock verify [PACT]... [--provider URL --user NAME --password TEXT]
       npm run contract -- [PACT]...   in a checkout, where the pact of our own client is written first

Verifies pacts against this mock, started for it. Exits with 0 when every interaction is kept, with 1 when one is
broken, with 2 when nothing could be verified.

  --pact PATH        a pact, or a directory or URL of pacts, like one that stands alone (pacts)
  --name NAME        the name of the provider in the pacts (content-library)
  --provider URL     verify this server instead, a vCenter for example
  --user, --password the account to log in with there; the password may stand in PROVIDER_PASSWORD
  --library ID       the library to make items in there (its first local one)
  --ca FILE          a PEM file with the authority that signed its certificate
  --insecure         do not check its certificate at all
  --selector JSON    which pacts to fetch from a broker; may be repeated (main branch, matching branch, deployed)
  --publish VERSION  tell the broker the results, as those of this version of the provider
  --branch NAME      the provider's branch, for the broker
  --states           list the provider states that a pact may ask for

A broker is used when PACT_BROKER_BASE_URL is set and no --pact is given; PACT_BROKER_TOKEN, or PACT_BROKER_USERNAME
and PACT_BROKER_PASSWORD, let us in.`

type Options = ReturnType<typeof parse>
function parse(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      pact: { type: 'string', multiple: true, default: [] },
      name: { type: 'string', default: 'content-library' },
      provider: { type: 'string' },
      user: { type: 'string' },
      password: { type: 'string', default: process.env['PROVIDER_PASSWORD'] ?? '' },
      library: { type: 'string' },
      ca: { type: 'string' },
      insecure: { type: 'boolean', default: false },
      selector: { type: 'string', multiple: true },
      publish: { type: 'string' },
      branch: { type: 'string' },
      states: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  return { ...values, pacts: [...values.pact, ...positionals] }
}

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Answers the exit code. */
export async function verify(args: string[]): Promise<number> {
  try {
    import.meta.resolve('@pact-foundation/pact')
  } catch {
    process.stderr.write('verify needs Pact: npm install --save-dev @pact-foundation/pact\n')
    return 2
  }
  try {
    const options = parse(args)
    if (options.help || options.states) {
      say(options.help ? USAGE : known().map(statement).join('\n'))
      return 0
    }
    const { verifier, count } = await pactSource(options)
    const provider = providerOf(options)
    const general = { provider: options.name, logLevel: 'error', validateSSL: !options.insecure } as const
    const order = { ...(provider && { provider }), verifier: { ...general, ...verifier } }
    return report(await runApart(order, options), count)
  } catch (error) {
    // parseArgs throws a TypeError for what is not an option.
    const isUsage = error instanceof TypeError && 'code' in error
    if (!(error instanceof Unusable || isUsage)) throw error
    process.stderr.write(`${error.message}\n${isUsage ? `\n${USAGE}\n` : ''}`)
    return 2
  }
}

const statement = ({ name, description, parameters }: ReturnType<typeof known>[number]) =>
  `${[name, ...parameters.map((parameter) => `{${parameter.name}}`)].join(' ')}\n  ${description}`

/** `count` is how many interactions there must be, where it can be known. */
type PactSource = { verifier: Order['verifier']; count?: number }

async function pactSource(options: Options): Promise<PactSource> {
  const { pacts, name } = options
  const broker = process.env['PACT_BROKER_BASE_URL']
  if (broker && pacts.length === 0) return { verifier: brokerOf(options, broker) }
  const paths = (await Promise.all((pacts.length === 0 ? ['pacts'] : pacts).map(filesAt))).flat()
  if (paths.some(isUrl)) return { verifier: { pactUrls: paths } }
  const counts = await Promise.all(paths.map((path) => interactionsIn(path, name)))
  return { verifier: { pactUrls: paths }, count: counts.reduce((sum, count) => sum + count, 0) }
}

const NAME_ONE = 'Name a pact file, a directory of them, or the URL of one.'
const isUrl = (path: string) => /^https?:\/\//.test(path)

async function filesAt(path: string): Promise<string[]> {
  if (isUrl(path)) return [path]
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new Unusable(`There is no pact at ${path}. ${NAME_ONE}`)
  if (!found.isDirectory()) return [path]
  const files = (await readdir(path)).filter((file) => file.endsWith('.json')).map((file) => join(path, file))
  if (files.length === 0) throw new Unusable(`There is no pact in ${path}. ${NAME_ONE}`)
  return files
}

/** Pact also verifies a pact with another provider, and finds nothing wrong with an empty one. */
async function interactionsIn(path: string, provider: string): Promise<number> {
  const pact = (await readFile(path, 'utf8')
    .then(JSON.parse)
    .catch((error: Error) => {
      throw new Unusable(`${path} is no pact: ${error.message}`)
    })) as { provider?: { name?: string }; interactions?: unknown[]; messages?: unknown[] }
  const { provider: { name } = {}, interactions = [] } = pact
  if (name !== provider)
    throw new Unusable(`${path} is a pact with "${name}", not with "${provider}". Name the provider by --name.`)
  if (interactions.length === 0) throw new Unusable(`${path} has no interactions.`)
  return interactions.length
}

function brokerOf({ selector, publish, branch }: Options, url: string): Order['verifier'] {
  const { PACT_BROKER_TOKEN: token, PACT_BROKER_USERNAME: user, PACT_BROKER_PASSWORD: password = '' } = process.env
  return {
    pactBrokerUrl: url,
    ...(token ? { pactBrokerToken: token } : user && { pactBrokerUsername: user, pactBrokerPassword: password }),
    consumerVersionSelectors: selector?.map(selectorOf) ?? [
      { mainBranch: true },
      ...(branch === undefined ? [] : [{ matchingBranch: true }]),
      { deployedOrReleased: true },
    ],
    // A pact is pending for a branch: a broker refuses to say so without one.
    ...(branch !== undefined && { enablePending: true, providerVersionBranch: branch }),
    ...(publish !== undefined && { providerVersion: publish, publishVerificationResult: true }),
  }
}

function selectorOf(text: string): object {
  try {
    return JSON.parse(text) as object
  } catch {
    throw new Unusable(`The selector is not JSON: ${text}`)
  }
}

function providerOf({ provider: url, user, password, library }: Options): Order['provider'] {
  if (url === undefined) return undefined
  if (!URL.canParse(url)) throw new Unusable(`The provider is not a URL: ${url}`)
  if (user === undefined) throw new Unusable(`Name the account to log in with at ${url}: --user and --password.`)
  return { url, credentials: { user, password }, ...(library !== undefined && { libraryId: library }) }
}

async function runApart(order: Order, options: Options): Promise<Verification> {
  const child = fork(fileURLToPath(new URL(`./verification${extname(import.meta.url)}`, import.meta.url)), {
    env: verifierEnvironment(order, options),
    execArgv: ['--no-deprecation'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  // What it prints is Pact's own report, of interest only where the run itself breaks down.
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += String(chunk)))
  let outcome: Verification | { reason: string } | undefined
  child.on('message', (message) => (outcome = message as typeof outcome))
  child.send(order)
  await once(child, 'close')
  const log = stripVTControlCharacters(printed)
  outcome ??= { reason: `The verifier broke off.\n${log}` }
  if ('reason' in outcome) throw new Unusable(outcome.reason)
  // What the verifier takes for a detail of its log: that it got no pacts, that the broker did not take the results.
  const errors = Array.from(log.matchAll(/ ERROR ThreadId\(\d+\) \w+: (.*)/g), ([, error = '']) => error)
  if (outcome.results.length === 0) throw new Unusable(['No interaction was verified.', ...errors].join('\n'))
  const unpublished = errors.find((error) => error.startsWith('Publishing of verification results failed'))
  if (unpublished !== undefined) throw new Unusable(unpublished)
  return outcome
}

function verifierEnvironment({ provider }: Order, { ca, insecure }: Options): NodeJS.ProcessEnv {
  const filter = ['PACT_DESCRIPTION', 'PACT_PROVIDER_STATE', 'PACT_PROVIDER_NO_STATE'].find((name) => process.env[name])
  if (filter) throw new Unusable(`${filter} is set: Pact would leave interactions out without a word. Unset it.`)
  // Pact reads options from its own: a broker, say, beside the pacts that are named here.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('PACT_'))
  const { HTTP_PROXY, HTTPS_PROXY, ...env } = Object.fromEntries(others)
  // pact-js sends everything through these, its own loopback address included; its native part heeds the exception.
  const isLocal = !provider || isLoopbackAddress(new URL(provider.url).hostname.replaceAll(/[[\]]/g, ''))
  return {
    ...env,
    ...(!isLocal && { HTTP_PROXY, HTTPS_PROXY }),
    PACT_DO_NOT_TRACK: 'true',
    NO_PROXY: [env['NO_PROXY'], '127.0.0.1', 'localhost'].filter(Boolean).join(','),
    ...(ca !== undefined && { NODE_EXTRA_CA_CERTS: ca }),
    ...(insecure && { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
  }
}

const MARKS = {
  kept: styleText('green', '✓'),
  pending: styleText('yellow', '? pending,'),
  broken: styleText('red', '✗'),
}

function report({ url, results, failedStates }: Verification, count: number | undefined): number {
  // Only a broker may say that a consumer still waits for this; a file cannot.
  const isPending = ({ pending }: InteractionResult) => pending && count === undefined
  const broken = results.filter((each) => each.result !== 'OK' && !isPending(each))
  say(`The contract, as kept by ${url}`)
  for (const each of results) {
    const mark = each.result === 'OK' ? 'kept' : isPending(each) ? 'pending' : 'broken'
    say(`  ${MARKS[mark]} ${each.consumer}: ${each.description}`)
    for (const line of reasonsOf(each)) say(`      ${line}`)
  }
  for (const reason of new Set(failedStates)) say(`  ${MARKS.broken} ${reason}`)
  if (count !== undefined && results.length !== count)
    throw new Unusable(`The pacts have ${count} interactions, and ${results.length} were verified.`)
  say(`${results.length - broken.length} of ${results.length} interactions are kept.`)
  return broken.length === 0 && failedStates.length === 0 ? 0 : 1
}

const reasonsOf = ({ mismatch }: InteractionResult): string[] =>
  mismatch?.mismatches?.map(({ path, mismatch }) => (path ? `${path}: ${mismatch}` : mismatch)) ??
  (mismatch?.message === undefined ? [] : [mismatch.message])
