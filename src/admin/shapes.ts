// The shapes of the admin API, each once: what its calls read (…Spec), and what they answer (…View). Routes, console and
// library infer their types from here; the build writes those of the package.
import * as z from 'zod'
import { dateTime, Id, listOf, mapOf, Name, text } from '../operations/schemas.ts'
import { CONTROL_CHARACTERS, DIGITS, DOTS, SESSION_ID } from '../rules/expressions.ts'
import { ERROR_TYPES } from '../rules/failure.ts'
import { CONNECTIONS } from '../rules/fault.ts'
import { readSpan, sandboxSettings } from '../rules/settings.ts'

/** Any JSON of at most so many characters. */
const jsonUpTo = (limit: number) =>
  z.unknown().refine((value) => JSON.stringify(value).length <= limit, `it has more than ${limit} characters as JSON`)

/** A text, or a number as its digits. `read` says what it means, and nothing where it is wrong. */
const readAs = <T>(read: (text: string) => T | undefined, wanted: string) =>
  z.union([z.number(), text(32)], `write ${wanted}`).transform((given, context) => {
    const value = read(`${given}`)
    if (value !== undefined) return value
    context.addIssue(`write ${wanted}`)
    return z.NEVER
  })

/** Read as milliseconds. */
export const DurationSpec = readAs(readSpan, '"90s", "5m", "4h", "2d" or a number of seconds').describe(
  'As `90s`, `5m`, `4h`, `2d`; or a number of seconds.',
)
export type DurationSpec = z.input<typeof DurationSpec>

const inPaths = (id: z.ZodString) => id.refine((given) => !DOTS.test(given), 'no path can lead to . or ..')
const isGiven = (value: unknown) => value !== undefined
const countGiven = (...values: unknown[]) => values.filter(isGiven).length
const areDistinct = (values: unknown[]) => new Set(values).size === values.length

const DELAY_LIMIT_MS = 600_000
const FaultFields = z.strictObject({
  // Answers have it in a header.
  id: inPaths(text(100).min(1))
    .refine((id) => id.search(CONTROL_CHARACTERS) === -1, 'it has a control character')
    .optional(),
  operation: text(200)
    .default('*')
    .describe('An operation by the end of its id: `update_session.cancel`, `cancel`, `upload`, `*`.'),
  match: mapOf(jsonUpTo(1000), 10).optional().describe("Fields of the operation's input that must be equal."),
  error: z.enum(ERROR_TYPES).optional().describe('The error it is refused with. The operation is not carried out.'),
  message: text(1000).optional(),
  message_id: Id.optional().describe('The id of that message, as `com.vmware.vdcs.util.unable_to_allocate_resource`.'),
  args: listOf(text(1000), 10).optional().describe('Its arguments.'),
  status: z
    .int()
    .min(400)
    .max(599)
    .optional()
    .describe('An HTTP status instead of an error, with a body of its own. The operation is not carried out.'),
  body: text(10_000).optional(),
  delay: DurationSpec.refine((ms) => ms >= 0 && ms <= DELAY_LIMIT_MS, 'write a time from 0 to 10 minutes')
    .optional()
    .describe('The answer comes so much later.'),
  connection: z
    .enum(CONNECTIONS)
    .optional()
    .describe(
      'The connection closes without an answer, or in the middle of the body; or the body is held, and then it closes.',
    ),
  when: z
    .enum(['before', 'after'])
    .optional()
    .describe('Whether the connection breaks before the operation, which is then not carried out, or after it.'),
  after_bytes: z
    .int()
    .min(0)
    .optional()
    .describe('The connection breaks when so many bytes of an upload have come, or of an answer have gone.'),
  skip: z.int().min(0).default(0).describe('So many requests pass first.'),
  times: z.int().min(1).optional().describe('So often; without it, until the fault is removed.'),
  probability: z.number().min(0).max(1).default(1).describe('From 0 to 1.'),
})
export const FaultSpec = FaultFields.refine(
  ({ error, status }) => countGiven(error, status) < 2,
  'give either error or status',
)
  .refine(
    ({ error, status, delay, connection }) => countGiven(error, status, delay, connection) > 0,
    'say what is to happen: error, status, delay or connection',
  )
  .refine(
    ({ connection, when, after_bytes }) => isGiven(connection) || countGiven(when, after_bytes) === 0,
    'when and after_bytes say how a connection breaks: give connection, too',
  )
  .refine(
    ({ when, after_bytes }) => when !== 'before' || !isGiven(after_bytes),
    'give either when "before" or after_bytes',
  )
  .refine(
    ({ error, message, message_id, args }) => isGiven(error) || countGiven(message, message_id, args) === 0,
    'message, message_id and args are of an error: give error, too',
  )
  .refine(({ status, body }) => isGiven(status) || !isGiven(body), 'body is of a status: give status, too')
export type FaultSpec = z.input<typeof FaultSpec>
export const FaultView = z.object({
  ...FaultFields.shape,
  id: z.string(),
  delay: z.number().optional().describe('In seconds.'),
  seen: z.int().describe('How many requests matched.'),
  applied: z.int().describe('To how many of them it was applied.'),
})
export type FaultView = z.output<typeof FaultView>

export const FaultsSpec = (limit: number) =>
  z.strictObject({
    faults: listOf(FaultSpec, limit).refine(
      (faults) => areDistinct(faults.flatMap(({ id }) => id ?? [])),
      'one id is given twice',
    ),
  })

