// What JSON-RPC tells of itself: vAPI's introspection services, read off the operation table. They need no login.
import * as z from 'zod'
import { all } from '../../operations/index.ts'
import type { Operation } from '../../operations/operation.ts'
import { once } from '../../operations/once.ts'
import { Id, LocalizableMessage } from '../../operations/schemas.ts'
import { notDescribed, ok, fail, type ErrorType, type Result } from '../../rules/failure.ts'
import { hexOf } from '../../rules/hex.ts'
import { errorName } from '../../http/render.ts'
import { isSecretField, MAP_ENTRY, structure, structureName, type DataValue } from './data-value.ts'

/** An operation about operations: it needs no sandbox, and its answer is a data value from the start. */
export type Introspection = Pick<Operation, 'service' | 'name' | 'input'> & {
  run: (input: never) => Result<DataValue> | Promise<Result<DataValue>>
}

const SERVICES = 'com.vmware.vapi.std.introspection'
const services = Map.groupBy(all, ({ service }) => service)

const introspect = <I extends z.ZodObject>(
  kind: 'provider' | 'service' | 'operation',
  name: string,
  input: () => I,
  run: (input: z.output<I>) => Result<DataValue> | Promise<Result<DataValue>>,
): Introspection => ({ service: `${SERVICES}.${kind}`, name, input: once(input), run })

const noInput = () => z.object({})
const aService = () => z.object({ service_id: Id })

export const introspection: Introspection[] = [
  introspect('provider', 'get', noInput, async () =>
    ok(structure(`${SERVICES}.provider.info`, { id: 'update-session-mock', checksum: await checksum() })),
  ),
  introspect('service', 'list', noInput, () => ok([...services.keys()])),
  introspect(
    'service',
    'get',
    () => z.object({ id: Id }),
    ({ id }) => {
      const names = operationNames(id)
      return names.ok ? ok(structure(`${SERVICES}.service.info`, { operations: names.value })) : names
    },
  ),
  introspect('operation', 'list', aService, ({ service_id }) => operationNames(service_id)),
  introspect(
    'operation',
    'get',
    () => aService().extend({ operation_id: Id }),
    ({ service_id, operation_id }) => {
      const operation = services.get(service_id)?.find(({ name }) => name === operation_id)
      return operation ? ok(infoOf(operation)) : fail(notDescribed('operation', `${service_id}.${operation_id}`))
    },
  ),
]

function operationNames(service: string): Result<string[]> {
  const operations = services.get(service)
  return operations ? ok(operations.map(({ name }) => name)) : fail(notDescribed('service', service))
}

/** Any operation may answer these, documented or not (reference 9.2). */
const ANYWHERE: ErrorType[] = ['INTERNAL_SERVER_ERROR', 'INVALID_ARGUMENT', 'OPERATION_NOT_FOUND']

const infoOf = ({ input, output, errors }: Operation): DataValue =>
  structure(`${SERVICES}.operation.info`, {
    input_definition: definitionOf(input()),
    output_definition: definitionOf(output()),
    error_definitions: [...new Set([...errors, ...ANYWHERE])].map(errorDefinition),
  })

type DefinitionParts = { element?: DataValue; name?: string; fields?: [string, DataValue][] }

const definition = (type: string, { element, name, fields }: DefinitionParts = {}): DataValue =>
  structure(`${SERVICES}.operation.data_definition`, {
    type,
    element_definition: { OPTIONAL: element ?? null },
    name: { OPTIONAL: name ?? null },
    fields: { OPTIONAL: fields?.map(([key, value]) => structure(MAP_ENTRY, { key, value })) ?? null },
  })

/** `above` are the structures around this place: one within itself is a reference. */
function definitionOf(schema: z.core.$ZodType, above: z.core.$ZodType[] = []): DataValue {
  const inner = (each: z.core.$ZodType) => definitionOf(each, [...above, schema])
  if (schema instanceof z.ZodOptional) return definition('OPTIONAL', { element: inner(schema.def.innerType) })
  if (isSecretField(schema)) return definition('SECRET')
  if (schema instanceof z.ZodArray) return definition('LIST', { element: inner(schema.element) })
  if (schema instanceof z.ZodRecord) {
    const fields: [string, DataValue][] = [
      ['key', definition('STRING')],
      ['value', inner(schema.valueType)],
    ]
    return definition('LIST', { element: definition('STRUCTURE', { name: MAP_ENTRY, fields }) })
  }
  if (schema instanceof z.ZodObject) {
    const name = structureName(schema)
    if (above.includes(schema)) return definition('STRUCTURE_REF', { name })
    return definition('STRUCTURE', {
      name,
      fields: Object.entries(schema.shape).map(([field, each]) => [field, inner(each)]),
    })
  }
  if (schema instanceof z.ZodNumber) return definition(schema.format === 'safeint' ? 'LONG' : 'DOUBLE')
  if (schema instanceof z.ZodBoolean) return definition('BOOLEAN')
  return definition(schema instanceof z.ZodUndefined ? 'VOID' : 'STRING')
}

const errorDefinition = (type: ErrorType): DataValue =>
  definition('ERROR', {
    name: errorName(type),
    fields: [
      ['messages', definition('LIST', { element: definitionOf(LocalizableMessage()) })],
      ['data', definition('OPTIONAL', { element: definition('DYNAMIC_STRUCTURE') })],
      ['error_type', definition('OPTIONAL', { element: definition('STRING') })],
    ],
  })

/** Another one whenever something here is described otherwise. */
async function checksum(): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(all.map(infoOf)))
  return hexOf(await crypto.subtle.digest('SHA-256', bytes))
}
