// Holds pacts against the specification without a server: do they ask for what there is, and expect what it answers?
import { readFile } from 'node:fs/promises'
import { parseJson } from '../rules/json.ts'
import { nearest } from '../rules/nearest.ts'
import { interactionsIn, readPacts, type Choice, type Interaction, type Pact } from './pacts.ts'
import { Unusable } from './problem.ts'
import type { Report, VerifiedInteraction } from './verifier.ts'

/** What the build writes: the document that the mock serves. */
const SPECIFICATION = new URL('../../dist/assets/docs/openapi.json', import.meta.url)

/** What is read of an OpenAPI document. */
type Document = {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, object>>
  servers?: { url: string }[]
}
type StaticCheck = Choice & {
  /** The file of an OpenAPI document in JSON, instead of that of this mock. */
  spec?: string | undefined
}

export async function checkStatically({ spec, ...choice }: StaticCheck): Promise<Report> {
  const { pacts, leftOut, filesLeftOut } = await readPacts(choice)
  const document = await readDocument(spec ?? SPECIFICATION)
  const { Comparator } = await loadComparator()
  const comparators = new Map<string | undefined, Comparator>()
  const interactions: VerifiedInteraction[] = []
  for (const pact of pacts)
    for (const interaction of pact.interactions.filter((each) => !isOfBytes(each))) {
      const action = actionOf(interaction)
      const comparator = comparators.get(action) ?? new Comparator({ oas: operationsOf(document, action) })
      comparators.set(action, comparator)
      const reasons = await reasonsOf(comparator, document, pact, interaction).catch((error: Error) => {
        throw new Unusable(`${pact.path} cannot be checked: "${interaction.description}": ${error.message}.`)
      })
      interactions.push({
        consumer: pact.consumer,
        description: interaction.description ?? '',
        outcome: reasons.length === 0 ? 'kept' : 'broken',
        reasons,
      })
    }
  if (interactions.length === 0)
    throw new Unusable('The pacts have uploads and downloads alone, which no specification has.')
  return {
    isKept: interactions.every(({ outcome }) => outcome === 'kept'),
    subject: `${document.info.title}, ${document.info.version}`,
    interactions,
    leftOut: leftOut + interactionsIn(pacts) - interactions.length,
    filesLeftOut,
  }
}

/** Its address is from an answer, and in no specification. */
const isOfBytes = ({ request }: Interaction): boolean => request?.path?.startsWith('/cls/') === true

/** What is used of the library. */
type Comparator = { compare: (pact: object) => AsyncIterable<Difference> }
type Difference = { type: string; code: string; message: string; mockDetails?: { location: string } }

/** Its declarations name files without an extension, which are not found as Node finds modules. */
async function loadComparator() {
  const library: object = await import('@pactflow/openapi-pact-comparator')
  return library as { Comparator: new (options: { oas: Document }) => Comparator }
}

async function readDocument(path: string | URL): Promise<Document> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Unusable(`There is no specification at ${path}: ${error.message}`)
  })
  const document = parseJson(text) as Partial<Document> | null | undefined
  if (document?.paths && document.info) return document as Document // as far as it is read here
  throw new Unusable('The specification is no OpenAPI document in JSON.')
}

async function reasonsOf(
  comparator: Comparator,
  document: Document,
  pact: Pact,
  interaction: Interaction,
): Promise<string[]> {
  const reasons: string[] = []
  for await (const { type, code, message, mockDetails } of comparator.compare({
    ...pact.text,
    interactions: [interaction],
  })) {
    if (type !== 'error') continue
    const place = mockDetails?.location.replace('[root].interactions[0].', '') ?? ''
    reasons.push(
      code === 'request.path-or-method.unknown' ? unknownCall(document, interaction) : `${place}: ${message}`,
    )
  }
  return reasons
}

/** A call that there is not is the commonest mistake: most often of one word. */
function unknownCall(document: Document, interaction: Interaction): string {
  const { request: { method = 'GET', path = '' } = {} } = interaction
  const action = actionOf(interaction)
  const call = `${method.toUpperCase()} ${path}${action === undefined ? '' : `?action=${action}`}`
  const known = new Map(callsOf(document).map((each) => [filled(each, path), each]))
  const like = nearest(call, [...known.keys()])
  return `The specification has no ${call}.${like === undefined ? '' : ` The nearest is ${known.get(like)}.`}`
}

/** With the parts of this path in place of its parameters, so that their length does not count. */
function filled(call: string, path: string): string {
  const parts = path.split('/')
  return call
    .split('/')
    .map((part, at) => part.replace(/\{\w+\}/, () => parts[at] ?? 'x'))
    .join('/')
}

const callsOf = (document: Document): string[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => HTTP_METHODS.includes(method))
      .map((method) => `${method.toUpperCase()} ${prefixOf(document)}${path}`),
  )
const HTTP_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/** What stands before each path: that of the first server. */
const prefixOf = ({ servers }: Document): string =>
  (URL.parse(servers?.[0]?.url ?? '', 'http://localhost')?.pathname ?? '').replace(/\/$/, '')

function actionOf({ request: { query = '' } = {} }: Interaction): string | undefined {
  if (typeof query === 'string') return new URLSearchParams(query).get('action') ?? undefined
  const { action } = query
  const [first] = Array.isArray(action) ? (action as unknown[]) : [action]
  return typeof first === 'string' ? first : undefined
}

/**
 * The operations of one action. vSphere's specification names the action in the key of a path, `…/{id}?action=cancel`,
 * where OpenAPI does not allow a query; here it is a parameter.
 */
function operationsOf(document: Document, action: string | undefined): Document {
  const paths: Document['paths'] = {}
  for (const [key, methods] of Object.entries(document.paths)) {
    const [path = '', query = ''] = key.split('?')
    if ((new URLSearchParams(query).get('action') ?? undefined) !== action) continue
    const operations = Object.entries(methods).map(([method, operation]) => [
      method,
      HTTP_METHODS.includes(method) ? withLogin(operation) : operation,
    ])
    const at = prefixOf(document) + path
    paths[at] = {
      ...paths[at],
      ...Object.fromEntries(operations),
      ...(action !== undefined && { parameters: [actionParameter(action)] }),
    }
  }
  const { servers: _, ...rest } = document
  return { ...rest, paths }
}

/** What is read of an operation. */
type DescribedOperation = { responses?: Record<string, object> }

/** A vCenter answers 401 for every operation; its specification lists it for those of API sessions alone. */
const withLogin = (operation: DescribedOperation): DescribedOperation => ({
  ...operation,
  responses: {
    401: { description: 'UNAUTHENTICATED', content: { 'application/json': { schema: {} } } },
    ...operation.responses,
  },
})

const actionParameter = (action: string) => ({
  name: 'action',
  in: 'query',
  required: true,
  schema: { type: 'string', enum: [action] },
})
