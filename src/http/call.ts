// From a request to one call of its sandbox: what all bindings share.
import { deleteCookie, setCookie } from 'hono/cookie'
import { apiSession } from '../operations/api-session.ts'
import { id, type Look, type Operation } from '../operations/operation.ts'
import type { Caller } from '../operations/store.ts'
import { ok, plainHttpLogin, tooManyLogins, unauthenticated, type Result } from '../rules/failure.ts'
import type { Output } from '../rules/request-record.ts'
import type { DeploymentSettings } from '../rules/settings.ts'
import { readJson } from './body.ts'
import { isSpared } from './fault.ts'
import { mayShow } from './login-limit.ts'
import { askerOf, cookieIn, credentialsIn, proofIn, TOKEN_HEADER, type Proof } from './proof.ts'
import { factsOf, failBy, pathAt, publicUrlOf, type AppContext } from './request-record.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** How this mock looks at a source, which takes the outside world. */
    look: (uri: string, settings: DeploymentSettings) => ReturnType<Look>
  }
}

/**
 * Runs the operation for the caller whom the request names: its one Durable Object call. Without a caller, the input is not even
 * read. The sandbox keeps the request, unless the answer takes more than its result.
 */
export async function call(
  c: AppContext,
  operation: Operation,
  read: () => Result<object> | Promise<Result<object>> = () => ok({}),
  isWholeAnswer = !operation.afterwards,
): Promise<Result<Output>> {
  const known = c.get('known')
  known.operation = id(operation)
  // A login wants name and password, and looks at nothing else.
  const proof = known.proof ?? (operation.login ? credentialsIn(c.req.raw) : proofIn(c.req.raw, publicUrlOf(c)))
  const caller = await admit(c, proof)
  if (!caller.ok) return caller
  const { sandbox, ...who } = caller.value
  const input = await read()
  const { result, ...answer } = await c.env.SANDBOXES.getByName(sandbox).invoke({
    caller: who,
    operation: id(operation),
    input,
    origin: originOf(c),
    request: isWholeAnswer ? factsOf(c) : undefined,
    ...(isSpared(c.req.raw) && { isSpared: true }),
  })
  Object.assign(known, answer, { sandbox, isRecorded: isWholeAnswer })
  return result.ok && operation.afterwards
    ? ok(await operation.afterwards(result.value as never, (uri) => c.get('look')(uri, c.get('settings'))))
    : result
}

/** The body of a call, within the limit. */
export const readBody = (c: AppContext): Promise<Result<unknown>> =>
  readJson(c.req.raw, { bytes: c.get('settings').maxBodyBytes, name: 'MAX_BODY_BYTES' })

/** The origin that the caller has used, unless the deployment names another. */
export const originOf = (c: AppContext): string => publicUrlOf(c) || c.req.url.slice(0, pathAt(c.req.url))

/** Whom the proof names, or why there is no such caller. */
export async function admit(c: AppContext, proof?: Proof): Promise<Result<Caller & { sandbox: string }>> {
  const isPassword = proof !== undefined && 'user' in proof
  if (isPassword && c.get('settings').plainHttpLogin === 'off' && c.req.url.startsWith('http:'))
    return failBy(c, 'configuration', plainHttpLogin())
  const asker = await askerOf(proof, c.env)
  if (isPassword && !(await mayShow(c, proof, asker !== undefined))) return failBy(c, 'rate limit', tooManyLogins())
  return asker ? ok(asker) : failBy(c, 'authentication', unauthenticated())
}

/** By this header a client says that it wants no cookie. */
const NO_COOKIE = 'vmware-use-header-authn'

/** A login sets the cookie that a vCenter sets, for the paths of its binding; a logout takes it away (reference 7). */
export function changeCookie(
  c: AppContext,
  operation: Operation,
  result: Result<Output>,
  path: '/api' | '/rest',
): void {
  const isLogout = operation === apiSession.delete
  if (!result.ok || !(operation.login || isLogout)) return
  // Behind a proxy the paths of clients may begin with one of its own.
  const { pathname = '/' } = URL.parse(publicUrlOf(c)) ?? {}
  const whole = `${pathname === '/' ? '' : pathname}${path}`
  const options = { path: whole, httpOnly: true, secure: originOf(c).startsWith('https:') }
  if (operation.login && c.req.header(NO_COOKIE) === undefined)
    setCookie(c, TOKEN_HEADER, result.value as string, options) // a login answers its token
  else if (isLogout && cookieIn(c.req.raw, TOKEN_HEADER, publicUrlOf(c))) deleteCookie(c, TOKEN_HEADER, options)
}
