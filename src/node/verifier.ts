// Verifies pacts against this mock, started for it, or against another server: `update-session-mock/verify`.
import { fork } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import {
  DEFAULT_NAME,
  linkOf,
  readPacts,
  statesOf,
  writeCopy,
  type Broker,
  type Choice,
  type Interaction,
  type Pact,
} from './pacts.ts'
import { isUrl } from './address.ts'
import { codeOf, Unusable } from './problem.ts'
import { makeTemporaryFolder } from './temporary.ts'
import type { InteractionResult, Order, Told } from './verification.ts'

export type { Broker } from './pacts.ts'
export { Unusable } from './problem.ts'

export type VerifyOptions = Partial<Choice> & {
  /** The server that is held to the pacts; without it this mock, started for the run. */
  provider?: Server | undefined
  /** Sent with every request instead of what the pact has. */
  headers?: Record<string, string>
  /** Tells the broker, or the link in a pact that came by URL, the results as those of this version. */
  publish?: string | undefined
  /** Hears how many interactions were asked so far, and how many there are. */
  onProgress?: ((done: number, total: number) => void) | undefined
}
export type Server = {
  url: string
  user: string
  password: string
  /** The library to make items in: its first local one. */
  libraryId?: string | undefined
  /** A PEM file with the authority that signed its certificate. */
  caFile?: string | undefined
  /** Do not check its certificate at all. */
  insecure?: boolean
}
export type VerifiedInteraction = {
  consumer: string
  description: string
  /** `pending` is broken too, but a broker says that its consumer still waits for it. */
  outcome: 'kept' | 'broken' | 'pending'
  /** Why it is not kept. */
  reasons: string[]
}
export type Report = {
  /** Every interaction is kept, or pending. */
  isKept: boolean
  /** What was held to the pacts. */
  subject: string
  interactions: VerifiedInteraction[]
  /** How many interactions `only`, or `--static`, has left out. */
  leftOut: number
  /** Why files of a folder were not verified. */
  filesLeftOut: string[]
}

/** Rejects with `Unusable` where nothing could be verified: that says nothing about the contract. */
export async function verifyProvider(options: VerifyOptions): Promise<Report> {
  const folder = await makeTemporaryFolder()
  try {
    return await verifyIn(folder.path, options)
  } finally {
    folder.remove()
  }
}

async function verifyIn(folder: string, options: VerifyOptions): Promise<Report> {
  const { broker, only, name = DEFAULT_NAME, publish, provider, headers = {} } = options
  const pact = resolvePact()
  const idle = whyIdle(options)
  if (idle !== undefined) throw new Unusable(idle)
  const { pacts: chosen, ...leftOut } = await readPacts({ ...options, name })
  if (publish !== undefined) checkPublishing(chosen, only)
  const pacts = await Promise.all(
    chosen.map(async (pact) => (only === undefined && !pact.hasMark ? pact : writeCopy(pact, folder))),
  )
  // The verifier goes through the pacts in their order.
  const asked = pacts.flatMap((pact) => pact.interactions.map((interaction) => ({ pact, interaction })))
  const told = await runVerification(
    {
      pact,
      ...(provider && { provider: await providerOf(provider) }),
      states: asked.map(({ interaction }) => statesOf(interaction).length),
      headers,
      verifier: {
        provider: name,
        logLevel: 'error',
        pactUrls: pacts.map(({ path }) => path),
        ...loginOf(broker),
        ...(publish !== undefined && { providerVersion: publish, publishVerificationResult: true }),
        ...(options.branch !== undefined && { providerVersionBranch: options.branch }),
      },
    },
    options,
  )
  const interactions = asked.map(({ pact, interaction }, at) => verifiedOf(pact, interaction, told.results[at]))
  return {
    isKept: interactions.every(({ outcome }) => outcome !== 'broken'),
    subject: told.url,
    interactions,
    ...leftOut,
  }
}

/** Why an option would change nothing, or not what is meant; or nothing. In the words of the command. */
function whyIdle({ pacts, publish, branch, provider }: VerifyOptions): string | undefined {
  if (publish?.match(NO_NAME)) return `--publish wants the version of the provider behind it, not "${publish}".`
  if (branch?.match(NO_NAME)) return `--branch wants the name of the provider's branch behind it, not "${branch}".`
  if (branch !== undefined && publish === undefined && pacts)
    return '--branch is for a broker: set PACT_BROKER_BASE_URL and name no pact, or give --publish, too.'
  if (provider?.caFile !== undefined && provider.insecure) return '--ca changes nothing with --insecure.'
  return undefined
}
/** A variable that is not set, or the pact that was to come next. */
const NO_NAME = /^$|\.json$|^https?:/

/** What would be published must be all there is, and have a place to go to. */
function checkPublishing(pacts: Pact[], only: string | undefined): void {
  if (only !== undefined)
    throw new Unusable('The results of some interactions are not those of a pact: publish without --only.')
  const unlinked = pacts.find(({ path, text }) => !isUrl(path) || !linkOf(text, 'pb:publish-verification-results'))
  if (unlinked)
    throw new Unusable(
      `${unlinked.path} has no link to publish results to: publish with a broker, or a pact by its URL.`,
    )
}

