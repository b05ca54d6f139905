// What the calls of the admin API answer, each shape once. The Worker knows them as types alone: at the run nothing is held
// against them, and so none is made.
import * as z from 'zod'
import { CONNECTIONS } from '../rules/fault.ts'
import { FaultFields, STATES } from './shapes.ts'

export const FaultView = z.object({
  ...FaultFields().shape,
  id: z.string(),
  delay: z.number().optional().describe('In seconds.'),
  seen: z.int().describe('How many requests matched.'),
  applied: z.int().describe('To how many of them it was applied.'),
})
export type FaultView = z.output<typeof FaultView>

export const ClockView = z.object({
  now: z.string(),
  real: z.string(),
  offset_seconds: z.number(),
  frozen: z.boolean(),
})
export type ClockView = z.output<typeof ClockView>

const Headers = z.record(z.string(), z.string())
const MessageView = z.object({ id: z.string(), default_message: z.string(), args: z.array(z.string()) })
const LoggedView = z.object({
  url: z.string(),
  absoluteUrl: z.string(),
  method: z.string(),
  clientIp: z.string(),
  headers: Headers,
  cookies: z.object({}),
  loggedDate: z.int().describe('Epoch milliseconds.'),
  loggedDateString: z.string(),
  body: z.string(),
  bodyTruncated: z.boolean(),
})
export type LoggedView = z.output<typeof LoggedView>
/** One request that the mock has seen. Secrets are left out, long bodies cut. */
export const RequestView = z.object({
  id: z.string(),
  request: LoggedView,
  responseDefinition: z.object({ status: z.int() }),
  response: z.object({ status: z.int(), headers: Headers, body: z.string() }),
  wasMatched: z.boolean(),
  timing: z.record(z.string(), z.number()),
  sandbox: z.string(),
  binding: z.string().describe('`api`, `rest`, `json-rpc`, `soap`, `upload` or `download`.'),
  operation: z.string().optional().describe('The vAPI operation that was meant; none where nothing fitted.'),
  user: z.string().optional(),
  durationMs: z.number(),
  fault: z.string().optional().describe('The id of the fault that was applied.'),
  connection: z
    .enum(CONNECTIONS)
    .optional()
    .describe('How that fault broke the connection: the answer did not arrive whole.'),
  why: z
    .object({ by: z.string(), type: z.string().optional(), messages: z.array(MessageView) })
    .optional()
    .describe('Why it was refused.'),
  notice: z.string().optional().describe('What happened to the sandbox before it, and no request caused.'),
})
export type RequestView = z.output<typeof RequestView>

const ErrorView = z.object({ default_message: z.string() })
const FileView = z.object({
  name: z.string(),
  source_type: z.enum(['NONE', 'PUSH', 'PULL']),
  status: z.enum(['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY', 'VALIDATING', 'ERROR']),
  bytes_transferred: z.int(),
  size: z.int().optional(),
  error_message: ErrorView.optional(),
})
export type FileView = z.output<typeof FileView>
export const SessionView = z.object({
  id: z.string(),
  state: z.enum(STATES),
  completing: z
    .boolean()
    .describe('Completed by its client, and not DONE yet, as while PULLs are under way. The API shows it as ACTIVE.'),
  library_item_id: z.string(),
  library_item_name: z.string().optional().describe('Absent where the item is gone.'),
  client_progress: z.int(),
  expiration_time: z.string(),
  error_message: ErrorView.optional(),
  files: z.array(FileView),
  file_count: z.int().optional().describe('How many there are, where a list does not show all of them.'),
})
export type SessionView = z.output<typeof SessionView>

export const SandboxesView = z.object({ sandboxes: z.array(z.object({ name: z.string(), created_at: z.string() })) })
export type SandboxesView = z.output<typeof SandboxesView>

export const CoverageView = z.object({
  operations: z.array(
    z.object({
      operation: z.string(),
      method: z.string(),
      path: z.string(),
      calls: z.int(),
      answers: z.array(z.object({ answer: z.string(), documented: z.boolean(), times: z.int() })),
    }),
  ),
  error_types: z.array(z.string()),
  total: z.object({ operations: z.int(), called: z.int(), answers: z.int(), answered: z.int() }),
})
export type CoverageView = z.output<typeof CoverageView>

export const ConsoleView = z.object({
  version: z.string().describe('Another one after each change.'),
  clock: ClockView,
  shown: z
    .object({
      sessions: z.array(SessionView).describe('The newest.'),
      sessionCount: z.int().describe('How many update sessions there are.'),
      requests: z.array(RequestView).describe('The newest of the journal.'),
      total: z.int().describe('How many the journal has.'),
      faults: z.array(FaultView),
      coverage: CoverageView,
    })
    .optional()
    .describe('Absent where nothing has changed since the version that was asked about.'),
})
export type ConsoleView = z.output<typeof ConsoleView>