export const ClockAdvanceSpec = z.strictObject({ by: DurationSpec })
export const ClockSetSpec = z.strictObject({ now: dateTime })
export const ClockView = z.object({
  now: z.string(),
  real: z.string(),
  offset_seconds: z.number(),
  frozen: z.boolean(),
})
export type ClockView = z.output<typeof ClockView>

const PATTERN_CHARS = 256
/** Of headers, of query parameters, and of patterns for the body: each is held against every entry. */
const MATCHERS_LIMIT = 10
const PatternText = text(PATTERN_CHARS)
/** WireMock's regular expressions: nothing bounds the time that one of them takes. */
const noExpression = (instead: string) =>
  z.never(`regular expressions are not matched here; use ${instead}, in which * stands for any text`).optional()
export const MatcherSpec = z
  .strictObject({
    equalTo: PatternText,
    contains: PatternText,
    glob: PatternText.describe('`*` stands for any text.'),
    absent: z.boolean(),
    matches: noExpression('equalTo, contains or glob'),
    doesNotMatch: noExpression('equalTo, contains or glob'),
  })
  .partial()
export type MatcherSpec = z.input<typeof MatcherSpec>
const Matchers = mapOf(MatcherSpec, MATCHERS_LIMIT)
/** The part of WireMock's request pattern that means something here; `operation`, `status` and globs are ours. */
export const PatternSpec = z
  .strictObject({
    method: PatternText,
    url: PatternText,
    urlGlob: PatternText,
    urlPath: PatternText,
    urlPathGlob: PatternText,
    urlPattern: noExpression('url or urlGlob'),
    urlPathPattern: noExpression('urlPath or urlPathGlob'),
    headers: Matchers.describe('Of the headers that the journal keeps.'),
    queryParameters: Matchers,
    bodyPatterns: listOf(MatcherSpec, MATCHERS_LIMIT),
    operation: PatternText,
    status: z.int(),
  })
  .partial()
export type PatternSpec = z.input<typeof PatternSpec>
export const FilterSpec = z.strictObject({
  limit: text(16).regex(DIGITS, 'write a whole number').transform(Number).optional(),
  since: dateTime.optional(),
  unmatched: z.enum(['true', 'false']).optional(),
})

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

const SEEDED_FILES_LIMIT = 100
const CONTENT_CHARS = 65_536
const SessionId = inPaths(text(100).regex(SESSION_ID, 'write 1 to 100 letters, digits, or any of : . - _'))
const STATES = ['ACTIVE', 'DONE', 'ERROR', 'CANCELED'] as const
const SeededFileSpec = z
  .strictObject({
    name: Name,
    status: z.enum(['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY']).default('WAITING_FOR_TRANSFER'),
    size: z
      .int()
      .min(0)
      .optional()
      .describe('What it is to have in the end. While it is in transfer, `bytes_transferred` of these are there.'),
    bytes_transferred: z.int().min(0).default(0),
    content: text(CONTENT_CHARS).default('').describe('What a file that is READY holds.'),
  })
  .refine(({ size = Infinity, bytes_transferred }) => bytes_transferred <= size, 'bytes_transferred is more than size')
export const SessionSpec = z.strictObject({
  id: SessionId.optional(),
  library_item_id: SessionId.optional().describe('Made where there is no such item.'),
  state: z.enum(STATES).default('ACTIVE'),
  client_progress: z.int().min(0).max(100).optional(),
  error_message: text(1000).default('The test asked for a session that failed.'),
  files: listOf(SeededFileSpec, SEEDED_FILES_LIMIT)
    .refine((files) => areDistinct(files.map(({ name }) => name)), 'one name is given twice')
    .default([]),
})
export type SessionSpec = z.input<typeof SessionSpec>

/** One change of a live update session. */
export const SessionChangeSpec = z
  .strictObject({
    state: z.literal('ERROR').optional().describe('It fails now.'),
    completion: z.literal('ERROR').optional().describe('Its completion is accepted, and ends in ERROR.'),
    file: z
      .strictObject({ name: Name, status: z.enum(['ERROR', 'VALIDATING', 'READY']) })
      .optional()
      .describe(
        'One of its files is in this state. A file in ERROR ends the session; only one that has arrived is validated.',
      ),
    error_message: text(1000).default('The test asked for a failure.'),
  })
  .refine(
    ({ state, completion, file }) => countGiven(state, completion, file) === 1,
    'give one of state, completion and file',
  )
export type SessionChangeSpec = z.input<typeof SessionChangeSpec>

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

/** A field for each setting that a test may change, as its variable has it; a number of seconds may be a number. */
export const SettingsSpec = z
  .strictObject(Object.fromEntries(sandboxSettings.map(({ admin, read, wanted }) => [admin, readAs(read, wanted)])))
  .partial()

const LONGEST_MS = 30 * 86_400_000
const Completion = z.union(
  [
    z.literal('at-once'),
    z.strictObject({
      after: DurationSpec.refine((ms) => ms > 0 && ms <= LONGEST_MS, 'write a time above 0 and up to 30 days'),
    }),
  ],
  'write "at-once" or {"after": "10s"}',
)
export const TransitionsSpec = z.strictObject({ complete: Completion })
export type TransitionsSpec = z.input<typeof TransitionsSpec>

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

export const ConsoleSpec = z.strictObject({ since: text(100).optional() })
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

/** What verifiers send; some add fields of their own, and for an interaction without a state the name is empty. */
export const StateSpec = z.object({
  state: text(2000),
  params: mapOf(jsonUpTo(65_536)).nullish(),
  action: z.enum(['setup', 'teardown']).default('setup'),
})
