// Faults: what a test wants to go wrong, and how often.
import * as z from 'zod'
import { all } from '../operations/index.ts'
import { id as idOf } from '../operations/operation.ts'
import { Id, Name } from '../operations/schemas.ts'
import { isNamed, type Fault } from '../rules/fault.ts'
import { FAULTS_LIMIT } from '../sandbox/tables/faults.ts'
import { checkPart } from './check-shape.ts'
import { AdminFailure, route } from './route.ts'
import { FaultSpec, FaultsSpec } from './shapes.ts'
import type { FaultView } from './view-shapes.ts'

/** What a fault can be for, and the input that its `match` can name. */
const inputs: [string, () => z.ZodObject][] = [
  ...all.map((operation): [string, () => z.ZodObject] => [idOf(operation), operation.input]),
  ['upload', () => z.strictObject({ update_session_id: Id, file_name: Name })],
  ['download', () => z.strictObject({ library_item_id: Id, file_name: Name })],
]
const names = inputs.map(([name]) => name)

/** A name that means no operation would match nothing, without a word. */
export function checkOperation(operation: string): void {
  if (!names.some((name) => isNamed(name, operation)))
    throw new AdminFailure(422, `No operation is named ${operation}.`, names)
}

export const faults = [
  route('GET /faults', {}, async ({ sandbox }) => ({ faults: (await sandbox.view({})).faults.map(showFault) })),
  // Adds a fault; one with the same id is replaced.
  route('POST /faults', { body: FaultSpec }, async ({ env, sandbox, body }) => {
    const fault = toFault(body, env)
    if (await sandbox.changeFaults({ remove: [], add: [fault] })) return showFault(fault)
    throw new AdminFailure(422, `A sandbox has at most ${FAULTS_LIMIT} faults. DELETE /__admin/faults removes all.`)
  }),
  route('PUT /faults', { body: () => FaultsSpec(FAULTS_LIMIT) }, async ({ env, sandbox, body }) => {
    const add = body.faults.map((fault, at) => toFault(fault, env, ['faults', at]))
    await sandbox.changeFaults({ remove: 'all', add })
    return { faults: add.map(showFault) }
  }),
  route('DELETE /faults', {}, async ({ sandbox }) => {
    await sandbox.changeFaults({ remove: 'all', add: [] })
  }),
  route('DELETE /faults/:id', {}, async ({ sandbox, id }) => {
    const { faults } = await sandbox.view({})
    if (!faults.some((fault) => fault.id === id)) throw new AdminFailure(404, `There is no fault ${id}.`)
    await sandbox.changeFaults({ remove: [id], add: [] })
  }),
]

const NO_CONNECTIONS =
  'Only the command and start() can break connections: Cloudflare, and the proxy of `npm run dev`, hide it from clients. Use error, status or delay here.'

/** `place` is where it stands in the body. */
function toFault(
  { delay, ...given }: z.output<ReturnType<typeof FaultSpec>>,
  env: Env,
  place: PropertyKey[] = [],
): Fault {
  const { operation, match, error, message, status, body, connection } = given
  if (connection && env.OWN_CONNECTIONS !== 'on') throw new AdminFailure(422, NO_CONNECTIONS)
  checkOperation(operation)
  // What no input of the operation can have would match nothing, either.
  if (match)
    checkPart(
      inputs.flatMap(([name, input]) => (isNamed(name, operation) ? [input()] : [])),
      match,
      [...place, 'match'],
    )
  if (connection === 'reset' && given.after_bytes !== undefined && !isNamed('upload', operation))
    throw new AdminFailure(422, 'reset closes without an answer: after_bytes is of truncate, stall, or an upload.')
  return {
    ...given,
    id: given.id ?? crypto.randomUUID(),
    message: error && (message ?? 'A fault was asked for.'),
    body: status === undefined ? undefined : (body ?? ''),
    delay: delay === undefined ? undefined : delay / 1000,
    seen: 0,
    applied: 0,
  }
}

export const showFault = ({ match, ...fault }: Fault): FaultView => ({ ...fault, match: match && { ...match } })
