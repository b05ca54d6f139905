// Faults: what a test wants to go wrong, and how often.
import type * as z from 'zod'
import { all } from '../operations/index.ts'
import { id as idOf } from '../operations/operation.ts'
import { isNamed, type Fault } from '../rules/fault.ts'
import { FAULTS_LIMIT } from '../sandbox/tables/faults.ts'
import { AdminFailure, route } from './route.ts'
import { FaultSpec, FaultsSpec } from './shapes.ts'
import type { FaultView } from './view-shapes.ts'

const names = [...all.map(idOf), 'upload', 'download']

/** A name that means no operation would match nothing, without a word. */
export function checkOperation(operation: string): void {
  if (!names.some((name) => isNamed(name, operation)))
    throw new AdminFailure(422, `No operation is named ${operation}.`, names)
}

export const faults = [
  // The faults of the sandbox, and how often each was applied.
  route('GET /faults', {}, async ({ sandbox }) => ({ faults: (await sandbox.view({})).faults.map(showFault) })),
  // Adds a fault; one with the same id is replaced.
  route('POST /faults', { body: FaultSpec }, async ({ env, sandbox, body }) => {
    const fault = toFault(body, env)
    if (await sandbox.changeFaults({ remove: [], add: [fault] })) return showFault(fault)
    throw new AdminFailure(422, `A sandbox has at most ${FAULTS_LIMIT} faults. DELETE /__admin/faults removes all.`)
  }),
  // Replaces all faults.
  route('PUT /faults', { body: () => FaultsSpec(FAULTS_LIMIT) }, async ({ env, sandbox, body }) => {
    const add = body.faults.map((fault) => toFault(fault, env))
    await sandbox.changeFaults({ remove: 'all', add })
    return { faults: add.map(showFault) }
  }),
  // Removes all faults.
  route('DELETE /faults', {}, async ({ sandbox }) => {
    await sandbox.changeFaults({ remove: 'all', add: [] })
  }),
  // Removes one fault.
  route('DELETE /faults/:id', {}, async ({ sandbox, id }) => {
    const { faults } = await sandbox.view({})
    if (!faults.some((fault) => fault.id === id)) throw new AdminFailure(404, `There is no fault ${id}.`)
    await sandbox.changeFaults({ remove: [id], add: [] })
  }),
]

const NO_CONNECTIONS =
  'Only the command and start() can break connections. `npm run dev` has a proxy that repeats requests, and before a deployed mock stands Cloudflare: a broken connection would not be felt, or not the right number of times. Use error, status or delay here.'

function toFault({ delay, ...given }: z.output<ReturnType<typeof FaultSpec>>, env: Env): Fault {
  const { operation, error, message, status, body, connection } = given
  if (connection && env.OWN_CONNECTIONS !== 'on') throw new AdminFailure(422, NO_CONNECTIONS)
  checkOperation(operation)
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
