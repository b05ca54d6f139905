// From a request to one call of its sandbox: what all bindings share.
import type { Context } from 'hono'
import { decodeBase64 } from 'hono/utils/encode'
import { look } from '../content/look.ts'
import { id, type Operation, type Output } from '../operations/operation.ts'
import { BASIC } from '../rules/expressions.ts'
import { isAllowed, type Credentials } from '../rules/credentials.ts'
import {
  fail,
  ok,
  notConfigured,
  tooManyLogins,
  unauthenticated,
  wrongVariable,
  type Failure,
  type Result,
} from '../rules/failure.ts'
import type { Caller } from '../sandbox/sandbox.ts'
import { asked, pathAt } from './request-record.ts'
import { mayLogIn } from './login-limit.ts'
import { mint, sandboxOf } from './token.ts'

export type AppContext = Context<{ Bindings: Env }>

const TOKEN_HEADER = 'vmware-api-session-id'

/** Runs the operation for the caller that the headers name. Without one, the input is not even read. */
export async function call(
  c: AppContext,
  operation: Operation,
  read: () => Promise<Result<object>>,
): Promise<Result<Output>> {
  const caller = await (operation.login === 'basic' ? byPassword(c, basic(c)) : byToken(c, c.req.header(TOKEN_HEADER)))
  return invoke(c, operation, caller, caller ? await read() : ok({}))
}

/** The one Durable Object call of a request. */
export async function invoke(
  c: AppContext,
  operation: Operation,
  caller: Routed | undefined,
  input: Result<object>,
): Promise<Result<Output>> {
  c.set('operation', id(operation))
  const closed = whyNoLogin(c.env)
  if (closed) return refused(c, 'configuration', closed)
  if (operation.login && !(await mayLogIn(c))) return refused(c, 'rate limit', tooManyLogins())
  if (!caller) return refused(c, 'authentication', unauthenticated())
  const answer = await c.env.SANDBOXES.getByName(caller.sandbox).invoke({
    caller: caller.who,
    operation: id(operation),
    input,
    origin: originOf(c),
    at: c.get('startedAt'),
    asked: asked(c),
  })
  c.set('requestId', answer.id)
  c.set('sandbox', caller.sandbox)
  if (answer.fault) c.set('fault', answer.fault)
  const { result } = answer
  if (!result.ok) return refused(c, answer.refusedBy ?? 'rule', result.failure)
  return operation.afterwards
    ? ok(await operation.afterwards(result.value as never, (uri) => look(uri, c.env)))
    : result
}

/** Tells the log who said no. */
export function refused(c: AppContext, by: string, failure: Failure): Result<never> {
  const [message] = failure.messages
  c.set('why', { by, type: failure.type, message: message?.default_message ?? '' })
  return fail(failure)
}

/** What the caller reached us by, unless the deployment says what to say. */
export const originOf = (c: AppContext): string =>
  c.env.PUBLIC_URL === '' ? c.req.url.slice(0, pathAt(c.req.url)) : withoutSlashes(c.env.PUBLIC_URL)

const withoutSlashes = (url: string): string => (url.endsWith('/') ? withoutSlashes(url.slice(0, -1)) : url)

/** Who asks, and the sandbox that is theirs. */
type Routed = { sandbox: string; who: Caller }

export async function byToken(c: AppContext, token: string | undefined): Promise<Routed | undefined> {
  const sandbox = token === undefined ? undefined : await sandboxOf(token, c.env.TOKEN_KEY)
  return token === undefined || sandbox === undefined ? undefined : { sandbox, who: { token } }
}

/** A caller who is let in gets a token, alive once the login has run. */
export async function byPassword(c: AppContext, given: Credentials | undefined): Promise<Routed | undefined> {
  if (!given || whyNoLogin(c.env) || !isAllowed(given, c.env.CREDENTIALS)) return undefined
  const { user } = given
  return { sandbox: user, who: { user, token: await mint(user, c.env.TOKEN_KEY) } }
}

/**
 * Why no one may log in: without its secrets this mock would be a store for everybody, under seals that all know. An
 * empty list of credentials is none, unless the deployment says that everybody may.
 */
export function whyNoLogin({ CREDENTIALS, TOKEN_KEY, OPEN_LOGIN }: Partial<Env>): Failure | undefined {
  if (!isSwitch(OPEN_LOGIN)) return wrongVariable('OPEN_LOGIN', SWITCH, OPEN_LOGIN ?? '')
  const missing = [
    ...(CREDENTIALS || (CREDENTIALS === '' && OPEN_LOGIN === 'on') ? [] : ['CREDENTIALS']),
    ...(TOKEN_KEY ? [] : ['TOKEN_KEY']),
  ]
  return missing.length > 0 ? notConfigured(missing) : undefined
}
const SWITCH = ['on', 'off']
const isSwitch = (value: string | undefined): boolean => value !== undefined && SWITCH.includes(value)

/** RFC 7617. Hono's own reads bytes that are no UTF-8 as if all of them were one character: two names would be one. */
function basic(c: AppContext): Credentials | undefined {
  const [, encoded] = BASIC.exec(c.req.header('authorization') ?? '') ?? []
  if (encoded === undefined) return undefined
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const text = decoder.decode(decodeBase64(encoded))
    const end = text.indexOf(':')
    return end === -1 ? undefined : { user: text.slice(0, end), password: text.slice(end + 1) }
  } catch {
    return undefined
  }
}
