// Every setting once: its variable, what it may be, its default, and what it does.
import { readCredentials } from './credentials.ts'
import { DIGITS, HOST_CHARACTERS, NOT_PRINTABLE_ASCII, SPAN } from './expressions.ts'
import { fail, ok, quoted, wrongSettings, type Result } from './failure.ts'
import { MUTANT_NAMES } from './mutant.ts'
import { hint } from './nearest.ts'

/** What a variable may hold: `read` gives its value, or nothing where the text is wrong; `wanted` says what is right. */
type Type<T> = { wanted: string; read: (text: string) => T | undefined; isTime?: true }
type Setting<T = unknown> = Type<T> & {
  variable: string
  default: string
  /** What every local start sets instead of the default. */
  local?: string
  /** What the admin API calls it, where a test may change it for its sandbox. */
  admin?: string
  summary: string
}

const DAY_MS = 86_400_000
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS }

/** A span of time as people write it, in milliseconds: a number of seconds, or a number with its unit. */
export function readSpan(text: string): number | undefined {
  const [, amount, unit = 's'] = SPAN.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? NaN)
}

const timeUpTo = (days = 30): Type<number> => ({
  isTime: true,
  wanted: `a time above 0 and up to ${days} days, as 90s, 5m, 4h, 2d or a number of seconds`,
  read: (text) => within(readSpan(text), Number.MIN_VALUE, days * DAY_MS),
})
const wholeNumber = (limit: number, what = 'whole number'): Type<number> => ({
  wanted: `a ${what} from 1 to ${limit}`,
  read: (text) => (DIGITS.test(text) ? within(Number(text), 1, limit) : undefined),
})
const within = (value = NaN, least: number, most: number): number | undefined =>
  value >= least && value <= most ? value : undefined
const oneOf = <const T extends string>(...choices: T[]): Type<T> => ({
  wanted: `one of ${choices.join(', ')}`,
  read: (text) => choices.find((choice) => choice === text),
})
const hosts: Type<string> = {
  wanted: 'a list of host names without scheme and port, separated by commas; also *.example.com, loopback and *',
  read: (text) => (text.split(',').every((host) => isHostPattern(host.trim())) ? text : undefined),
}
const url: Type<string> = {
  wanted: 'empty, or a URL that begins with http:// or https://, without user, query and fragment',
  read: (text) => (text === '' || isBaseUrl(text) ? withoutSlashes(text) : undefined),
}

/** As `mayPull` reads them: what is no host name as the URL parser writes it would fit nothing. */
function isHostPattern(text: string): boolean {
  if (['', '*', 'loopback'].includes(text)) return true
  const host = (text.startsWith('*.') ? text.slice(2) : text).toLowerCase()
  return HOST_CHARACTERS.test(host) && !host.endsWith('.') && URL.parse(`http://${host}`)?.hostname === host
}

function isBaseUrl(text: string): boolean {
  const parsed = URL.parse(text)
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) return false
  return [parsed.username, parsed.password, parsed.search, parsed.hash].every((part) => part === '')
}

const withoutSlashes = (text: string): string => (text.endsWith('/') ? withoutSlashes(text.slice(0, -1)) : text)

