// What the calls of the admin API read, each shape once. Routes, console and library infer their types from here; the build
// writes those of the package.
import * as z from 'zod'
import { once } from '../operations/once.ts'
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
export const DurationSpec = once(() =>
  readAs(readSpan, '"90s", "5m", "4h", "2d" or a number of seconds').describe(
    'As `90s`, `5m`, `4h`, `2d`; or a number of seconds.',
  ),
)
export type DurationSpec = z.input<ReturnType<typeof DurationSpec>>

const inPaths = (id: z.ZodString) => id.refine((given) => !DOTS.test(given), 'no path can lead to . or ..')
const isGiven = (value: unknown) => value !== undefined
const countGiven = (...values: unknown[]) => values.filter(isGiven).length
const areDistinct = (values: unknown[]) => new Set(values).size === values.length

const DELAY_LIMIT_MS = 600_000
export const FaultFields = once(() =>
  z.strictObject({
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
    message_id: Id.optional().describe(
      'The id of that message, as `com.vmware.vdcs.util.unable_to_allocate_resource`.',
    ),
    args: listOf(text(1000), 10).optional().describe('Its arguments.'),
    status: z
      .int()
      .min(400)
      .max(599)
      .optional()
      .describe('An HTTP status instead of an error, with a body of its own. The operation is not carried out.'),
    body: text(10_000).optional(),
    delay: DurationSpec()
      .refine((ms) => ms >= 0 && ms <= DELAY_LIMIT_MS, 'write a time from 0 to 10 minutes')
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
  }),
)
export const FaultSpec = once(() =>
  FaultFields()
    .refine(({ error, status }) => countGiven(error, status) < 2, 'give either error or status')
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
      ({ error, status, when }) => countGiven(error, status) === 0 || !isGiven(when),
      'error and status refuse the operation: leave when out',
    )
    .refine(
      ({ error, message, message_id, args }) => isGiven(error) || countGiven(message, message_id, args) === 0,
      'message, message_id and args are of an error: give error, too',
    )
    .refine(({ status, body }) => isGiven(status) || !isGiven(body), 'body is of a status: give status, too'),
)
export type FaultSpec = z.input<ReturnType<typeof FaultSpec>>
export const FaultsSpec = (limit: number) =>
  z.strictObject({
    faults: listOf(FaultSpec(), limit).refine(
      (faults) => areDistinct(faults.flatMap(({ id }) => id ?? [])),
      'one id is given twice',
    ),
  })

export const ClockAdvanceSpec = once(() => z.strictObject({ by: DurationSpec() }))
export const ClockSetSpec = once(() => z.strictObject({ now: dateTime }))
const PATTERN_CHARS = 256
/** Of headers, of query parameters, and of patterns for the body: each is held against every entry. */
const MATCHERS_LIMIT = 10
const PatternText = once(() => text(PATTERN_CHARS))
/** WireMock's regular expressions: nothing bounds the time that one of them takes. */
const noExpression = (instead: string) =>
  z.never(`regular expressions are not matched here; use ${instead}, in which * stands for any text`).optional()
export const MatcherSpec = once(() =>
  z
    .strictObject({
      equalTo: PatternText(),
      contains: PatternText(),
      glob: PatternText().describe('`*` stands for any text.'),
      absent: z.boolean(),
      matches: noExpression('equalTo, contains or glob'),
      doesNotMatch: noExpression('equalTo, contains or glob'),
    })
    .partial()
    .refine(
      ({ absent, ...others }) => absent !== true || countGiven(...Object.values(others)) === 0,
      'absent stands alone: what is not there has no text',
    ),
)
export type MatcherSpec = z.input<ReturnType<typeof MatcherSpec>>
const Matchers = once(() => mapOf(MatcherSpec(), MATCHERS_LIMIT))
/** Those that the runtime takes: any other request is refused before the mock. */
const METHODS =
  'ANY GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PURGE QUERY BAN COPY LOCK UNLOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE'.split(
    ' ',
  )
/** What begins otherwise fits no request. */
const beginningWith = (...starts: string[]) =>
  PatternText().refine((given) => starts.some((start) => given.startsWith(start)), `begin with ${starts.join(' or ')}`)
