// The pacts that a verification is given: found by file, folder, URL or broker, and read before a verifier sees them.
import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { basic } from '../client/client.ts'
import { reasonOf } from '../contract/reason.ts'
import { parseJson } from '../rules/json.ts'
import { isUrl } from './address.ts'
import { Unusable } from './problem.ts'

export type Interaction = {
  /** Of a broker. */
  _id?: string
  description?: string
  /** Of a V4 pact. */
  type?: string
  /** Of a V2 pact. */
  providerState?: string | null
  providerStates?: State[]
  request?: { method?: string; path?: string; query?: string | Record<string, unknown> }
  response?: { status?: number }
}
type State = { name: string; params?: object }
/** As it is written; what is not used is left out. */
type PactFile = {
  consumer?: { name?: string }
  provider?: { name?: string }
  interactions?: Interaction[]
  /** Of a V3 pact. */
  messages?: unknown[]
  metadata?: { pactSpecification?: { version?: string } }
}
/** One pact with the provider. */
export type Pact = {
  path: string
  consumer: string
  interactions: Interaction[]
  text: PactFile
  /** As it is written, without a byte order mark. */
  source: string
  /** A broker says that its consumer still waits for the provider. */
  isPending: boolean
}
export type Choice = {
  /** Pact files, folders of them, and URLs. Nothing else is verified; without them, what the broker has. */
  pacts?: string[] | undefined
  broker?: Broker | undefined
  /** The provider's branch, for the broker. */
  branch?: string | undefined
  /** The name of the provider in the pacts: `content-library`. */
  name: string
  /** Only interactions with this text in their description, or in the name of a provider state. */
  only?: string | undefined
  /** Ends the run: what its states have made is removed, and the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Its login opens pacts that are named by URL, too: where it has an address, those of its server. */
export type Broker = {
  url: string
  token?: string | undefined
  user?: string | undefined
  password?: string | undefined
  /** Which pacts: those of main branches, of the branch that is named, and of what is deployed. */
  selectors?: object[] | undefined
}

const FLAGS = ['mainBranch', 'matchingBranch', 'latest', 'deployed', 'released', 'deployedOrReleased']
const TEXTS = ['branch', 'fallbackBranch', 'tag', 'fallbackTag', 'consumer', 'environment']
/** A broker leaves out what it does not know, without a word, and chooses other pacts. */
const isSelector = (selector: object): boolean =>
  isObject(selector) &&
  Object.entries(selector).every(([name, value]) =>
    (typeof value === 'boolean' ? FLAGS : typeof value === 'string' ? TEXTS : []).includes(name),
  )

/** Of the provider, in pacts that say nothing else. */
export const DEFAULT_NAME = 'content-library'

export async function readPacts({ only = '', ...choice }: Choice) {
  const { pacts: all, filesLeftOut } = await readFiles(choice)
  const pacts = all
    .map((pact) => ({ ...pact, interactions: pact.interactions.filter((each) => hasText(each, only)) }))
    .filter(({ interactions }) => interactions.length > 0)
  if (pacts.length === 0)
    throw new Unusable(`None of ${interactionsIn(all)} interactions has "${only}" in its description or its states.`)
  return { pacts, leftOut: interactionsIn(all) - interactionsIn(pacts), filesLeftOut }
}

export const interactionsIn = (pacts: Pact[]): number =>
  pacts.reduce((sum, { interactions }) => sum + interactions.length, 0)

const hasText = (interaction: Interaction, text: string): boolean =>
  [interaction.description ?? '', ...statesOf(interaction).map(({ name }) => name)].some((words) =>
    words.includes(text),
  )

/** A pact that is named must be one with this provider; of a folder and of a broker, those that are. */
async function readFiles(choice: Choice) {
  const { pacts: named, broker, name } = choice
  if (broker?.selectors && named)
    throw new Unusable('--selector chooses from a broker: set PACT_BROKER_BASE_URL, and name no pact.')
  const found = new Map<string, Pact>()
  const filesLeftOut: string[] = []
  const places = named ? await Promise.all(named.map(filesOf)) : [await askBroker(choice)]
  for (const { place, files } of places) {
    const read = await Promise.all(
      files.map(async ({ path, isPending = false }) => {
        const text = await (isUrl(path) ? fetchText(path, choice) : readFile(path, 'utf8'))
        return pactOf(path, text, name, isPending)
      }),
    )
    const reasons = read.filter((each) => typeof each === 'string')
    if (reasons.length === read.length)
      throw new Unusable([...(place ? [`There is no pact with "${name}" in ${place}.`] : []), ...reasons].join('\n'))
    filesLeftOut.push(...reasons)
    // One that is named twice, or lies in two files, is verified once.
    for (const pact of read)
      if (typeof pact !== 'string') found.set(JSON.stringify([pact.consumer, pact.interactions]), pact)
  }
  return { pacts: [...found.values()], filesLeftOut }
}

/** Where pacts may lie; `place` has several. */
type Place = { place?: string; files: { path: string; isPending?: boolean }[] }

async function filesOf(path: string): Promise<Place> {
  if (isUrl(path)) return { files: [{ path }] }
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isDirectory()) return { files: [{ path }] }
  const files = found && (await readdir(path)).filter((file) => file.endsWith('.json')).toSorted()
  if (!files?.length)
    throw new Unusable(
      `There is no pact ${found ? 'in' : 'at'} ${path}. Name a pact file, a directory of them, or the URL of one.`,
    )
  return { place: path, files: files.map((file) => ({ path: join(path, file) })) }
}