/** By the name that the code has for the value. */
const declared = {
  sessionIdleMs: {
    variable: 'SESSION_IDLE_SECONDS',
    ...timeUpTo(),
    default: '300',
    admin: 'session_idle',
    summary: 'an ACTIVE update session without activity for this long is gone',
  },
  sessionRetentionMs: {
    variable: 'SESSION_RETENTION_SECONDS',
    ...timeUpTo(),
    default: '3600',
    admin: 'session_retention',
    summary: 'a finished one (DONE, ERROR, CANCELED) can be read for this long',
  },
  apiSessionIdleMs: {
    variable: 'API_SESSION_IDLE_SECONDS',
    ...timeUpTo(),
    default: '1800',
    admin: 'api_session_idle',
    summary: 'an API session that is not used for this long has ended: 401',
  },
  sandboxIdleMs: {
    variable: 'SANDBOX_IDLE_SECONDS',
    ...timeUpTo(365),
    default: '604800',
    summary: 'the vCenter of a user name that is not used for this long (7 days) is deleted with its bytes',
  },
  orphansMs: {
    variable: 'ORPHANS_SECONDS',
    ...timeUpTo(),
    default: '3600',
    summary: 'how often a vCenter with content searches R2 for objects that it does not know, and deletes them',
  },
  retention: {
    variable: 'CONTENT_RETENTION',
    ...oneOf('keep', 'discard'),
    default: 'keep',
    admin: 'content_retention',
    summary: "`discard`: uploads are counted and hashed but not stored; a file's `cached` is then false",
  },
  storeBytes: {
    variable: 'STORE_BYTES',
    ...wholeNumber(Number.MAX_SAFE_INTEGER, 'whole number of bytes'),
    default: '107374182400',
    admin: 'store_bytes',
    summary: 'a vCenter stores up to this many bytes (100 GiB): a transfer is cut there, with 507, or ERROR for a PULL',
  },
  journalSize: {
    variable: 'JOURNAL_SIZE',
    ...wholeNumber(5000),
    default: '500',
    admin: 'journal_size',
    summary: 'so many requests of a vCenter are in its journal; then the oldest are dropped, and the journal says so',
  },
  mutant: {
    variable: 'MUTANT',
    ...oneOf('none', ...MUTANT_NAMES),
    default: 'none',
    admin: 'mutant',
    summary:
      'a wrong answer on purpose, so that the tests of a client show whether they notice: `update-session-mock mutants`',
  },
  transferLeaseMs: {
    variable: 'TRANSFER_LEASE_SECONDS',
    ...timeUpTo(),
    default: '30',
    summary: 'a transfer ends this long after its last sign of life, for example after a crash',
  },
  pullHosts: {
    variable: 'PULL_HOSTS',
    ...hosts,
    default: '',
    summary:
      'where a PULL may fetch from, separated by commas: names, `*.example.com`, `loopback`, `*` (no private address)',
  },
  pullRetryMs: {
    variable: 'PULL_RETRY_SECONDS',
    ...timeUpTo(),
    default: '1',
    summary: 'how long a PULL waits after its source failed. It tries five times and doubles the wait each time',
  },
  pullStallMs: {
    variable: 'PULL_STALL_SECONDS',
    ...timeUpTo(),
    default: '60',
    summary: 'a source that sends nothing for this long has failed',
  },
  publicUrl: {
    variable: 'PUBLIC_URL',
    ...url,
    default: '',
    summary: "how upload and download URLs begin; if empty, as the request's own URL",
  },
  maxBodyBytes: {
    variable: 'MAX_BODY_BYTES',
    ...wholeNumber(16_777_216, 'whole number of bytes'),
    default: '1048576',
    summary: 'the largest JSON body that is read. Uploads have no such limit',
  },
  openLogin: {
    variable: 'OPEN_LOGIN',
    ...oneOf('on', 'off'),
    default: 'off',
    local: 'on',
    summary: '`on`, as in every local start: if `CREDENTIALS` is empty, anyone may log in, without a rate limit',
  },
  plainHttpLogin: {
    variable: 'PLAIN_HTTP_LOGIN',
    ...oneOf('on', 'off'),
    default: 'off',
    local: 'on',
    summary:
      '`off`: a password that comes by plain http is refused with 503. `on`, as in every local start: it is taken',
  },
  logRequests: {
    variable: 'LOG_REQUESTS',
    ...oneOf('json', 'text', 'refused', 'off'),
    default: 'json',
    local: 'refused',
    summary:
      'a line for each request, without secrets: `json`, `text`, or `off`. `refused`, as in every local start: text, of refused and unrouted requests only',
  },
} as const satisfies Record<string, Setting>

/** The value of each setting; times in milliseconds. */
export type DeploymentSettings = {
  [Name in keyof typeof declared]: NonNullable<ReturnType<(typeof declared)[Name]['read']>>
}

