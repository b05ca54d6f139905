// What the worker says of itself, in a file that it serves as it is: valid OpenAPI, and the specification's own words for every operation it has.
import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'
import reference from '../operations/reference.json' with { type: 'json' }

type Json = { [key: string]: unknown }
type Operation = {
  operationId: string
  parameters?: { name: string; in: string }[]
  responses: Record<string, { description?: string; 'x-error-types'?: string[]; content?: object }>
}
type Described = { paths: Record<string, Record<string, Operation>>; schemas: Record<string, Json> }

const SCHEMAS = '#/components/schemas/'

/** Everything in a document that a client can come to depend on, in one spelling where OpenAPI has several. */
function factsOf({ paths, schemas }: Described): Json {
  const facts: Json = {}
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { parameters = [], responses, ...operation }] of Object.entries(methods)) {
      const byName = Object.fromEntries(parameters.map((each) => [`${each.in} ${each.name}`, each]))
      const answers = Object.entries(responses).map(([status, { content = {}, ...answer }]) => [
        status,
        { content, errors: Number(status) < 400 ? [] : errorTypes(answer) },
      ])
      const said = { ...operation, parameters: byName, responses: Object.fromEntries(answers) as Json }
      facts[`${method.toUpperCase()} ${path}`] = plain(said)
    }
  return facts

  function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain).toSorted(byWord)
    if (typeof value !== 'object' || value === null) return value
    const { allOf, $ref, 'x-enum-schema': enumeration, description: _, discriminator: __, ...rest } = value as Json
    const said = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, plain(member)]))
    if (typeof enumeration === 'string')
      return { ...said, enum: plain(schemas[enumeration.replace(SCHEMAS, '')]?.['enum']) }
    if (typeof $ref === 'string') {
      if (!($ref in facts)) {
        facts[$ref] = 'is being read'
        facts[$ref] = plain(schemas[$ref.replace(SCHEMAS, '')] ?? 'is missing')
      }
      return { ...said, $ref }
    }
    if (!Array.isArray(allOf)) return said
    const [base] = allOf.map(plain) as Json[]
    return Object.keys(said).length === 0 && allOf.length === 1 ? base : { ...said, base }
  }
}

/** Lists of words say the same in any order. */
const byWord = (a: unknown, b: unknown) => (typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b) : 0)

/** The names of the errors that an answer can hold. */
const errorTypes = ({ description = '', 'x-error-types': named }: Operation['responses'][string]): string[] =>
  (named?.map((name) => name.replace('Vapi.Std.Errors.', '')) ?? description.split(', ')).map((name) =>
    name.replaceAll('_', '').toLowerCase(),
  )

describe('/openapi.json', () => {
  let document: { paths: Described['paths']; components: { schemas: Described['schemas'] } }
  beforeAll(async () => {
    document = JSON.parse(await readFile('dist/assets/docs/openapi.json', 'utf8'))
  })

  it('is a valid OpenAPI document', async () => {
    await expect(new Validator().validate(structuredClone(document))).resolves.toMatchObject({ valid: true })
  })

  it('says what the specification says of every operation', () => {
    const ours = factsOf({ paths: document.paths, schemas: document.components.schemas })

    expect(ours).toEqual(factsOf(reference))
  })
})
