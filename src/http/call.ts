// From a request to one call of its sandbox: what all bindings share.
import { decodeBase64 } from 'hono/utils/encode'
import { id, type Look, type Operation, type Output } from '../operations/operation.ts'
import type { Caller } from '../operations/store.ts'
import { BASIC } from '../rules/expressions.ts'
import { isAllowed, type Credentials } from '../rules/credentials.ts'
import { ok, plainHttpLogin, tooManyLogins, unauthenticated, type Result } from '../rules/failure.ts'
import { readSettings, type DeploymentSettings } from '../rules/settings.ts'
import { mayLogIn } from './login-limit.ts'
import { factsOf, pathAt, failBy, TOKEN_HEADER, type AppContext } from './request-record.ts'
import { mint, sandboxOf } from './token.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** How this mock looks at a source, which takes the outside world. */
    look: (uri: string, settings: DeploymentSettings) => ReturnType<Look>
  }
}

/** Runs the operation for the caller that the headers name. Without one, the input is not even read. */
export async function call(
  c: AppContext,
  operation: Operation,
  read: () => Promise<Result<object>>,
): Promise<Result<Output>> {
  const caller = await (operation.login === 'basic'
    ? byPassword(c, basicCredentials(c))
    : byToken(c, c.req.header(TOKEN_HEADER)))
  return invoke(c, operation, caller, caller ? await read() : ok({}))
}

/** The one Durable Object call of a request. Its sandbox keeps the request, unless the answer takes more than its result. */
export async function invoke(
  c: AppContext,
  operation: Operation,
  caller: Routed | undefined,
  input: Result<object>,
  isWholeAnswer = !operation.afterwards,
): Promise<Result<Output>> {
  const known = c.get('known')
  known.operation = id(operation)
  const settings = requireSettings(c)
  if (!settings.ok) return settings
  if (operation.login && settings.value.plainHttpLogin === 'off' && c.req.url.startsWith('http:'))
    return failBy(c, 'configuration', plainHttpLogin())
  if (operation.login && !(await mayLogIn(c))) return failBy(c, 'rate limit', tooManyLogins())
  if (!caller) return failBy(c, 'authentication', unauthenticated())
  const { result, ...answer } = await c.env.SANDBOXES.getByName(caller.sandbox).invoke({
    caller: caller.who,
    operation: id(operation),
    input,
    origin: originOf(c),
    request: isWholeAnswer ? factsOf(c) : undefined,
  })
  Object.assign(known, answer, { sandbox: caller.sandbox, isRecorded: isWholeAnswer })
  return result.ok && operation.afterwards
    ? ok(await operation.afterwards(result.value as never, (uri) => c.get('look')(uri, settings.value)))
    : result
}

/** The settings that every call needs; the log is told where they are wrong. */
export function requireSettings(c: AppContext): Result<DeploymentSettings> {
  const settings = readSettings(c.env)
  return settings.ok ? settings : failBy(c, 'configuration', settings.failure)
}

/** How much of a body is read. Where the settings are wrong, enough to see which call is to be refused. */
export function bodyLimitBytes(c: AppContext): number {
  const settings = readSettings(c.env)
  return settings.ok ? settings.value.maxBodyBytes : MIB
}
const MIB = 1_048_576

/** The origin that the caller has used, unless the deployment names another. */
export function originOf(c: AppContext): string {
  const settings = readSettings(c.env)
  return (settings.ok && settings.value.publicUrl) || c.req.url.slice(0, pathAt(c.req.url))
}

type Routed = { sandbox: string; who: Caller }

export async function byToken(c: AppContext, token: string | undefined): Promise<Routed | undefined> {
  const sandbox = token === undefined ? undefined : await sandboxOf(token, c.env.TOKEN_KEY)
  return token === undefined || sandbox === undefined ? undefined : { sandbox, who: { token } }
}

/** A caller with the right password gets a token, which is alive once the login has run. */
export async function byPassword(c: AppContext, given: Credentials | undefined): Promise<Routed | undefined> {
  if (!given || !readSettings(c.env).ok || !isAllowed(given, c.env.CREDENTIALS)) return undefined
  const { user } = given
  return { sandbox: user, who: { user, token: await mint(user, c.env.TOKEN_KEY) } }
}

/** RFC 7617. Hono's own reads bytes that are no UTF-8 as if all of them were one character: two names would be one. */
function basicCredentials(c: AppContext): Credentials | undefined {
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
