// Faults: what a test wants to go wrong, and how often.
import * as z from 'zod'
import { all } from '../operations/index.ts'
import { id as idOf, listOf, mapOf, text } from '../operations/operation.ts'
import type { ErrorType } from '../rules/failure.ts'
import { isNamed, type Fault } from '../rules/fault.ts'
import { httpStatus } from '../http/render.ts'
import { FAULTS_LIMIT } from '../sandbox/tables/faults.ts'
import { Duration } from './duration.ts'
import { json, Refused, route } from './route.ts'

const DELAY_LIMIT_MS = 600_000
const names = [...all.map(idOf), 'upload', 'download']

const FaultSpec = z
  .strictObject({
    id: text(100).min(1).optional(),
    operation: text(200).default('*'),
    match: mapOf(json(1000), 10).optional(),
    error: z.enum(Object.keys(httpStatus) as ErrorType[]).optional(),
    message: text(1000).optional(),
    status: z.int().min(400).max(599).optional(),
    body: text(10_000).optional(),
    delay: Duration.refine((ms) => ms >= 0 && ms <= DELAY_LIMIT_MS, 'write a time from 0 to 10 minutes').optional(),
    connection: z.enum(['stall', 'truncate']).optional(),
    skip: z.int().min(0).default(0),
    times: z.int().min(1).optional(),
    probability: z.number().min(0).max(1).default(1),
  })
  .refine(({ error, status }) => error === undefined || status === undefined, 'give either error or status')
  .refine(
    ({ error, status, delay, connection }) => [error, status, delay, connection].some((each) => each !== undefined),
    'say what is to happen: error, status, delay or connection',
  )
type FaultSpec = z.output<typeof FaultSpec>

export const faults = [
  route({
    method: 'GET',
    path: '/faults',
    summary: 'The faults of the sandbox, and how often each has struck.',
    run: async ({ sandbox }) => ({ faults: (await sandbox.view({})).faults.map(showFault) }),
  }),
  route({
    method: 'POST',
    path: '/faults',
    summary: 'Adds a fault; one with the same id is replaced.',
    body: FaultSpec,
    run: async ({ sandbox, body }) => {
      const fault = read(body)
      await keep(sandbox.changeFaults({ remove: [], add: [fault] }))
      return showFault(fault)
    },
  }),
  route({
    method: 'PUT',
    path: '/faults',
    summary: 'Replaces all faults.',
    body: z.strictObject({ faults: listOf(FaultSpec, FAULTS_LIMIT) }),
    run: async ({ sandbox, body }) => {
      const add = body.faults.map(read)
      await keep(sandbox.changeFaults({ remove: 'all', add }))
      return { faults: add.map(showFault) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/faults',
    summary: 'Removes all faults.',
    run: async ({ sandbox }) => {
      await sandbox.changeFaults({ remove: 'all', add: [] })
    },
  }),
  route({
    method: 'DELETE',
    path: '/faults/:id',
    summary: 'Removes one fault.',
    run: async ({ sandbox, id }) => {
      const { faults } = await sandbox.view({})
      if (!faults.some((fault) => fault.id === id)) throw new Refused(404, `There is no fault ${id}.`)
      await sandbox.changeFaults({ remove: [id], add: [] })
    },
  }),
]

async function keep(isKept: Promise<boolean>): Promise<void> {
  if (!(await isKept)) throw new Refused(422, 'The sandbox has too many faults.')
}

function read({ id, operation, match, error, message, status, body, delay, connection, ...when }: FaultSpec): Fault {
  if (!names.some((name) => isNamed(name, operation)))
    throw new Refused(422, `No operation is named ${operation}.`, names)
  const { skip, times, probability } = when
  return {
    id: id ?? crypto.randomUUID(),
    operation,
    ...(match && { match }),
    ...(error !== undefined && { error: { type: error, text: message ?? 'A fault was asked for.' } }),
    ...(status !== undefined && { status: { code: status, body: body ?? '' } }),
    ...(delay !== undefined && { delayMs: delay }),
    ...(connection && { connection }),
    skip,
    ...(times !== undefined && { times }),
    probability,
    seen: 0,
    struck: 0,
  }
}

export const showFault = ({ error, status, delayMs, ...fault }: Fault) => ({
  ...fault,
  ...(error && { error: error.type, message: error.text }),
  ...(status && { status: status.code, body: status.body }),
  ...(delayMs !== undefined && { delay: delayMs / 1000 }),
})
