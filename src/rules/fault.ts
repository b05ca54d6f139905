// A fault: an answer that a test asked for instead of the true one. Which requests it is applied to, and how.
import { injected, type ErrorType, type Failure } from './failure.ts'
import { fitsGlob } from './glob.ts'
import type { Mutant } from './mutant.ts'

export const CONNECTIONS = ['reset', 'stall', 'truncate'] as const
/** What becomes of a request that it is applied to, in the words of the admin API. */
export type Effect = {
  id: string
  /** With an error or a status the operation is not carried out. */
  error?: ErrorType | undefined
  message?: string | undefined
  message_id?: string | undefined
  args?: string[] | undefined
  status?: number | undefined
  body?: string | undefined
  /** With these it is carried out, and only its answer is changed. In seconds. */
  delay?: number | undefined
  /** A wrong answer that no test asked for by a fault: the setting of the sandbox. */
  mutant?: Mutant | undefined
  /**
   * `reset` closes without an answer, `truncate` in the middle of the body; `stall` sends the head and holds the body, then
   * closes. An answer without a body is closed by `truncate`, and held as a whole by `stall`.
   */
  connection?: (typeof CONNECTIONS)[number] | undefined
  /** `before`: the operation is not carried out, since the connection breaks before it. */
  when?: 'before' | 'after' | undefined
  /** An upload breaks when so many bytes have come, a download when so many have gone. */
  after_bytes?: number | undefined
}
export type Fault = Effect & {
  /** The id of an operation, or the end of it: `update_session.cancel`, `cancel`; `*` stands for any text. */
  operation: string
  /** Fields of the operation's input that must be equal; of an object, those that are named. */
  match?: object | undefined
  /** So many requests that fit pass first. */
  skip: number
  /** It is applied to so many, and no more. */
  times?: number | undefined
  /** From 0 to 1. */
  probability: number
  /** How many requests fitted so far, and to how many of them it was applied. */
  seen: number
  applied: number
}

/** What the journal keeps of a fault that a request has met: what changes how its answer renders, and not which requests it is for. */
export const metOf = ({ id, status, body, connection, mutant }: Effect): Effect => ({
  id,
  status,
  body,
  connection,
  mutant,
})

/** The first fault that has something to say of this request; `after` holds every fault as it is from then on. */
export function matchFaults(
  faults: Fault[],
  request: { operation: string; input: object },
  random: () => number,
): { after: Fault[]; fault?: Fault; failure?: Failure | undefined } {
  let fault: Fault | undefined
  const after = faults.map((each) => {
    if (fault || !fits(each, request) || each.applied >= (each.times ?? Infinity)) return each
    const applies = each.seen >= each.skip && random() < each.probability
    const next = { ...each, seen: each.seen + 1, applied: each.applied + (applies ? 1 : 0) }
    if (applies) fault = next
    return next
  })
  return { after, ...(fault && { fault, failure: injectedBy(fault) }) }
}

const fits = ({ operation, match }: Fault, request: { operation: string; input: object }): boolean =>
  isNamed(request.operation, operation) && (match === undefined || includes(request.input, match))

/** What a fault refuses with, in a form that every binding has; of a bare status only the Worker knows how to send it. */
function injectedBy({ error, message = '', message_id, args, status, when }: Effect): Failure | undefined {
  if (error) return injected(error, message, message_id, args)
  if (when === 'before') return injected('SERVICE_UNAVAILABLE', 'A fault breaks the connection before the operation.')
  return status === undefined
    ? undefined
    : injected('SERVICE_UNAVAILABLE', `A fault answers with the status ${status}.`)
}

/** Whether the id is the one asked for, or ends with it at a dot. */
export const isNamed = (id: string, asked: string): boolean => fitsGlob(id, asked) || fitsGlob(id, `*.${asked}`)

function includes(value: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return value === part
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(part).every(([name, each]) => includes((value as Record<string, unknown>)[name], each))
}
