// What the journal is told of a request; and the requests that no sandbox answered.
import type { Context, MiddlewareHandler } from 'hono'
import { excerpt, redact, redactHeader } from '../rules/redact.ts'
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

const URL_CHARS = 1024
const HEADERS = 32
const HEADER_CHARS = 256
const BODY_CHARS = 4096

export function asked(c: Context): Asked {
  const url = new URL(c.req.url)
  const body = excerpt(textOf(c.req.raw), BODY_CHARS)
  return {
    at: c.get('startedAt'),
    method: c.req.method,
    url: redact(url.pathname + url.search).slice(0, URL_CHARS),
    headers: Object.fromEntries(
      Object.entries(c.req.header())
        .slice(0, HEADERS)
        .map(([name, value]) => [name, redactHeader(name, value).slice(0, HEADER_CHARS)]),
    ),
    body: body.text,
    isTruncated: body.isTruncated,
  }
}

/** Sees to it that every request of a client is in a journal: most are noted in the call that answers them. */
export const journal: MiddlewareHandler<{ Bindings: Env }> = async (c, next) => {
  c.set('startedAt', Date.now())
  await next()
  const id = c.get('requestId')
  if (id === undefined) c.executionCtx.waitUntil(note(c))
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

async function note(c: Context<{ Bindings: Env }>): Promise<void> {
  const token = c.req.header('vmware-api-session-id') ?? /^\/cls\/data\/([^/]+)/.exec(c.req.path)?.[1]
  const sandbox = token === undefined ? undefined : await sandboxOf(token, c.env.TOKEN_KEY)
  const operation = c.get('operation')
  const fault = c.get('fault')
  const { status } = c.res
  const entry = {
    ...asked(c),
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
