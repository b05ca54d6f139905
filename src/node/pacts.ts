// The pacts that a verification is given: found by file, folder or URL, and read before a verifier sees them.
import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { basic } from '../client/client.ts'
import { reasonOf } from '../contract/reason.ts'
import { isUrl } from './address.ts'
import { Unusable } from './problem.ts'

export type Interaction = {
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
/** One pact with the provider; with a byte order mark the verifier does not read it. */
export type Pact = { path: string; consumer: string; interactions: Interaction[]; text: PactFile; hasMark: boolean }
export type Pacts = {
  pacts: Pact[]
  /** How many interactions are not among the chosen. */
  leftOut: number
  /** Why the other files of a folder are not verified. */
  filesLeftOut: string[]
}
/** `name` is that of the provider, `only` a text in the descriptions or states of the interactions that are chosen. */
export type Choice = { name: string; only?: string | undefined; login?: BrokerLogin | undefined }

/** Of the broker that a URL may belong to. */
export type BrokerLogin = { token?: string | undefined; user?: string | undefined; password?: string | undefined }

export type Broker = BrokerLogin & {
  url: string
  /** Which pacts: those of main branches, of the branch that is named, and of what is deployed. */
  selectors?: object[] | undefined
}

const FLAGS = ['mainBranch', 'matchingBranch', 'latest', 'deployed', 'released', 'deployedOrReleased']
const TEXTS = ['branch', 'fallbackBranch', 'tag', 'fallbackTag', 'consumer', 'environment']
/** Of a selector the verifier leaves out what it does not know, without a word: the broker would choose other pacts. */
const isSelector = (selector: object): boolean =>
  !Array.isArray(selector) &&
  Object.entries(selector).every(([name, value]) =>
    (typeof value === 'boolean' ? FLAGS : typeof value === 'string' ? TEXTS : []).includes(name),
  )

/** Why a broker cannot be asked for pacts; or nothing. */
export function whyWrong({ url, token, user, password, selectors }: Broker): string | undefined {
  if (!isUrl(url)) return `The address of the broker is not a URL: ${url}`
  if (!token && user && !password) return 'The broker wants a password, too: PACT_BROKER_PASSWORD.'
  const wrong = selectors?.find((each) => !isSelector(each))
  return (
    wrong &&
    `A selector is an object with ${TEXTS.join(', ')} as texts, or ${FLAGS.join(', ')} as true or false, not ${JSON.stringify(wrong)}.`
  )
}

/** Of the provider, in pacts that say nothing else. */
export const DEFAULT_NAME = 'content-library'

export async function readPacts(named: string[], { name, only, login }: Choice): Promise<Pacts> {
  const { pacts: all, leftOut: filesLeftOut } = await readFiles(named, name, login)
  if (only === undefined) return { pacts: all, leftOut: 0, filesLeftOut }
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

/** A pact that is named must be one with this provider; of a folder, those that are. */
async function readFiles(named: string[], provider: string, login: BrokerLogin | undefined) {
  const found: (Pact | string)[] = []
  const read = async (path: string) =>
    pactOf(path, await (isUrl(path) ? fetchPact(path, login) : readFile(path, 'utf8')), provider)
  for (const path of named) {
    const files = isUrl(path) ? undefined : await filesOf(path)
    const all = await Promise.all((files ?? [path]).map(read))
    if (all.every((each) => typeof each === 'string'))
      throw new Unusable([...(files ? [`There is no pact with "${provider}" in ${path}.`] : []), ...all].join('\n'))
    found.push(...all)
  }
  return {
    pacts: found.filter((each) => typeof each !== 'string'),
    leftOut: found.filter((each) => typeof each === 'string'),
  }
}

const NAME_ONE = 'Name a pact file, a directory of them, or the URL of one.'

/** The JSON files of a folder; nothing, where the path is that of a file. */
async function filesOf(path: string): Promise<string[] | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new Unusable(`There is no pact at ${path}. ${NAME_ONE}`)
  if (!found.isDirectory()) return undefined
  const files = (await readdir(path)).filter((file) => file.endsWith('.json')).toSorted()
  if (files.length === 0) throw new Unusable(`There is no pact in ${path}. ${NAME_ONE}`)
  return files.map((file) => join(path, file))
}

async function fetchPact(url: string, { token, user, password = '' }: BrokerLogin = {}): Promise<string> {
  const authorization = token ? `Bearer ${token}` : user && basic(user, password)
  const answer = await fetch(url, {
    headers: { accept: 'application/hal+json, application/json', ...(authorization && { authorization }) },
  }).catch((error: unknown) => {
    throw new Unusable(`There is no pact at ${url}: ${reasonOf(error)}`)
  })
  if (!answer.ok) throw new Unusable(`There is no pact at ${url}: it answers ${answer.status}.`)
  return answer.text()
}

const HTTP = 'Synchronous/HTTP'

/**
 * A pact, or why it is none with this provider, or has nothing to verify. One that has and cannot be verified is never left out:
 * the verifier itself would pass what it does not read.
 */
function pactOf(path: string, text: string, provider: string): Pact | string {
  let pact: PactFile | null
  const hasMark = text.startsWith('\ufeff')
  try {
    pact = JSON.parse(hasMark ? text.slice(1) : text) as PactFile | null // what it is instead has none of these fields
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
  return { path, consumer: consumer?.name ?? '', interactions, text: pact, hasMark }
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

/** A copy of the pact with the chosen interactions alone: the verifier's own filters leave out without a word. */
export async function writeCopy(pact: Pact, folder: string): Promise<Pact> {
  const path = join(folder, `${randomUUID()}-${basename(pact.path)}.json`)
  await writeFile(path, JSON.stringify({ ...pact.text, interactions: pact.interactions }))
  return { ...pact, path }
}
