// Makes the OpenAPI document of the operation table's `/api` form, which the Worker serves as a file.
import * as z from 'zod'
import { bodyFields, successStatus } from '../src/bindings/rest/api.ts'
import { pathFields } from '../src/bindings/rest/routes.ts'
import { httpStatus } from '../src/http/render.ts'
import { current } from '../src/operations/index.ts'
import { camel, isOptional, pathKey, type Operation } from '../src/operations/operation.ts'
import { ERROR_TYPES, type ErrorType } from '../src/rules/failure.ts'

type Json = Record<string, unknown>

const REFERENCE = '#/components/schemas/'
const ref = (schema: string) => ({ $ref: REFERENCE + schema })

export function openapi(): Json {
  const paths: Record<string, Json> = {}
  for (const operation of current)
    (paths[pathKey(operation)] ??= {})[operation.method.toLowerCase()] = describeOperation(operation)
  return {
    openapi: '3.0.3',
    info: {
      // Generators name packages and functions by it.
      title: 'vSphere Content Library',
      version: '9.1.0.0',
      description: 'The operations this mock implements, in the form of the vSphere Automation API.',
    },
    servers: [{ url: '/api' }],
    paths,
    components: { schemas: schemas(), securitySchemes: securitySchemes() },
  }
}

function describeOperation(operation: Operation): Json {
  const errors = Map.groupBy(operation.errors, (type) => httpStatus[type])
  const body = bodySchema(operation)
  return {
    tags: [tag(operation)],
    operationId: `${tag(operation)}_${camel(operation.name)}`,
    ...parameters(operation),
    ...(body && {
      requestBody: { content: { 'application/json': { schema: body.schema } }, required: body.isRequired },
    }),
    responses: {
      [successStatus(operation)]:
        successStatus(operation) === 204
          ? { description: 'done' }
          : { description: 'ok', content: { 'application/json': { schema: jsonSchema(operation.output()) } } },
      ...Object.fromEntries([...errors].map(([status, types]) => [status, errorResponse(types)])),
    },
    security: [operation.login === 'basic' ? { basic_auth: [] } : { api_key_auth: [] }],
  }
}

function parameters(operation: Operation): Json {
  const found = [
    ...(operation.input().shape['client_token'] ? [parameter('Client-Token', 'header', false)] : []),
    ...pathFields(operation.path).map((name) => parameter(camel(name), 'path', true)),
    ...(operation.query ?? []).map((name) => parameter(name, 'query', !isOptional(operation, name))),
  ]
  return found.length === 0 ? {} : { parameters: found }
}

const parameter = (name: string, where: string, required: boolean) => ({
  name,
  in: where,
  required,
  schema: { type: 'string' },
})

function bodySchema(operation: Operation): { schema: Json; isRequired: boolean } | undefined {
  const shape = operation.input().shape as Record<string, z.ZodType> // zod's own shape type is wider than what it holds
  if (operation.body !== undefined) {
    const field = shape[operation.body]
    return field && { schema: jsonSchema(field), isRequired: !field.isOptional() }
  }
  const fields = bodyFields(operation)
  if (fields.length === 0) return undefined
  const schema = z.object(Object.fromEntries(Object.entries(shape).filter(([field]) => fields.includes(field))))
  return { schema: jsonSchema(schema), isRequired: fields.some((field) => !isOptional(operation, field)) }
}

/** One type at a status is that type's schema, several are their base, as in the specification. */
function errorResponse(types: ErrorType[]): Json {
  const [only] = types
  const schema = ref(only !== undefined && types.length === 1 ? errorSchema(only) : ERROR)
  return { description: types.join(', '), content: { 'application/json': { schema } } }
}

const ERROR = 'Vapi.Std.Errors.Error'
const errorSchema = (type: ErrorType) => `Vapi.Std.Errors.${pascal(type)}`

function schemas(): Json {
  return {
    ...Object.fromEntries(registered().toSorted(([a], [b]) => (a < b ? -1 : 1))),
    [ERROR]: {
      type: 'object',
      required: ['error_type', 'messages'],
      properties: {
        messages: { type: 'array', items: ref('Vapi.Std.LocalizableMessage') },
        data: { type: 'object' },
        error_type: { type: 'string', enum: ERROR_TYPES },
      },
      discriminator: {
        propertyName: 'error_type',
        mapping: Object.fromEntries(ERROR_TYPES.map((type) => [type, REFERENCE + errorSchema(type)])),
      },
    },
    // That of ERROR is their base, by its name.
    ...Object.fromEntries(
      ERROR_TYPES.filter((type) => errorSchema(type) !== ERROR).map((type) => [
        errorSchema(type),
        {
          type: 'object',
          allOf: [ref(ERROR)],
          ...(type.startsWith('UNAUTH') && { properties: { challenge: { type: 'string' } } }),
        },
      ]),
    ),
  }
}

const securitySchemes = () => ({
  basic_auth: { type: 'http', scheme: 'basic' },
  api_key_auth: { type: 'apiKey', name: 'vmware-api-session-id', in: 'header' },
})

/** Every schema that has a name, however deep it lies in an operation. */
function registered(): [string, Json][] {
  const { schemas: named } = z.toJSONSchema(z.globalRegistry, { ...SCHEMA_OPTIONS, uri: (name) => REFERENCE + name })
  return Object.entries(named).map(([name, schema]) => {
    const { $id: _, ...written } = schema
    return [name, written]
  })
}

/** The schema of one place: a reference where it has a name, else written out. */
function jsonSchema(schema: z.ZodType): Json {
  const name = z.globalRegistry.get(schema)?.id
  if (name !== undefined) return ref(name)
  const { definitions: _, ...written } = z.toJSONSchema(schema, SCHEMA_OPTIONS)
  // Under OpenAPI 3.0 zod calls the place of named schemas `definitions`; here they all stand among the components.
  return JSON.parse(JSON.stringify(written).replaceAll('#/definitions/', REFERENCE)) as Json // what was just written
}

/**
 * As the specification writes schemas: names are references, and formats stand without the patterns zod adds. Limits of
 * length are left out: the same schemas describe what a vCenter answers, and its limits are not ours (docs/fidelity.md).
 */
const LEFT_OUT = ['id', 'pattern', 'minimum', 'maximum', 'maxLength', 'maxItems', 'maxProperties'] as const
const SCHEMA_OPTIONS: z.core.ToJSONSchemaParams = {
  target: 'openapi-3.0',
  io: 'input',
  unrepresentable: 'any',
  override: ({ jsonSchema: schema }) => {
    for (const name of LEFT_OUT) delete schema[name]
    if (schema.additionalProperties === false) delete schema.additionalProperties
  },
}

const pascal = (name: string) =>
  name
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
/** `com.vmware.content.library.item.update_session` is tagged `Content.Library.Item.UpdateSession`. */
const tag = ({ service }: Operation) => service.replace('com.vmware.', '').split('.').map(pascal).join('.')