/** What a document of a broker leads to. */
function linkOf(document: unknown, name: string): string | undefined {
  const { _links: links } = Object(document) as { _links?: Record<string, { href: string }> | null } // as far as it is read
  return links?.[name]?.href
}
const LINK = 'pb:provider-pacts-for-verification'

/** The verifier could ask it as well; but it tries for minutes what fails, and takes messages for requests. */
async function askBroker(choice: Choice): Promise<Place> {
  const { broker, name, branch } = choice
  const { url = '', token, user, password, selectors } = broker ?? {}
  if (!isUrl(url))
    throw new Unusable(broker ? `The address of the broker is not a URL: ${url}` : 'Name pacts, or a broker.')
  if (!token && user && !password) throw new Unusable('The broker wants a password, too: PACT_BROKER_PASSWORD.')
  const wrong = selectors?.find((each) => !isSelector(each))
  if (wrong !== undefined)
    throw new Unusable(
      `A selector is an object with ${TEXTS.join(', ')} as texts, or ${FLAGS.join(', ')} as true or false, not ${JSON.stringify(wrong)}.`,
    )
  const link = linkOf(parseJson(await fetchText(url, choice)), LINK)
  if (link === undefined) throw new Unusable(`There is no broker at ${url}: its answer has no link "${LINK}".`)
  const consumerVersionSelectors = selectors ?? [
    { mainBranch: true },
    ...(branch === undefined ? [] : [{ matchingBranch: true }]),
    { deployedOrReleased: true },
  ]
  // A pact is pending for a branch: a broker refuses to say so without one.
  const body = {
    consumerVersionSelectors,
    ...(branch && { providerVersionBranch: branch, includePendingStatus: true }),
  }
  const text = await fetchText(link.replace('{provider}', encodeURIComponent(name)), choice, body)
  const { _embedded: { pacts = [] } = {} } = (parseJson(text) ?? {}) as {
    _embedded?: { pacts?: { verificationProperties?: { pending?: boolean }; _links: { self: { href: string } } }[] }
  }
  const files = pacts.map(({ verificationProperties, _links: { self } }) => ({
    path: self.href,
    isPending: verificationProperties?.pending === true,
  }))
  return { place: url, files }
}

const RESULTS = 'pb:publish-verification-results'
/** Whether its results have a place to go to. */
export const isPublishable = ({ path, text }: Pact): boolean => isUrl(path) && linkOf(text, RESULTS) !== undefined

/** The verifier could do it as well; but it tries for two minutes what fails. */
export async function publish(
  { text, interactions }: Pact,
  version: string,
  results: { outcome: string; reasons: string[] }[],
  choice: Choice,
) {
  const { branch } = choice
  if (branch !== undefined) {
    const provider = linkOf(text, 'pb:provider')
    const link = linkOf(provider && parseJson(await fetchText(provider, choice)), 'pb:branch-version')
    if (link === undefined) throw new Unusable('The broker keeps no branches: publish without --branch.')
    const place = link.replace('{branch}', encodeURIComponent(branch)).replace('{version}', encodeURIComponent(version))
    await fetchText(place, choice, {}, 'PUT')
  }
  const ids = interactions.map(({ _id: id }) => id)
  const testResults = results.map(({ outcome, reasons }, at) => ({
    interactionId: ids[at],
    success: outcome === 'kept',
    exceptions: reasons.map((message) => ({ message })),
  }))
  const success = testResults.every((each) => each.success)
  await fetchText(linkOf(text, RESULTS) ?? '', choice, { success, providerApplicationVersion: version, testResults })
}