/** As the caller's own project has it, wherever this package is installed; else as this package has it. */
function resolvePact(): string {
  for (const from of [join(process.cwd(), 'package.json'), fileURLToPath(import.meta.url)])
    try {
      return createRequire(from).resolve('@pact-foundation/pact')
    } catch {
      // Tried in the next place.
    }
  throw new Unusable('verify needs Pact: npm install --save-dev @pact-foundation/pact')
}

async function providerOf({ url, user, password, libraryId, caFile }: Server): Promise<NonNullable<Order['provider']>> {
  if (!isUrl(url)) throw new Unusable(`The provider is not a URL: ${url}`)
  // Node would only warn.
  if (caFile !== undefined)
    await access(caFile, constants.R_OK).catch((error: unknown) => {
      throw new Unusable(`The authority of the provider cannot be read in ${caFile} (${codeOf(error)}).`)
    })
  return { url, credentials: { user, password }, ...(libraryId !== undefined && { libraryId }) }
}

const loginOf = ({ token, user, password = '' }: Partial<Broker> = {}) =>
  token ? { pactBrokerToken: token } : user ? { pactBrokerUsername: user, pactBrokerPassword: password } : {}

type Verified = Extract<Told, { type: 'verified' }>

/** In a process of its own: the verifier's native part prints on stdout and reads the environment. */
async function runVerification(order: Order, options: VerifyOptions): Promise<Verified> {
  const total = order.states.length
  const child = fork(fileURLToPath(new URL(`./verification${extname(import.meta.url)}`, import.meta.url)), {
    env: childEnvironment(options.provider),
    execArgv: ['--no-deprecation'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(options.signal && { signal: options.signal }),
  })
  // What it prints is Pact's own report, of interest only where the run itself breaks down.
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += String(chunk)))
  let last: Told | undefined
  child.on('message', (message) => {
    const told = message as Told // as verification.ts sends it
    if (told.type === 'progress') options.onProgress?.(told.done, total)
    else last = told
  })
  // One that ended before it was told what to do has said why on stderr; one that was aborted undoes what it has begun.
  child.on('error', () => undefined)
  child.send(order, () => undefined)
  await new Promise((resolve) => child.on('close', resolve))
  options.signal?.throwIfAborted()
  return judge(last, stripVTControlCharacters(printed), total)
}

/** What the verifier takes for a detail of its log: that it got no pact, that the broker did not take the results. */
function judge(told: Told | undefined, log: string, total: number): Verified {
  const logged = log.matchAll(/ ERROR ThreadId\(\d+\) [\w:]+: (.*)/g)
  // Colours are escaped in some.
  const errors = Array.from(logged, ([, error = '']) => error.replaceAll(/\\x1b\[\d+m/g, ''))
  if (told?.type === 'impossible') throw new Unusable([told.reason, ...errors].join('\n'))
  if (told?.type !== 'verified') throw new Error(`The verifier broke off.\n${log}`)
  const { length } = told.results
  if (length !== total)
    throw new Unusable([`The pacts have ${total} interactions, and ${length} were verified.`, ...errors].join('\n'))
  const unpublished = errors.find((error) => error.startsWith('Publishing of verification results failed'))
  if (unpublished !== undefined) throw new Unusable(unpublished)
  return told
}

/** All that the child needs. Pact reads options of its own from the environment, and the loader other libraries. */
const PASSED =
  'PATH HOME USERPROFILE SYSTEMROOT SystemRoot TMPDIR TMP TEMP LANG LC_ALL TZ SSL_CERT_FILE SSL_CERT_DIR NODE_OPTIONS NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY http_proxy https_proxy no_proxy MINIFLARE_WORKERD_PATH'.split(
    ' ',
  )

/** Hosts that are reached without a proxy. */
export const notProxied = () =>
  [process.env['no_proxy'] || process.env['NO_PROXY'], '127.0.0.1', 'localhost'].filter(Boolean).join(',')

const childEnvironment = (provider: Server | undefined): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(PASSED.map((name) => [name, process.env[name]])),
  PACT_DO_NOT_TRACK: 'true',
  NO_PROXY: notProxied(),
  ...(provider?.caFile !== undefined && { NODE_EXTRA_CA_CERTS: provider.caFile }),
  ...(provider?.insecure && { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
})

/** Only a broker may say that a consumer still waits for an interaction; a file cannot. */
function verifiedOf(
  { consumer, isPending }: Pact,
  interaction: Interaction,
  { result, mismatch, failed = [], asked }: Partial<InteractionResult> = {},
): VerifiedInteraction {
  const reasons =
    mismatch?.mismatches?.map(({ path, mismatch }) => (path ? `${path}: ${mismatch}` : mismatch)) ??
    (mismatch?.message === undefined ? [] : [mismatch.message])
  return {
    consumer,
    description: interaction.description ?? '',
    outcome: result === 'OK' ? 'kept' : isPending ? 'pending' : 'broken',
    // The path tells where a pact names a value that no state hands out: then its example was sent.
    reasons: reasons.length === 0 ? [] : [...new Set([...failed, ...reasons, ...(asked === undefined ? [] : [asked])])],
  }
}
