// The built worker within the limits of Cloudflare that the runtime here does not enforce: calls of one invocation, the size of a
// body, an object that a deployment resets, a bucket or an object that fails once. It also counts what is billed.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Bill } from './bill.ts'
import worker, { Pull as BuiltPull, Sandbox as BuiltSandbox } from '../../src/index.ts'

/** Of one request, one call of an object, or one alarm: https://developers.cloudflare.com/workers/platform/limits/ */
const BODY_BYTES = 100_000_000

const nothing = (): Bill => ({
  requests: 0,
  objectRequests: 0,
  rowsRead: 0,
  rowsWritten: 0,
  objectMs: 0,
  bucket: {},
  mostCalls: 0,
})

let bill = nothing()
let callsLimit = 10_000
/** What fails, and how many calls of it come before. */
const failing = new Map<string, number>()
const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []
const invocation = new AsyncLocalStorage<{ calls: number }>()

/** One call of a service of the platform. */
function call<T>(what: string, run: () => T): T {
  const current = invocation.getStore()
  if (current) {
    current.calls += 1
    bill.mostCalls = Math.max(bill.mostCalls, current.calls)
    if (current.calls > callsLimit) throw new Error('Too many subrequests.')
  }
  const before = failing.get(what)
  if (before === 0) failing.delete(what)
  else if (before !== undefined) failing.set(what, before - 1)
  if (before === 0) throw new Error(`${what} fails once.`)
  return run()
}

type Methods = Record<string, (...args: unknown[]) => unknown>
/** The object with each of its methods as a call of the platform. */
const counted = <T extends object>(object: T, nameOf: (method: string) => string, note: (method: string) => void): T =>
  new Proxy(object, {
    get: (_, method) => {
      const value = (object as unknown as Methods)[String(method)]
      if (typeof value !== 'function' || typeof method === 'symbol') return value
      return (...args: unknown[]) => {
        note(method)
        // On the object itself, since a stub has whatever method it is asked for.
        return call(nameOf(method), () => (object as unknown as Methods)[method]?.(...args))
      }
    },
  })

const objectsOf = <T extends object>(namespace: T, binding: string): T =>
  new Proxy(namespace, {
    get: (_, method) => {
      const value = (namespace as unknown as Methods)[String(method)]
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const made = (namespace as unknown as Methods)[String(method)]?.(...args)
        return method === 'getByName'
          ? counted(
              made as object,
              (name) => `${binding}.${name}`,
              () => undefined,
            )
          : made
      }
    },
  })

const limited = new WeakMap<Env, Env>()
function limit(env: Env): Env {
  const known = limited.get(env)
  if (known) return known
  const CONTENT = counted(
    env.CONTENT,
    (method) => `CONTENT.${method}`,
    (method) => (bill.bucket[method] = (bill.bucket[method] ?? 0) + 1),
  )
  const fresh = {
    ...env,
    CONTENT,
    SANDBOXES: objectsOf(env.SANDBOXES, 'SANDBOXES'),
    PULLS: objectsOf(env.PULLS, 'PULLS'),
  }
  limited.set(env, fresh)
  return fresh
}

const fetchPlainly = globalThis.fetch
globalThis.fetch = (...args: Parameters<typeof fetch>) => call('fetch', () => fetchPlainly(...args))

/** Counts the rows of this object; all share one prototype. */
let isCounting = false
function countRows({ sql, kv }: DurableObjectStorage): void {
  if (isCounting) return
  isCounting = true
  const prototype = Object.getPrototypeOf(sql) as SqlStorage
  const { exec } = prototype as unknown as Methods
  prototype.exec = function <T extends Record<string, SqlStorageValue>>(this: SqlStorage, ...args: [string]) {
    const cursor = exec?.apply(this, args) as SqlStorageCursor<T>
    cursors.push(cursor)
    return cursor
  }
  const keys = Object.getPrototypeOf(kv) as Methods
  for (const [method, column] of [
    ['put', 'rowsWritten'],
    ['delete', 'rowsWritten'],
    ['get', 'rowsRead'],
  ] as const) {
    const run = keys[method]
    keys[method] = function (this: unknown, ...args) {
      bill[column] += 1
      return run?.apply(this, args)
    }
  }
}

/** How many calls each object is at work on, and since when. */
const atWork = new WeakMap<object, { calls: number; since: number }>()

for (const { prototype } of [BuiltSandbox, BuiltPull])
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const { value } = Object.getOwnPropertyDescriptor(prototype, method) ?? {}
    if (method === 'constructor' || typeof value !== 'function') continue
    const run = value as Methods['string']
    ;(prototype as unknown as Methods)[method] = async function (this: object, ...args) {
      const work = atWork.get(this) ?? { calls: 0, since: 0 }
      atWork.set(this, work)
      if (work.calls === 0) work.since = performance.now()
      work.calls += 1
      bill.objectRequests += 1
      try {
        return await invocation.run({ calls: 0 }, () => run?.apply(this, args))
      } finally {
        work.calls -= 1
        if (work.calls === 0) bill.objectMs += performance.now() - work.since
      }
    }
  }

export class Sandbox extends BuiltSandbox {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, limit(env))
    countRows(ctx.storage)
  }

  /** As when a deployment waits no longer. */
  replace(): void {
    this.ctx.abort('Durable Object reset because its code was updated.')
  }
}

export class Pull extends BuiltPull {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, limit(env))
    countRows(ctx.storage)
  }
}

function look(): Bill {
  for (const { rowsRead, rowsWritten } of cursors.splice(0)) {
    bill.rowsRead += rowsRead
    bill.rowsWritten += rowsWritten
  }
  const seen = bill
  bill = nothing()
  return seen
}

export default {
  async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
    const { pathname, searchParams } = new URL(request.url)
    switch (pathname) {
      case '/__limits/bill':
        return Response.json(look())
      case '/__limits/set':
        callsLimit = Number(searchParams.get('calls') ?? callsLimit)
        if (searchParams.has('fails')) failing.set(searchParams.get('fails') ?? '', Number(searchParams.get('after')))
        return Response.json({})
      case '/__limits/replace': {
        const sandbox = env.SANDBOXES.getByName(searchParams.get('sandbox') ?? '') as unknown as Sandbox
        await Promise.resolve(sandbox.replace()).catch(() => undefined) // it ends with the object
        return Response.json({})
      }
      default:
        bill.requests += 1
        if (Number(request.headers.get('content-length')) > BODY_BYTES) return new Response(null, { status: 413 })
        return invocation.run({ calls: 0 }, () => worker.fetch(request, limit(env), ctx))
    }
  },
} satisfies ExportedHandler<Env>
