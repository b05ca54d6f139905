// What the worker says of itself: valid OpenAPI, and the specification's own words for every operation it has.
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../../src/node/server.ts'
import reference from '../operations/reference.json' with { type: 'json' }

type Json = { [key: string]: unknown }
type Operation = {
  operationId: string
  parameters?: { name: string; in: string }[]
  responses: Record<string, { description?: string; 'x-error-types'?: string[]; content?: object }>
}
type Described = { paths: Record<string, Record<string, Operation>>; schemas: Record<string, Json> }
/** What is said at one place of a document: an entry per leaf. */
type Facts = Map<string, string>

const SCHEMAS = '#/components/schemas/'

/** Everything in a document that a client can come to depend on. */
function factsOf({ paths, schemas }: Described): Facts {
  const facts: Facts = new Map()
  const named = new Set<string>()
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { parameters = [], responses, ...operation }] of Object.entries(methods)) {
      const byName = Object.fromEntries(parameters.map((each) => [`${each.in} ${each.name}`, each]))
      const answers = Object.entries(responses).map(([status, { content = {}, ...answer }]) => [
        status,
        { content, errors: Number(status) < 400 ? [] : errorTypes(answer) },
      ])
      const said = { ...operation, parameters: byName, responses: Object.fromEntries(answers) as Json }
      note(said, `${method.toUpperCase()} ${path}`)
    }
  for (const name of named) note(schemas[name] ?? 'is missing', name)
  return facts

  function note(value: unknown, at: string): void {
    if (typeof value !== 'object' || value === null) facts.set(at, String(value))
    else if (Object.keys(value).length === 0) facts.set(at, 'is empty')
    else if (Array.isArray(value)) for (const [index, member] of value.entries()) noteMember(member, index, at)
    else
      for (const [key, member] of Object.entries(plain(value as Json))) {
        if (key === '$ref') named.add(String(member).replace(SCHEMAS, ''))
        note(member, `${at} / ${key}`)
      }
  }

  /** Lists of words say the same in any order. */
  function noteMember(member: unknown, index: number, at: string): void {
    if (typeof member === 'string') facts.set(`${at} / ${member}`, 'is there')
    else note(member, `${at} / ${index}`)
  }

  /** One spelling where OpenAPI has several. */
  function plain({ allOf, ...schema }: Json): Json {
    const { 'x-enum-schema': enumeration, description: _, discriminator: __, ...rest } = schema
    if (typeof enumeration === 'string') return { ...rest, enum: schemas[enumeration.replace(SCHEMAS, '')]?.['enum'] }
    if (!Array.isArray(allOf)) return rest
    const [base] = allOf as Json[]
    return Object.keys(rest).length === 0 && allOf.length === 1 ? { ...base } : { ...rest, base }
  }
}

/** The names of the errors that an answer can hold. */
const errorTypes = ({ description = '', 'x-error-types': named }: Operation['responses'][string]): string[] =>
  (named?.map((name) => name.replace('Vapi.Std.Errors.', '')) ?? description.split(', ')).map((name) =>
    name.replaceAll('_', '').toLowerCase(),
  )

describe('/openapi.json', () => {
  let document: { paths: Described['paths']; components: { schemas: Described['schemas'] } }
  beforeAll(async () => {
    const worker = await serve()
    document = await (await fetch(`${worker.url}/openapi.json`)).json()
    await worker.stop()
  })

  it('is a valid OpenAPI document', async () => {
    await expect(new Validator().validate(structuredClone(document))).resolves.toMatchObject({ valid: true })
  })

  it('says what the specification says of every operation', () => {
    const ours = factsOf({ paths: document.paths, schemas: document.components.schemas })
    const theirs = factsOf(reference)

    const found = [...new Set([...ours.keys(), ...theirs.keys()])].filter((at) => ours.get(at) !== theirs.get(at))

    const report = (at: string) => [at, `ours: ${ours.get(at)}`, `the specification: ${theirs.get(at)}`]
    expect(found.map(report)).toEqual([])
  })
})
