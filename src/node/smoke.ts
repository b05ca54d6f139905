// Does a mock that is deployed work for those who reach it? Prints what each check saw, and what mends what it did not.
import { parseArgs, styleText } from 'node:util'
import { checks } from '../contract/checks.ts'
import { reasonOf } from '../contract/reason.ts'
import { runChecks, type CheckOutcome } from '../contract/smoke.ts'
import { isUrl } from './address.ts'
import { interruption } from './interruption.ts'
import { asJunit } from './junit.ts'
import { Unusable } from './problem.ts'
import { trickle } from './trickle.ts'

const USAGE = `Usage: update-session-mock smoke URL --user NAME --password TEXT [OPTIONS]
       npm run smoke -- URL ...   in a checkout

Tries a mock at its address: logins, cancels on every binding, uploads and PULLs that a cancel cuts off, the admin API.
What it makes it removes. Exits with 0 when all checks pass, with 1 when one fails, with 2 when nothing could be tried.

  --user, --password the account to log in with; the password may stand in SMOKE_PASSWORD. The sandbox of this user is used
  --admin-token T    the admin token, for clock, journal and faults; it may stand in ADMIN_TOKEN
  --source URL       a file for the mock to PULL, best one of some MB; PULL_HOSTS must allow its host
  --big              also send 101 MB, which Cloudflare refuses on most plans
  --format FORMAT    table, junit or json (table)

An authority that the system does not know: NODE_EXTRA_CA_CERTS=ca.pem.`

const FORMATS = { table: inTable, junit: inXml, json: inJson }

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const options = {
  user: text,
  password: { ...text, default: process.env['SMOKE_PASSWORD'] ?? '' },
  'admin-token': { ...text, default: process.env['ADMIN_TOKEN'] ?? '' },
  source: text,
  big: flag,
  format: { ...text, default: 'table' },
  help: { ...flag, short: 'h' },
} as const

/** Answers the exit code. */
export async function smoke(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const [given = '', ...more] = positionals
  if (!isUrl(given) || more.length > 0)
    throw new Unusable('Name the address of one mock, as http://127.0.0.1:8989. --help has more.')
  if (values.user === undefined || values.password === '')
    throw new Unusable('Name the account to log in with: --user and --password.')
  if (!Object.hasOwn(FORMATS, values.format)) throw new Unusable('--format is one of table, junit, json.')
  // As the mock writes addresses: without the usual port, and the host in lower case.
  const url = new URL(given).href.replace(/\/$/, '')
  const isTable = values.format === 'table'
  if (isTable) console.log(`A smoke test of ${url}\n`)
  const signal = interruption()
  signal.addEventListener('abort', () =>
    console.error('Ends after this check. A second signal ends at once, and leaves what was made.'),
  )
  const target = {
    url,
    signal,
    credentials: { user: values.user, password: values.password },
    fetch: (request: Request) => fetch(request),
    ...(values['admin-token'] !== '' && { adminToken: values['admin-token'] }),
    ...(values.source !== undefined && { sourceUrl: values.source }),
    isBig: values.big,
    trickle,
  }
  // Progress is for who watches: of another format it is no part.
  const tell = isTable ? console.log : console.error
  const outcomes = await runChecks(target, checks, (outcome) => tell(row(outcome))).catch((error: unknown) => {
    throw new Unusable(`There is no answer from ${url}: ${reasonOf(error)}`)
  })
  signal.throwIfAborted()
  console.log(FORMATS[values.format as keyof typeof FORMATS](url, outcomes)) // one of them, as just seen
  return outcomes.some(({ result }) => result === 'failed') ? 1 : 0
}

const MARKS = { passed: styleText('green', '✓'), failed: styleText('red', '✗'), skipped: styleText('yellow', '–') }
const NAME_CHARS = 46

function row({ name, result, detail, durationMs, meaning, mendedBy }: CheckOutcome): string {
  const line = `  ${MARKS[result]} ${name.padEnd(NAME_CHARS)} ${`${durationMs} ms`.padStart(9)}  ${detail}`
  if (result !== 'failed') return line
  return [line, `      ${meaning}`, `      Mend it by docs/deploy.md, "${mendedBy}".`].join('\n')
}

/** Its rows are there already. */
function inTable(_: string, outcomes: CheckOutcome[]): string {
  const { passed, failed, skipped } = counted(outcomes)
  return `\n${passed} passed, ${failed} failed, ${skipped} not tried.`
}

function counted(outcomes: CheckOutcome[]): Record<CheckOutcome['result'], number> {
  const count = (wanted: CheckOutcome['result']) => outcomes.filter(({ result }) => result === wanted).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

function inJson(url: string, outcomes: CheckOutcome[]): string {
  return JSON.stringify({ url, ...counted(outcomes), checks: outcomes }, null, 2)
}

function inXml(url: string, outcomes: CheckOutcome[]): string {
  const cases = outcomes.map(({ name, result, detail, durationMs, meaning, mendedBy }) => {
    const text = `${meaning} Mend it by docs/deploy.md, "${mendedBy}".`
    return { suite: 'smoke', name, result, durationMs, message: detail, text }
  })
  return asJunit(`smoke ${url}`, cases)
}
