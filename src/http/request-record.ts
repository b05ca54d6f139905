// What the journal is told of a request; and the requests that no sandbox answered.
import type { Context } from 'hono'
import { beginningOf, keptOf } from '../rules/redact.ts'
import type { Fault } from '../rules/fault.ts'
import { isLoopback } from '../rules/source.ts'
import { THE_DIRECTORY } from '../sandbox/directory.ts'
import { BODY_CHARS, HEADER_CHARS, URL_CHARS, type Asked, type Entry } from '../sandbox/journal.ts'
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

/** Where the path begins in a request's URL, which the platform has made regular: taking it apart would cost more. */
export const pathAt = (url: string): number => url.indexOf('/', url.indexOf('://') + 3)

/** What there is to note of a request, cut: the journal takes the secrets out. */
export function asked(c: Context): string {
  const headers: Record<string, string> = {}
  // Their iterator costs half as much again.
  c.req.raw.headers.forEach((value, name) => {
    const kept = keptOf(name, value)
    if (kept !== undefined) headers[name] = beginningOf(kept, HEADER_CHARS)
  })
  return written(c, headers, beginningOf(textOf(c.req.raw), BODY_CHARS))
}

function written(c: Context, headers: Asked['headers'] = {}, body = ''): string {
  const url = beginningOf(c.req.url.slice(pathAt(c.req.url)), URL_CHARS)
  return JSON.stringify({ method: c.req.method, url, headers, body } satisfies Asked)
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
  const token = c.req.header('vmware-api-session-id') ?? uploadToken(c.req.path)
  const sandbox = token === undefined ? undefined : await sandboxOf(token, c.env.TOKEN_KEY)
  const operation = c.get('operation')
  const fault = c.get('fault')
  const { status } = c.res
  const entry = {
    at: c.get('startedAt'),
    id: crypto.randomUUID(),
    ...(operation !== undefined && { operation }),
    durationMs: Date.now() - c.get('startedAt'),
    status,
    ...(fault && { fault: fault.id }),
    ...(status >= 400 && { refusedBy: refusedBy(status, operation, fault) }),
  }
  if (token !== undefined && sandbox !== undefined)
    await c.env.SANDBOXES.getByName(sandbox).note({ ...entry, asked: asked(c) }, token)
  // On a deployed mock unauthenticated clients could keep the directory busy; on one's own machine one wants to see them.
  else if (isLoopback(new URL(c.req.url).hostname))
    await c.env.DIRECTORY.getByName(THE_DIRECTORY).note({ ...entry, asked: written(c) })
}

const UPLOADS = '/cls/data/'
const uploadToken = (path: string): string | undefined =>
  path.startsWith(UPLOADS) ? path.slice(UPLOADS.length).split('/', 1)[0] : undefined
