// The built worker within the limits of Cloudflare that the runtime here does not enforce: calls of one invocation, objects that a
// deployment resets, an isolate that is evicted with its requests and its memory. It also counts what is billed.
//
// An isolate is a copy of the built worker, with a memory of its own. As on the platform, requests and objects run in different
// ones; an eviction takes a fresh one for those that come next.
import { AsyncLocalStorage } from 'node:async_hooks'
import { DurableObject } from 'cloudflare:workers'
import type * as kills from '../kills/worker.ts'
import type { Bill, Event } from './bill.ts'

/** The worker of the kills, which is the built one with ways to look at what its tables know. */
type Isolate = typeof kills
type Methods = Record<string, (...args: unknown[]) => unknown>
/** One request of the Worker, one call of an object, or one alarm. */
type Invocation = {
  calls: number
  work?: Work
  /** The object that it is of. */
  ctx?: DurableObjectState
  /** It takes not one step more, and its client has an answer of Cloudflare in place of the worker's. */
  isEvicted?: boolean
}

const LOOK_MS = 20
/** Of wrangler.toml. https://developers.cloudflare.com/workers/platform/limits/ */
let mostCalls = 20_000
const DEPLOYED = 'Durable Object reset because its code was updated.'
const BROKEN = 'Durable Object storage operation exceeded timeout which caused object to be reset.'
const EVICTED = "Durable Object's isolate exceeded its memory limit and was reset."

const nothing = (): Bill => ({
  requests: 0,
  objectRequests: 0,
  rowsRead: 0,
  rowsWritten: 0,
  objectMs: 0,
  objectsAtWork: 0,
  calls: {},
})

let bill = nothing()
/** What happens at the next call of this. */
let awaited: { what: string; event: Event } | undefined
const invocation = new AsyncLocalStorage<Invocation>()
/** Requests of the Worker under way. */
const requests = new Set<Invocation>()
/** How each object ends, by its id. */
const objects = new Map<string, () => Promise<unknown>>()

const isolates: Isolate[] = []
let ofRequests: Isolate
let ofObjects: Isolate

function takeIsolate(): Isolate {
  const fresh = isolates.shift()
  if (!fresh) throw new Error('There is no fresh isolate left: start the mock with more of them.')
  return fresh
}

/** What happens to the deployment. */
const events: Record<Event, () => Promise<void>> = {
  /** Requests under way take not one step more. */
  'evicts requests': async () => {
    ofRequests = takeIsolate()
    for (const request of requests) request.isEvicted = true
  },
  'evicts objects': () => replaceObjects(EVICTED),
  deploys: () => replaceObjects(DEPLOYED),
  /** Their isolate goes on, with the memory that they have taken. */
  'breaks storage': () => resetObjects(BROKEN),
}
function replaceObjects(why: string): Promise<void> {
  ofObjects = takeIsolate()
  return resetObjects(why)
}

/**
 * An object at whose call the event comes ends itself, without a call and after all others. A call of itself would be under way
 * when it ends, and that ends the runtime (workerd of 2026-10-23): where a newer request has come, the event of this call deletes
 * all that its object waits for, which is this event.
 */
async function resetObjects(why: string): Promise<void> {
  reason = why
  const own = invocation.getStore()?.ctx
  const others = [...objects].filter(([id]) => id !== own?.id.toString())
  // Each call ends with its object.
  await Promise.allSettled(others.map(([, end]) => end()))
  working.clear()
  own?.abort(why)
}
let reason = DEPLOYED

/** One call of a service of the platform. */
async function call(what: string, run: () => unknown): Promise<unknown> {
  const current = invocation.getStore()
  bill.calls[what] = (bill.calls[what] ?? 0) + 1
  if (current) {
    if (current.isEvicted) return new Promise(() => undefined)
    current.calls += 1
    if (current.calls > mostCalls) throw new Error('Too many subrequests.')
  }
  if (awaited?.what === what) {
    const { event } = awaited
    awaited = undefined
    await events[event]()
    if (current?.isEvicted) return new Promise(() => undefined)
  }
  return run()
}