/** Without them any client could store bytes, under seals that all know. No value of these is ever shown. */
export const secretSettings: readonly Setting[] = [
  {
    variable: 'TOKEN_KEY',
    wanted: 'set and not empty: it seals the tokens',
    read: (text) => text || undefined,
    default: '',
    local: 'local',
    summary: 'seals tokens and upload URLs. Keep it secret: with it, anyone can forge them',
  },
  {
    variable: 'CREDENTIALS',
    wanted: 'user:password pairs, separated by commas, or JSON as {"user":"password"}',
    read: (text) => (text === '' || readCredentials(text) ? text : undefined),
    default: '',
    local: '',
    summary:
      '`user:password,ci-*:password`: who may log in; `*` stands for any text. JSON, `{"user":"password"}`, where a password has a comma. If empty, anyone with `OPEN_LOGIN` `on`, else no one',
  },
  {
    variable: 'ADMIN_TOKEN',
    wanted: 'printable ASCII without a space at an end: it is sent in a header',
    read: (text) => (NOT_PRINTABLE_ASCII.test(text) || text !== text.trim() ? undefined : text),
    default: '',
    summary:
      'opens `/__admin` to callers that send `Authorization: Bearer <it>`. A deployed mock without it keeps `/__admin` closed',
  },
]
/** Set by starts of this package: local clients need no admin token; no proxy stands before the mock. */
const internal = ['LOCAL_ADMIN', 'OWN_CONNECTIONS'].map((variable) => ({ variable, ...oneOf('', 'on'), default: '' }))

const namedSettings = Object.entries<Setting>(declared)
export const visibleSettings: readonly Setting[] = Object.values(declared)
const forUsers = [...visibleSettings, ...secretSettings]
const variables: readonly string[] = forUsers.map(({ variable }) => variable)
/** What every local start sets. */
export const localVariables: Readonly<Record<string, string>> = Object.fromEntries(
  forUsers.flatMap(({ variable, local }) => (local === undefined ? [] : [[variable, local]])),
)
/** Those that a test may change for its sandbox. */
export const sandboxSettings = namedSettings.flatMap(([name, setting]) =>
  setting.admin === undefined ? [] : [{ ...setting, name: name as keyof DeploymentSettings, admin: setting.admin }],
)

type Problem = { variable: string; wanted: string; given?: string }

/** What is wrong with these variables. A value that is wrong is given where it is no secret. */
function problemsOf(env: object): Problem[] {
  const isWrong = ({ read, ...setting }: Omit<Setting, 'summary'>) => read(variableText(env, setting)) === undefined
  const found: Problem[] = [
    ...visibleSettings
      .filter(isWrong)
      .map((setting) => ({ variable: setting.variable, wanted: setting.wanted, given: variableText(env, setting) })),
    ...[...secretSettings, ...internal].filter(isWrong).map(({ variable, wanted }) => ({ variable, wanted })),
  ]
  const { CREDENTIALS } = env as Record<string, unknown> // whatever it is
  // An empty list lets any user in, so OPEN_LOGIN must say that this is meant; a list that is not there says nothing.
  if (CREDENTIALS === undefined || (CREDENTIALS === '' && variableText(env, declared.openLogin) === 'off'))
    found.push({ variable: 'CREDENTIALS', wanted: 'set, or empty with OPEN_LOGIN on' })
  return found
}

const sentence = ({ variable, wanted }: Problem): string => `${variable} must be ${wanted}`

/** A value that is no text, as a number in wrangler.toml, is read as it would be written. */
function variableText(env: object, { variable, default: otherwise }: Pick<Setting, 'variable' | 'default'>): string {
  const given = (env as Record<string, unknown>)[variable] // whatever it is
  if (given === undefined) return otherwise
  return typeof given === 'string' ? given : JSON.stringify(given)
}

/** Why there is no start with these variables, for the person who set them; `env` has all others that there will be. */
export function whyNoStart(given: object, env: object): string | undefined {
  const unknown = Object.keys(given).find((name) => !variables.includes(name))
  if (unknown !== undefined) return `There is no variable ${unknown}. ${hint(unknown, variables)}`
  const lines = problemsOf({ ...env, ...given }).map((problem) =>
    problem.given === undefined ? `${sentence(problem)}.` : `${sentence(problem)}, not "${quoted(problem.given)}".`,
  )
  return lines.join('\n') || undefined
}

const readBefore = new WeakMap<object, Result<DeploymentSettings>>()

/** The settings of a deployment. Each environment is read once, which takes 10 µs: the platform gives all requests the same. */
export function readSettings(env: object): Result<DeploymentSettings> {
  const result = readBefore.get(env) ?? readAnew(env)
  readBefore.set(env, result)
  return result
}

function readAnew(env: object): Result<DeploymentSettings> {
  const problems = problemsOf(env)
  const names = problems.map(({ variable }) => variable)
  if (problems.length > 0) return fail(wrongSettings(names, problems.map(sentence)))
  const values = namedSettings.map(([name, setting]) => [name, setting.read(variableText(env, setting))])
  return ok(Object.fromEntries(values) as DeploymentSettings) // as declared
}