/** The part of WireMock's request pattern that means something here; `operation`, `status` and globs are ours. */
export const PatternSpec = once(() =>
  z
    .strictObject({
      method: PatternText().refine((given) => METHODS.includes(given), 'write a method of HTTP, as GET, or ANY'),
      url: beginningWith('/'),
      urlGlob: beginningWith('/', '*'),
      urlPath: beginningWith('/'),
      urlPathGlob: beginningWith('/', '*'),
      urlPattern: noExpression('url or urlGlob'),
      urlPathPattern: noExpression('urlPath or urlPathGlob'),
      headers: Matchers().describe('Of the headers that the journal keeps.'),
      queryParameters: Matchers(),
      bodyPatterns: listOf(MatcherSpec(), MATCHERS_LIMIT),
      operation: PatternText(),
      status: z.int().min(100).max(599),
    })
    .partial(),
)
export type PatternSpec = z.input<ReturnType<typeof PatternSpec>>
export const FilterSpec = once(() =>
  z.strictObject({
    limit: text(16).regex(DIGITS, 'write a whole number').transform(Number).optional(),
    since: dateTime.optional(),
    unmatched: z.enum(['true', 'false']).optional(),
  }),
)

const SEEDED_FILES_LIMIT = 100
const CONTENT_CHARS = 65_536
const SessionId = once(() => inPaths(text(100).regex(SESSION_ID, 'write 1 to 100 letters, digits, or any of : . - _')))
export const STATES = ['ACTIVE', 'DONE', 'ERROR', 'CANCELED'] as const
const SeededFileSpec = once(() =>
  z
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
    .refine(
      ({ size = Infinity, bytes_transferred }) => bytes_transferred <= size,
      'bytes_transferred is more than size',
    )
    .refine(
      ({ status, bytes_transferred }) => status === 'TRANSFERRING' || bytes_transferred === 0,
      'bytes_transferred is of a file that is TRANSFERRING',
    )
    .refine(({ status, content }) => status === 'READY' || content === '', 'content is of a file that is READY'),
)
export const SessionSpec = once(() =>
  z
    .strictObject({
      id: SessionId().optional(),
      library_item_id: SessionId().optional().describe('Made where there is no such item.'),
      state: z.enum(STATES).default('ACTIVE'),
      client_progress: z.int().min(0).max(100).optional(),
      error_message: text(1000).optional(),
      files: listOf(SeededFileSpec(), SEEDED_FILES_LIMIT)
        .refine((files) => areDistinct(files.map(({ name }) => name)), 'one name is given twice')
        .default([]),
    })
    .refine(
      ({ state, error_message }) => state === 'ERROR' || !isGiven(error_message),
      'error_message is of the state ERROR',
    ),
)
export type SessionSpec = z.input<ReturnType<typeof SessionSpec>>

/** One change of a live update session. */
export const SessionChangeSpec = once(() =>
  z
    .strictObject({
      state: z.literal('ERROR').optional().describe('It fails now.'),
      completion: z.literal('ERROR').optional().describe('Its completion is accepted, and ends in ERROR.'),
      file: z
        .strictObject({ name: Name, status: z.enum(['ERROR', 'VALIDATING', 'READY']) })
        .optional()
        .describe(
          'One of its files is in this state. A file in ERROR ends the session; only one that has arrived is validated.',
        ),
      error_message: text(1000).optional(),
    })
    .refine(
      ({ state, completion, file }) => countGiven(state, completion, file) === 1,
      'give one of state, completion and file',
    )
    .refine(
      ({ file, error_message }) => !file || file.status === 'ERROR' || !isGiven(error_message),
      'error_message is of the status ERROR',
    ),
)
export type SessionChangeSpec = z.input<ReturnType<typeof SessionChangeSpec>>

/** A field for each setting that a test may change, as its variable has it; a number of seconds may be a number. */
export const SettingsSpec = once(() =>
  z
    .strictObject(Object.fromEntries(sandboxSettings.map(({ admin, read, wanted }) => [admin, readAs(read, wanted)])))
    .partial(),
)

const LONGEST_MS = 30 * 86_400_000
const Completion = once(() =>
  z.union(
    [
      z.literal('at-once'),
      z.strictObject({
        after: DurationSpec().refine((ms) => ms > 0 && ms <= LONGEST_MS, 'write a time above 0 and up to 30 days'),
      }),
    ],
    'write "at-once" or {"after": "10s"}',
  ),
)
export const TransitionsSpec = once(() => z.strictObject({ complete: Completion() }))
export type TransitionsSpec = z.input<ReturnType<typeof TransitionsSpec>>

export const ConsoleSpec = once(() => z.strictObject({ since: text(100).optional() }))
/** What verifiers send; some add fields of their own, and for an interaction without a state the name is empty. */
export const StateSpec = once(() =>
  z.object({
    state: text(2000),
    params: mapOf(jsonUpTo(65_536)).nullish(),
    action: z.enum(['setup', 'teardown']).default('setup'),
  }),
)
