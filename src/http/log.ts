// A line for every request, for whoever runs the mock: JSON for machines, or text for people; secrets are in neither.
import type { Context } from 'hono'
import { CONTROL_CHARACTERS } from '../rules/expressions.ts'
import { excerpt } from '../rules/redact.ts'
import { refusedBy } from './request-record.ts'

/** Who said no, and in which words. */
type Why = { by: string; type?: string; message: string }
declare module 'hono' {
  interface ContextVariableMap {
    /** The sandbox that answered. */
    sandbox: string
    why: Why
  }
}
type Line = {
  ts: string
  level: 'info' | 'warn' | 'error'
  msg: string
  method: string
  path: string
  status: number
  durationMs: number
  operation?: string
  sandbox?: string
  /** What the journal calls the request. */
  requestId?: string
  fault?: string
  why?: Partial<Why>
}

const PATH_CHARS = 1024
const MESSAGE_CHARS = 512

/** `LOG_REQUESTS` says how: `json`, `text` or `off`. */
export function log(c: Context<{ Bindings: Env }>): void {
  const { LOG_REQUESTS: form } = c.env
  if (form === 'off') return
  const line = lineOf(c, c.get('startedAt'))
  console.log(form === 'text' ? textOf(line) : JSON.stringify(line))
}

function lineOf(c: Context, startedAt: number): Line {
  const { status } = c.res
  const [operation, sandbox, requestId, fault] = [
    c.get('operation'),
    c.get('sandbox'),
    c.get('requestId'),
    c.get('fault'),
  ]
  const path = excerpt(c.req.path, PATH_CHARS).text
  const why = whyOf(c)
  return {
    ts: new Date(startedAt).toISOString(),
    level: levelOf(why),
    msg: `${c.req.method} ${path} ${status}`,
    method: c.req.method,
    path,
    status,
    durationMs: Date.now() - startedAt,
    ...(operation !== undefined && { operation }),
    ...(sandbox !== undefined && { sandbox }),
    ...(requestId !== undefined && { requestId }),
    ...(fault !== undefined && { fault: fault.id }),
    ...(why && { why }),
  }
}

/** Over JSON-RPC a refusal has the status 200; of a path that is not there nobody has said more than its status does. */
function whyOf(c: Context): Line['why'] {
  const why = c.get('why')
  if (why) return { ...why, message: excerpt(why.message, MESSAGE_CHARS).text }
  const { status } = c.res
  if (status < 400) return undefined
  return { by: status < 500 ? refusedBy(status, c.get('operation'), c.get('fault')) : BUG }
}

/** Of all that is 500 or above, what nobody wanted. */
const BUG = 'bug'
const levelOf = (why: Line['why']): Line['level'] => {
  if (!why) return 'info'
  return why.by === BUG ? 'error' : 'warn'
}

function textOf({ ts, status, method, path, durationMs, operation, sandbox, fault, why }: Line): string {
  const parts = [
    ts.slice(11, 23),
    `${status} ${method} ${path}`,
    `${durationMs} ms`,
    ...(operation === undefined ? [] : [operation]),
    ...(sandbox === undefined ? [] : [`sandbox ${sandbox}`]),
    ...(fault === undefined ? [] : [`fault ${fault}`]),
    ...(why ? [`refused by ${[why.by, why.type, why.message].filter(Boolean).join(': ')}`] : []),
  ]
  // One line, whatever a name holds.
  return parts.join('  ').replaceAll(CONTROL_CHARACTERS, '\u{fffd}')
}
