// What the journal is told of a request; and the requests that no sandbox answered.
import type { Context } from 'hono'
import { excerpt } from '../rules/redact.ts'
import type { Fault } from '../rules/fault.ts'
import { isLoopback } from '../rules/source.ts'
import { THE_DIRECTORY } from '../sandbox/directory.ts'
import type { Asked, Entry } from '../sandbox/journal.ts'
import { textOf } from './body.ts'
import { sandboxOf } from './token.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** Epoch milliseconds. */
    startedAt: number
    /** What the journal calls the request, once it is there. */
    requestId: string
    operation: string
  }
}

const BODY_CHARS = 4096

/** Where the path begins in a request's URL, which the platform has made regular: taking it apart would cost more. */
export const pathAt = (url: string): number => url.indexOf('/', url.indexOf('://') + 3)

/** What there is to note of a request. Its address and headers go as they are: the journal takes their secrets out. */
export function asked(c: Context): string {
  const text = textOf(c.req.raw)
  const body = text === '' ? { text, isTruncated: false } : excerpt(text, BODY_CHARS)
  const headers: Record<string, string> = {}
  // Their iterator costs half as much again.
  c.req.raw.headers.forEach((value, name) => (headers[name] = value))
  const request: Asked = {
    method: c.req.method,
    url: c.req.url.slice(pathAt(c.req.url)),
    headers,
    body: body.text,
    isTruncated: body.isTruncated,
  }
  return JSON.stringify(request)
}

/** Sees to it that every request of a client is in a journal: most were noted in the call that answered them. */
export function note(c: Context<{ Bindings: Env }>): void {
  if (c.get('requestId') === undefined) c.executionCtx.waitUntil(noteApart(c))
}

/** Who said no, where no sandbox has said who. */
export const refusedBy = (
  status: number,
  operation: string | undefined,
  fault: Fault | undefined,
): NonNullable<Entry['refusedBy']> => {
  if (status === 401) return 'authentication'
  if (operation === undefined) return 'routing'
  return fault?.error || fault?.status ? 'fault' : 'rule'
}

async function noteApart(c: Context<{ Bindings: Env }>): Promise<void> {
  const token = c.req.header('vmware-api-session-id') ?? /^\/cls\/data\/([^/]+)/.exec(c.req.path)?.[1]
  const sandbox = token === undefined ? undefined : await sandboxOf(token, c.env.TOKEN_KEY)
  const operation = c.get('operation')
  const fault = c.get('fault')
  const { status } = c.res
  const entry = {
    at: c.get('startedAt'),
    asked: asked(c),
    id: crypto.randomUUID(),
    ...(operation !== undefined && { operation }),
    durationMs: Date.now() - c.get('startedAt'),
    status,
    ...(fault && { fault: fault.id }),
    ...(status >= 400 && { refusedBy: refusedBy(status, operation, fault) }),
  }
  if (sandbox !== undefined) await c.env.SANDBOXES.getByName(sandbox).note(entry)
  // Out in the world anybody could keep the directory busy; at home whoever forgot a token wants to see it.
  else if (isLoopback(new URL(c.req.url).hostname)) await c.env.DIRECTORY.getByName(THE_DIRECTORY).note(entry)
}