const PATIENCE_MS = 30_000
const SHOWN_CHARS = 300
async function fetchText(
  url: string,
  { broker = { url }, signal }: Choice,
  body?: object,
  method = body ? 'POST' : 'GET',
) {
  const { token, user, password = '' } = broker
  // Where the broker has an address, no other server is told.
  const isAsked = !broker.url || URL.parse(url)?.origin === URL.parse(broker.url)?.origin
  const authorization = isAsked && (token ? `Bearer ${token}` : user && basic(user, password))
  const answer = await fetch(url, {
    headers: {
      accept: 'application/hal+json, application/json',
      'content-type': 'application/json',
      ...(authorization && { authorization }),
    },
    method,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]),
  }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw new Unusable(`There is no answer from ${url}: ${reasonOf(error)}`)
  })
  const text = await answer.text()
  if (answer.ok) return text
  const said = `${url} answers ${answer.status}. ${text.slice(0, SHOWN_CHARS)}`.trim()
  throw answer.status < 500 ? new Unusable(said) : new Error(said)
}

const HTTP = 'Synchronous/HTTP'

/**
 * A pact, or why it is none with this provider, or has nothing to verify. One that has and cannot be verified is never left out:
 * the verifier itself would pass what it does not read.
 */
function pactOf(path: string, text: string, provider: string, isPending: boolean): Pact | string {
  let pact: PactFile | null
  const source = text.replace(/^\ufeff/, '')
  try {
    pact = JSON.parse(source) as PactFile | null // what it is instead has none of these fields
  } catch (error) {
    return `${path} is no pact: ${reasonOf(error)}`
  }
  const name = pact?.provider?.name
  if (!pact || name === undefined) return `${path} is no pact: it names no provider.`
  if (name !== provider) return `${path} is a pact with "${name}", not with "${provider}". Name the provider by --name.`
  const { interactions = [], messages = [], consumer, metadata } = pact
  if (!Array.isArray(interactions) || !interactions.every(isObject))
    throw new Unusable(`${path} is no pact: its interactions are no list of objects.`)
  const isOfVersion4 = `${metadata?.pactSpecification?.version}`.startsWith('4')
  if (isOfVersion4 && interactions.some(({ type }) => type === undefined))
    throw new Unusable(`${path} is no pact: in version 4 each interaction has a type, such as "${HTTP}".`)
  if (messages.length > 0 || interactions.some(({ type = HTTP }) => type !== HTTP))
    throw new Unusable(
      `${path} has messages, and "${provider}" answers HTTP requests alone. Keep messages in a pact with another provider.`,
    )
  if (interactions.length === 0) return `${path} has no interactions.`
  const torn = interactions.find((each) => !isWhole(each))
  if (torn) throw new Unusable(`${path} is no pact: "${torn.description}" ${WHOLE}`)
  return { path, consumer: consumer?.name ?? '', interactions, text: pact, source, isPending }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const WHOLE = 'wants a request with a path, a response, its status as a number, and provider states as a list of names.'
/** Without a request the verifier asks for `/`, and states that it cannot read it leaves out, both without a word. */
function isWhole({ request, response, providerState, providerStates }: Interaction): boolean {
  const states: unknown = providerStates ?? []
  return (
    typeof request?.path === 'string' &&
    isObject(response) &&
    typeof (response?.status ?? 200) === 'number' &&
    typeof (providerState ?? '') === 'string' &&
    Array.isArray(states) &&
    states.every((each: Partial<State> | null) => typeof each?.name === 'string' && isObject(each.params ?? {}))
  )
}

export const statesOf = ({ providerStates, providerState }: Interaction): State[] =>
  providerStates ?? (providerState ? [{ name: providerState }] : [])

/**
 * What the verifier reads, and nothing else: it tries for minutes to get a pact by URL, knows no byte order mark, and its own filters
 * leave out without a word.
 */
export async function writeCopy({ source, text, interactions }: Pact, folder: string): Promise<string> {
  const path = join(folder, `${randomUUID()}.json`)
  const isWhole = interactions.length === text.interactions?.length
  await writeFile(path, isWhole ? source : JSON.stringify({ ...text, interactions }))
  return path
}
