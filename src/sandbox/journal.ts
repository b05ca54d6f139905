// The last requests of a sandbox, as records without secrets.
import { keep, shorten } from '../rules/request-record.ts'
import type { Answer, KeptRecord, RequestFacts, RequestRecord } from '../rules/request-record.ts'
import { exists } from './tables/schema.ts'

/** How many requests were dropped since the journal was last emptied, where it is not none. */
const DROPPED = 'journal-dropped'
/** A record reaches storage with those that come at the same time: reading stays free of writes of its own. */
const FLUSH_MS = 250
/**
 * So many records travel in one statement, at a sixth of the cost, and so many characters: SQLite takes 2 MB. The next requests have
 * their turn before more are written: of a thousand in a second most are not kept anyway.
 */
const AT_ONCE = 20
const AT_ONCE_CHARS = 400_000
/**
 * All of it is read in one call of the sandbox, of which the platform takes 32 MiB: there a text may have twice its bytes. What
 * waits in memory has no more characters.
 */
const ALL_BYTES = 12 * 1024 * 1024

export class Journal {
  readonly #storage: DurableObjectStorage
  /** So many requests are kept, and no more. */
  readonly #size: () => number
  /** What storage does not hold yet. The platform can lose it: a journal is no promise. */
  #waiting: RequestRecord[] = []
  #waitingChars = 0
  #isFlushPlanned = false
  #notice: string | undefined
  /** Of those that wait, dropped before they were written. */
  #droppedEarly = 0

  constructor(storage: DurableObjectStorage, size: () => number) {
    this.#storage = storage
    this.#size = size
  }

  /** A request that was told before is replaced: something was known only after its answer. */
  add(facts: RequestFacts, { result, ...answer }: Answer): void {
    const durationMs = Math.max(0, Date.now() - facts.at)
    const record = { ...facts, ...answer, ...shorten(result), durationMs }
    this.#waiting.push(record)
    this.#waitingChars += charsOf(record)
    while (this.#waiting.length > this.#size() || this.#waitingChars > ALL_BYTES)
      this.#droppedEarly += this.#take(1).length
    this.#flushSoon()
  }

  /** The next request that is kept says what happened before it. Memory can lose this: the log says it too. */
  note(notice: string): void {
    this.#notice = notice
  }

  /** Newest first. */
  list(): KeptRecord[] {
    while (this.#waiting.length > 0) this.#flush()
    if (!exists(this.#storage)) return []
    this.#dropOldest()
    const rows = this.#storage.sql.exec<{ entry: string }>('SELECT entry FROM journal ORDER BY seq DESC')
    return Array.from(rows, ({ entry }) => JSON.parse(entry) as KeptRecord) // written by flush, from a KeptRecord
  }

  /** How many it has dropped: what is not in it may have been all the same. */
  dropped(): number {
    return this.#droppedEarly + (this.#storage.kv.get<number>(DROPPED) ?? 0)
  }

  /** Without ids, all of them: then it is as if it began. Answers what was removed. */
  remove(ids?: string[]): KeptRecord[] {
    const removed = this.list().filter(({ id }) => ids?.includes(id) ?? true)
    if (!ids) this.#forgetDropped()
    const remove = 'DELETE FROM journal WHERE id IN (SELECT value FROM json_each(?))'
    if (removed.length > 0) this.#storage.sql.exec(remove, JSON.stringify(removed.map(({ id }) => id)))
    return removed
  }

  /** Drops what was not written yet, for a sandbox that is emptied. */
  forget(): void {
    this.#take(Infinity)
    this.#forgetDropped()
  }

  #forgetDropped(): void {
    this.#droppedEarly = 0
    if (exists(this.#storage)) this.#storage.kv.delete(DROPPED)
  }

  #flushSoon(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    setTimeout(() => {
      this.#isFlushPlanned = false
      this.#flush()
      if (exists(this.#storage)) this.#dropOldest()
      if (this.#waiting.length > 0) this.#flushSoon()
    }, FLUSH_MS)
  }

  /** The first of those that wait, which wait no longer. */
  #take(count: number): RequestRecord[] {
    const taken = this.#waiting.splice(0, count)
    for (const record of taken) this.#waitingChars -= charsOf(record)
    return taken
  }

  /** Secrets are taken out here: no request waits for it, and of many at once only those that are kept need it. */
  #flush(): void {
    let chars = 0
    const end = this.#waiting.findIndex((record, at) => at === AT_ONCE || (chars += charsOf(record)) > AT_ONCE_CHARS)
    const records = this.#take(end === -1 ? AT_ONCE : Math.max(1, end)).map(keep)
    const [first] = records
    if (!first || !exists(this.#storage)) return
    if (this.#notice !== undefined) first.notice = this.#notice
    this.#notice = undefined
    this.#storage.sql.exec(
      `INSERT INTO journal (id, entry) SELECT value ->> 'id', value FROM json_each(?) WHERE true
       ON CONFLICT (id) DO UPDATE SET entry = excluded.entry`,
      JSON.stringify(records),
    )
  }

  /**
   * What is more than it keeps. Between those that are kept, some may have been taken out. It looks at all of them, 500 in
   * 0.3 ms: so once for all that is written, where the journal is read.
   */
  #dropOldest(): void {
    const { sql, kv } = this.#storage
    const dropped = sql
      .exec(
        `DELETE FROM journal WHERE seq <= (
           SELECT MAX(seq) FROM (
             SELECT seq, ROW_NUMBER() OVER newest AS number, SUM(OCTET_LENGTH(entry)) OVER newest AS bytes
             FROM journal WINDOW newest AS (ORDER BY seq DESC))
           WHERE number > ? OR bytes > ?)
         RETURNING seq`,
        this.#size(),
        ALL_BYTES,
      )
      .toArray().length
    if (dropped > 0) kv.put(DROPPED, (kv.get<number>(DROPPED) ?? 0) + dropped)
  }
}

const charsOf = ({ sent, result }: RequestRecord): number => sent.length + result.length