/** The object with each of its methods run in this way. */
const wrapped = <T extends object>(object: T, wrap: (method: string, run: () => unknown) => unknown): T =>
  new Proxy(object, {
    get: (_, method) => {
      const value = (object as unknown as Methods)[String(method)]
      if (typeof value !== 'function' || typeof method === 'symbol') return value
      // On the object itself, since a stub has whatever method it is asked for.
      return (...args: unknown[]) => wrap(method, () => (object as unknown as Methods)[method]?.(...args))
    },
  })
/** Each method is a call of the platform. */
const counted = <T extends object>(object: T, binding: string): T =>
  wrapped(object, (method, run) => call(`${binding}.${method}`, run))
const objectsOf = <T extends object>(namespace: T, binding: string): T =>
  wrapped(namespace, (method, run) => (method === 'getByName' ? counted(run() as object, binding) : run()))

const limited = new WeakMap<Env, Env>()
function limit(env: Env): Env {
  const known = limited.get(env)
  if (known) return known
  const [SANDBOXES, PULLS] = [objectsOf(env.SANDBOXES, 'SANDBOXES'), objectsOf(env.PULLS, 'PULLS')]
  const fresh = { ...env, CONTENT: counted(env.CONTENT, 'CONTENT'), SANDBOXES, PULLS }
  limited.set(env, fresh)
  return fresh
}

const fetchPlainly = globalThis.fetch
globalThis.fetch = (...args: Parameters<typeof fetch>) =>
  call('fetch', () => fetchPlainly(...args)) as ReturnType<typeof fetch> // whose answer it passes on

const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []
/** Counts the rows of this object; all share these prototypes. */
let isCounting = false
function countRows(storage: DurableObjectStorage): void {
  if (isCounting) return
  isCounting = true
  const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage
  const { exec } = prototype as unknown as Methods
  prototype.exec = function <T extends Record<string, SqlStorageValue>>(this: SqlStorage, ...args: [string]) {
    const cursor = exec?.apply(this, args) as SqlStorageCursor<T>
    cursors.push(cursor)
    return cursor
  }
  // Key-value methods use a hidden table, and an alarm is a row.
  countMethods(storage.kv, { put: 'rowsWritten', delete: 'rowsWritten', get: 'rowsRead' })
  countMethods(storage, { setAlarm: 'rowsWritten' })
}

function countMethods(object: object, columns: Record<string, 'rowsRead' | 'rowsWritten'>): void {
  const prototype = Object.getPrototypeOf(object) as Methods
  for (const [method, column] of Object.entries(columns)) {
    const run = prototype[method]
    prototype[method] = function (this: unknown, ...args) {
      bill[column] += 1
      return run?.apply(this, args)
    }
  }
}

/** How much each object has to do, and since when: what runs, and what waits for a timer, keeps it in memory, which is billed. */
class Work {
  #count = 0
  #since = 0

