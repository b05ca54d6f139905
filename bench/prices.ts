// What a deployment costs: the prices of Cloudflare, and the tables that docs/deploy.md and docs/scale.md have of them.

/** Of Workers Paid, in dollars: what a unit costs, and how many of it each month has without. */
const PRICES = {
  requests: { unit: 0.3e-6, included: 10e6 },
  cpuMs: { unit: 0.02e-6, included: 30e6 },
  objectRequests: { unit: 0.15e-6, included: 1e6 },
  gbSeconds: { unit: 12.5e-6, included: 400e3 },
  rowsRead: { unit: 0.001e-6, included: 25e9 },
  rowsWritten: { unit: 1e-6, included: 50e6 },
  classA: { unit: 4.5e-6, included: 1e6 },
  classB: { unit: 0.36e-6, included: 10e6 },
} as const
type Column = keyof typeof PRICES
export type Usage = Record<Column, number>
export const columns = Object.keys(PRICES) as Column[] // it has no others
export const KINDS = {
  login: 'a login',
  create: 'a create',
  get: 'a get',
  cancel: 'a cancel',
  refused: 'a cancel that is refused',
  remove: 'a delete',
  sandbox: 'a new sandbox, and its removal',
  question: 'a question of the console',
  small: 'an import of 64 KiB',
  push: 'a push of 100 MB in 10 s',
  pull: 'a pull of 100 MB in 10 s',
} as const
export type Kind = keyof typeof KINDS

/** Of a push and of a pull. */
export const TRANSFER_SECONDS = 10

/** As the tables show it. */
export const rounded = (usage: Usage): Usage => mapped((column) => Number(figure(usage[column]).replaceAll(',', '')))
const mapped = (of: (column: Column) => number): Usage =>
  Object.fromEntries(columns.map((column) => [column, of(column)])) as Usage // each column, as above
export const scaled = (usage: Usage, times: number): Usage => mapped((column) => usage[column] * times)
const sumOf = (all: Usage[]): Usage => mapped((column) => all.reduce((sum, usage) => sum + usage[column], 0))

type Use = { what: string; usage: Usage }

const CALLS_OF_JOB = 10
const jobOf = ({ login, create, get, cancel, remove }: Record<Kind, Usage>): Usage =>
  sumOf([login, create, ...Array<Usage>(6).fill(get), cancel, remove])

/** A day as docs/deploy.md tells of it. */
function dayOf(kinds: Record<Kind, Usage>): Use[] {
  return [
    {
      what: '10,000 calls: 1,000 jobs of a login, a create, six gets, a cancel and a delete',
      usage: scaled(jobOf(kinds), 1000),
    },
    { what: 'a sandbox for each of these jobs', usage: scaled(kinds.sandbox, 1000) },
    { what: 'an hour of transfers at 10 MB a second, by PULL', usage: scaled(kinds.pull, 3600 / TRANSFER_SECONDS) },
    { what: 'a console left open, for 24 hours', usage: scaled(kinds.question, 86_400) },
  ]
}

const MONTH_SECONDS = 30 * 86_400

/** A month as docs/scale.md tells of it. */
function scaleOf(kinds: Record<Kind, Usage>): Use[] {
  const call = scaled(jobOf(kinds), 1 / CALLS_OF_JOB)
  return [
    {
      what: 'a million sandboxes, each made for a job of ten calls and removed',
      usage: scaled(sumOf([kinds.sandbox, jobOf(kinds)]), 1e6),
    },
    { what: '10,000 calls a second', usage: scaled(call, 10_000 * MONTH_SECONDS) },
  ]
}

/** At the price beyond what is included. */
const dollarsOf = (usage: Usage): number =>
  columns.reduce((sum, column) => sum + usage[column] * PRICES[column].unit, 0)
/** What a month costs beyond the subscription. */
const beyondIncluded = (month: Usage): Usage => mapped((column) => Math.max(0, month[column] - PRICES[column].included))

/** As few digits as tell it. */
export function figure(value: number): string {
  if (value === 0) return '0'
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(2)))
}
const dollars = (value: number): string =>
  `$${value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: value < 0.1 ? 4 : 2 })}`

const FIRST_LINE = '<!-- Written by `npm run bench:cost -- --update`. -->'
const LAST_LINE = '<!-- Until here. -->'
const HEADINGS: Record<Column, string> = {
  requests: 'requests',
  cpuMs: 'CPU ms',
  objectRequests: 'object requests',
  gbSeconds: 'GB-s',
  rowsRead: 'rows read',
  rowsWritten: 'rows written',
  classA: 'R2 class A',
  classB: 'R2 class B',
}

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`
const ruled = (heading: string[]): string[] => [row(heading), row(heading.map((_, at) => (at === 0 ? '---' : '---:')))]
const figures = (usage: Usage): string[] => columns.map((column) => figure(usage[column]))
const priced = ({ what, usage }: Use): string => row([what, ...figures(usage), dollars(dollarsOf(usage))])

/** Markdown: months at scale, each with its parts in dollars. */
export function scaleTable(kinds: Record<Kind, Usage>): string {
  return [
    ...ruled(['in a month', ...columns.map((column) => HEADINGS[column]), 'price']),
    ...scaleOf(kinds).flatMap((use) => [
      priced(use),
      row(['in dollars', ...columns.map((column) => dollars(use.usage[column] * PRICES[column].unit)), '']),
    ]),
  ].join('\n')
}

/** Markdown: what one of each kind is billed, and a day with its sum. */
export function costTables(kinds: Record<Kind, Usage>): string {
  const day = dayOf(kinds)
  const sum = sumOf(day.map(({ usage }) => usage))
  const month = scaled(sum, 30)
  const headings = columns.map((column) => HEADINGS[column])
  return [
    ...ruled(['one of', ...headings]),
    ...Object.entries(KINDS).map(([kind, name]) => row([name, ...figures(kinds[kind as Kind])])), // its keys are the kinds
    '',
    ...ruled(['in a day', ...headings, 'price']),
    ...day.map(priced),
    priced({ what: '**sum**', usage: sum }),
    priced({ what: '**30 such days**', usage: month }),
    row(['included in a month', ...columns.map((column) => PRICES[column].included.toLocaleString('en')), '']),
    priced({ what: '**beyond what is included**', usage: beyondIncluded(month) }),
  ].join('\n')
}

/** The kinds as the page has them. */
export function readKinds(page: string): Record<Kind, Usage> {
  const entries = Object.entries(KINDS).map(([kind, name]) => {
    const line = page.split('\n').find((each) => each.startsWith(`| ${name} |`))
    if (line === undefined) throw new Error(`docs/deploy.md does not tell what ${name} costs.`)
    const cells = line.split('|').slice(2, -1)
    return [kind, mapped((column) => Number(cells[columns.indexOf(column)]?.replaceAll(',', '')))]
  })
  return Object.fromEntries(entries) as Record<Kind, Usage> // of each kind, as above
}

export function placeTables(page: string, tables: string): string {
  const [before, rest] = page.split(FIRST_LINE)
  const after = rest?.split(LAST_LINE)[1]
  if (before === undefined || after === undefined) throw new Error('The page has no place for the tables.')
  return `${before}${FIRST_LINE}\n\n${tables}\n\n${LAST_LINE}${after}`
}
