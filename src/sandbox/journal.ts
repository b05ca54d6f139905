// What was asked of a sandbox and what became of it: the last requests, without their secrets.
import type { Failure } from '../rules/failure.ts'
import { beginningOf, excerpt } from '../rules/redact.ts'
import { exists } from './tables/schema.ts'

/** What the Worker knows of a request: of each text at most one character more than is kept, and only kept headers. */
export type Asked = {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}
/** What became of it. */
type Became = {
  id: string
  /** Epoch milliseconds of the real clock, as for logs. */
  at: number
  /** Absent where the request meant no operation that there is. */
  operation?: string
  user?: string
  durationMs: number
  /** The value of a success, as JSON text; or the body of an answer that no operation gave. */
  value?: string
  failure?: Failure
  /** Who said no. */
  refusedBy?: 'authentication' | 'routing' | 'reading' | 'validation' | 'rule' | 'fault'
  /** The fault that it met. */
  fault?: string
  /** Known where it does not follow from the outcome. */
  status?: number
}
/** As it waits: `asked` is an Asked as JSON, which costs each request less than an object does. */
export type Noted = Became & {
  asked: string
  /** Of a request that is not, method, path and status are kept, and nothing else that it said. */
  isAuthenticated: boolean
}
/** What is kept of it, and told: without secrets, and cut. */
export type Entry = Became & Asked & { isTruncated: boolean }

/** So many requests are kept, and no more. */
const JOURNAL_LIMIT = 500
/** An entry reaches storage with those that come at the same time: reading stays free of writes of its own. */
const FLUSH_MS = 250
/**
 * So many entries travel in one statement, which costs a sixth of one each; all of them stay below SQLite's 2 MB. No more
 * are written before the next requests have their turn: of a thousand in a second most are not kept anyway.
 */
const AT_ONCE = 20

export const BODY_CHARS = 4096
export const URL_CHARS = 1024
export const HEADER_CHARS = 256
const VALUE_CHARS = 4096
const MESSAGE_CHARS = 512
/** Of the messages of a failure, and of the arguments of each. */
const MESSAGES = 10

/** What waits until it is written: of what was answered no more than is looked at then. */
const bounded = (noted: Noted): Noted => ({ ...noted, ...answerOf(noted, beginningOf) })

/**
 * Done when an entry leaves memory: no request waits for it, and of many at once only those that are kept need it.
 */
export function withoutSecrets({ asked, isAuthenticated, ...became }: Noted): Entry {
  const { method, url, headers, body } = JSON.parse(asked) as Asked // written by the Worker, from an Asked
  const [path = ''] = url.split('?', 1)
  if (!isAuthenticated)
    return {
      ...became,
      ...answerOf(became, safely),
      method,
      url: safely(path, URL_CHARS),
      headers: {},
      body: '',
      isTruncated: false,
    }
  const kept = excerpt(body, BODY_CHARS)
  return {
    ...became,
    ...answerOf(became, safely),
    method,
    url: safely(url, URL_CHARS),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, safely(value, HEADER_CHARS)])),
    body: kept.text,
    isTruncated: kept.isTruncated,
  }
}

type Cut = (text: string, limit: number) => string
const safely: Cut = (text, limit) => excerpt(text, limit).text

/** A failure can quote what a client sent. */
const answerOf = ({ value, failure }: Became, cut: Cut): Pick<Became, 'value' | 'failure'> => ({
  ...(value !== undefined && { value: cut(value, VALUE_CHARS) }),
  ...(failure && {
    failure: {
      type: failure.type,
      messages: failure.messages.slice(0, MESSAGES).map(({ id, default_message, args }) => ({
        id,
        default_message: cut(default_message, MESSAGE_CHARS),
        args: args.slice(0, MESSAGES).map((each) => cut(each, MESSAGE_CHARS)),
      })),
    },
  }),
})

export class Journal {
  readonly #storage: DurableObjectStorage
  readonly #tell: (entry: () => Entry) => void
  /** What storage does not hold yet. The platform can lose it: a journal is no promise. */
  #waiting: Noted[] = []
  #isFlushPlanned = false

  /** `tell` hears of every entry as it comes. */
  constructor(storage: DurableObjectStorage, tell: (entry: () => Entry) => void) {
    this.#tell = tell
    this.#storage = storage
  }

  add(noted: Noted): void {
    const waiting = bounded(noted)
    this.#tell(() => withoutSecrets(waiting))
    this.#waiting.push(waiting)
    if (this.#waiting.length > JOURNAL_LIMIT) this.#waiting.shift()
    this.#flushSoon()
  }

  /** Newest first. */
  list(): Entry[] {
    while (this.#waiting.length > 0) this.#flush()
    if (!exists(this.#storage)) return []
    const rows = this.#storage.sql.exec<{ entry: string }>('SELECT entry FROM journal ORDER BY seq DESC')
    return Array.from(rows, ({ entry }) => JSON.parse(entry) as Entry) // written by flush, from an Entry
  }

  /** Without ids, all of them. Answers what was removed. */
  remove(ids?: string[]): Entry[] {
    const removed = this.list().filter(({ id }) => ids?.includes(id) ?? true)
    if (removed.length === 0) return removed
    this.#storage.transactionSync(() => {
      for (const { id } of removed) this.#storage.sql.exec('DELETE FROM journal WHERE id = ?', id)
    })
    return removed
  }

  /** Drops what was not written yet, for a sandbox that is emptied. */
  forget(): void {
    this.#waiting = []
  }

  #flushSoon(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    setTimeout(() => {
      this.#isFlushPlanned = false
      this.#flush()
      if (this.#waiting.length > 0) this.#flushSoon()
    }, FLUSH_MS)
  }

  #flush(): void {
    const entries = this.#waiting.splice(0, AT_ONCE).map(withoutSecrets)
    if (entries.length === 0 || !exists(this.#storage)) return
    const { sql } = this.#storage
    this.#storage.transactionSync(() => {
      sql.exec(
        "INSERT INTO journal (id, entry) SELECT value ->> 'id', value FROM json_each(?)",
        JSON.stringify(entries),
      )
      sql.exec('DELETE FROM journal WHERE seq <= (SELECT MAX(seq) FROM journal) - ?', JOURNAL_LIMIT)
    })
  }
}