  begin(): void {
    if (this.#count === 0) this.#since = performance.now()
    this.#count += 1
    working.add(this)
  }

  end(): void {
    this.#count -= 1
    if (this.#count > 0) return
    bill.objectMs += performance.now() - this.#since
    working.delete(this)
  }
}
const working = new Set<Work>()
const works = new WeakMap<object, Work>()

function countCalls(prototype: object): void {
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const { value } = Object.getOwnPropertyDescriptor(prototype, method) ?? {}
    if (method === 'constructor' || typeof value !== 'function') continue
    const run = value as Methods['string']
    ;(prototype as Methods)[method] = async function (this: { ctx: DurableObjectState }, ...args) {
      const work = works.get(this) ?? new Work()
      works.set(this, work)
      work.begin()
      bill.objectRequests += 1
      try {
        return await invocation.run({ calls: 0, work, ctx: this.ctx }, () => run?.apply(this, args))
      } finally {
        work.end()
      }
    }
  }
}

/** Timers of objects. */
const timers = new Map<unknown, Work>()
const endTimer = (timer: unknown) => {
  timers.get(timer)?.end()
  timers.delete(timer)
}
type Run = (...args: unknown[]) => void
const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis
const startTimer = <T>(start: (run: Run) => T, run: Run, isOnce: boolean): T => {
  const work = invocation.getStore()?.work
  if (!work) return start(run)
  const timer = start((...args) => {
    run(...args)
    if (isOnce) endTimer(timer)
  })
  timers.set(timer, work)
  work.begin()
  return timer
}
const stopTimer = (stop: (timer: number | null) => void) => (timer: number | null) => {
  endTimer(timer)
  stop(timer)
}
Object.assign(globalThis, {
  setTimeout: (run: Run, ms?: number, ...args: unknown[]) =>
    startTimer((each) => setTimeout(each, ms, ...args), run, true),
  setInterval: (run: Run, ms?: number, ...args: unknown[]) =>
    startTimer((each) => setInterval(each, ms, ...args), run, false),
  clearTimeout: stopTimer(clearTimeout),
  clearInterval: stopTimer(clearInterval),
})

/** The class of this name in the isolate that objects run in when one is made. */
const classOf = (name: 'Sandbox' | 'Pull', binding: 'SANDBOXES' | 'PULLS') =>
  class extends DurableObject<Env> {
    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env)
      countRows(ctx.storage)
      const { name: named = '' } = ctx.id
      const stub = () => env[binding].getByName(named) as unknown as { end: () => Promise<void> }
      objects.set(ctx.id.toString(), () => stub().end())
      // oxlint-disable-next-line no-constructor-return -- the platform takes the object that its class answers
      return new ofObjects[name](ctx, limit(env))
    }
  }

/** The entry points of the worker, within these isolates. */
export function within(all: Isolate[]) {
  isolates.push(...all)
  ofRequests = takeIsolate()
  ofObjects = takeIsolate()
  for (const { Sandbox, Pull } of all)
    for (const { prototype } of [Sandbox, Pull]) {
      countCalls(prototype)
      const added = prototype as unknown as Methods
      added['end'] = async function (this: { ctx: DurableObjectState }) {
        // Requests come meanwhile, and end with it.
        await scheduler.wait(LOOK_MS)
        this.ctx.abort(reason)
      }
    }
  return { Sandbox: classOf('Sandbox', 'SANDBOXES'), Pull: classOf('Pull', 'PULLS'), worker }
}

function look(): Bill {
  for (const { rowsRead, rowsWritten } of cursors.splice(0)) {
    bill.rowsRead += rowsRead
    bill.rowsWritten += rowsWritten
  }
  const seen = { ...bill, objectsAtWork: working.size }
  bill = nothing()
  return seen
}

/** The answer in place of the worker's, once its isolate is evicted. */
async function endOf(current: Invocation): Promise<Response> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    if (current.isEvicted) return new Response(null, { status: 503 })
    if (!requests.has(current)) return new Response()
  }
}

const worker = {
  async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
    const { pathname, searchParams } = new URL(request.url)
    switch (pathname) {
      case '/__limits/bill':
        return Response.json(look())
      case '/__limits/set':
        mostCalls = Number(searchParams.get('calls'))
        return Response.json({})
      case '/__limits/await':
        awaited = await request.json()
        return Response.json({})
      case '/__limits/met': {
        const isMet = awaited === undefined
        awaited = undefined
        return Response.json(isMet)
      }
      case '/__limits/now':
        await events[searchParams.get('event') as keyof typeof events]()
        return Response.json({})
      default: {
        if (pathname.startsWith('/__kills/')) return ofRequests.default.fetch(request, env, ctx)
        bill.requests += 1
        const current: Invocation = { calls: 0 }
        requests.add(current)
        const isolate = ofRequests
        const answered = invocation.run(current, () => isolate.default.fetch(request, limit(env), ctx))
        return Promise.race([answered, endOf(current)]).finally(() => requests.delete(current))
      }
    }
  },
} satisfies ExportedHandler<Env>
