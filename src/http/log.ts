// A line for a request, for the operator of the mock: JSON for machines, or text for people; secrets are in neither.
import type { Context } from 'hono'
import { NOT_IN_A_LINE } from '../rules/expressions.ts'
import { excerpt } from '../rules/redact.ts'
import type { KnownRequest } from './request-record.ts'

/** Who refused, with which error, and in which words. */
type Why = { by: string; type?: string; message?: string }
type Line = ReturnType<typeof lineOf>

const PATH_CHARS = 1024
const MESSAGE_CHARS = 512

/**
 * `LOG_REQUESTS` says how: `json`, `text`, `off`, or `refused`: as text, of refused and unrouted requests alone. `status` is that
 * of the answer before a fault broke its connection.
 */
export function log(c: Context<{ Bindings: Env }>, status = c.res.status): void {
  const { LOG_REQUESTS: form } = c.env
  if (form === 'off') return
  const known = c.get('known')
  const why = whyFailed(known, status)
  if (form === 'refused' && !why) return
  const line = lineOf(c, known, status, why)
  const text = form === 'text' || form === 'refused' ? lineText(line) : JSON.stringify(line)
  // One line, whatever a name holds.
  console.log(text.replaceAll(NOT_IN_A_LINE, '\u{fffd}'))
}

function lineOf(c: Context, { id, at, operation, sandbox, fault }: KnownRequest, status: number, why: Why | undefined) {
  const { method } = c.req
  const path = excerpt(c.req.path, PATH_CHARS)
  return {
    ts: new Date(at).toISOString(),
    level: why ? (why.by === BUG ? 'error' : 'warn') : 'info',
    msg: `${method} ${path} ${status}`,
    method,
    path,
    status,
    durationMs: Date.now() - at,
    operation,
    sandbox,
    /** What the journal calls the request. */
    requestId: sandbox === undefined ? undefined : id,
    fault: fault?.id,
    why,
  }
}

const BUG = 'bug'
function whyFailed({ refusedBy: by, result, sandbox, adminReason }: KnownRequest, status: number): Why | undefined {
  if (result?.ok === false && by) {
    const { type, messages } = result.failure
    // What cannot be read is quoted, and of an unauthenticated request nothing that it says is kept.
    if (by === 'reading' && sandbox === undefined) return { by, type }
    return { by, type, message: excerpt(messages[0]?.default_message ?? '', MESSAGE_CHARS) }
  }
  if (status < 400) return undefined
  // The admin API answers 503 where the settings are wrong.
  const origin = status === 503 ? 'configuration' : status < 500 ? 'rule' : BUG
  return { by: origin, ...(adminReason !== undefined && { message: excerpt(adminReason, MESSAGE_CHARS) }) }
}

function lineText({ ts, status, method, path, durationMs, operation, sandbox, fault, why }: Line): string {
  const parts = [
    ts.slice(11, 23),
    `${status} ${method} ${path}`,
    `${durationMs} ms`,
    operation,
    sandbox !== undefined && `sandbox ${sandbox}`,
    fault !== undefined && `fault ${fault}`,
    why && `refused by ${[why.by, why.type, why.message].filter(Boolean).join(': ')}`,
  ].filter(Boolean)
  return parts.join('  ')
}
