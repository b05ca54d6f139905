// The worker keeps the committed pact, all of it, and the pact asks for nothing that the specification does not have.
import { Comparator, type ComparatorOptions } from '@pactflow/openapi-pact-comparator'
import { expect, it } from 'vitest'
import reference from '../operations/reference.json' with { type: 'json' }
import { readPact, verify } from './verify.ts'

it('the worker keeps every interaction of the committed pact', async () => {
  const { interactions } = await readPact()

  const { code, said, complained } = await verify([])

  expect({ code, complained }, said).toEqual({ code: 0, complained: '' })
  for (const { description } of interactions) expect(said).toContain(`✓ update-session-client: ${description}\n`)
})

/** Where the pact differs from the specification, and why. */
const differences = [
  // The specification lists 401 for the operations on API sessions alone. A vCenter answers it for every operation.
  'cancel after a logout: response.status.unknown',
]

it('the pact says what the specification says, but for the differences that have a reason', async () => {
  const pact = await readPact()
  const comparators = new Map<string | undefined, Comparator>()
  const found: string[] = []
  for (const interaction of pact.interactions) {
    const [action] = interaction.request.query?.['action'] ?? []
    const comparator = comparators.get(action) ?? new Comparator({ oas: documentOf(action) })
    comparators.set(action, comparator)
    for await (const { code } of comparator.compare({ ...pact, interactions: [interaction] }))
      found.push(`${interaction.description}: ${code}`)
  }

  expect(found).toEqual(differences)
})

/**
 * The operations of one action. The specification names the action in the key of a path, `…/{id}?action=cancel`, where
 * OpenAPI does not allow a query; here it is a parameter.
 */
function documentOf(action: string | undefined): NonNullable<ComparatorOptions['oas']> {
  const paths: Record<string, object> = {}
  for (const [key, methods] of Object.entries(reference.paths)) {
    const [path = '', query] = key.split('?')
    if (/^action=(.*)/.exec(query ?? '')?.[1] !== action) continue
    const parameters = action === undefined ? [] : [actionParameter(action)]
    paths[`/api${path}`] = { ...paths[`/api${path}`], ...methods, parameters }
  }
  return {
    openapi: '3.0.3',
    info: { title: 'The cut of the specification', version: reference.version },
    paths,
    components: { schemas, securitySchemes },
  }
}

const actionParameter = (action: string) => ({
  name: 'action',
  in: 'query',
  required: true,
  schema: { type: 'string', enum: [action] },
})

/** The specification names the schema of an enumeration in a field of its own, which only its makers read. */
const schemas = JSON.parse(JSON.stringify(reference.schemas).replaceAll('"x-enum-schema":', '"$ref":')) as object

const securitySchemes = {
  basic_auth: { type: 'http', scheme: 'basic' },
  api_key_auth: { type: 'apiKey', name: 'vmware-api-session-id', in: 'header' },
} as const
