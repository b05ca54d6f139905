// From a request to one call of its sandbox: what all bindings share.
import type { Context } from 'hono'
import { auth } from 'hono/utils/basic-auth'
import { id, type Operation, type Output } from '../operations/operation.ts'
import { isAllowed } from '../rules/credentials.ts'
import { fail, unauthenticated, type Result } from '../rules/failure.ts'
import type { Caller } from '../sandbox/sandbox.ts'
import { mint, sandboxOf } from './token.ts'

export type AppContext = Context<{ Bindings: Env }>

const TOKEN_HEADER = 'vmware-api-session-id'

/** Runs the operation in the caller's sandbox: the one Durable Object call of a request. */
export async function call(c: AppContext, operation: Operation, input: Result<object>): Promise<Result<Output>> {
  const caller = await (operation.login === 'basic' ? login(c) : bearer(c))
  if (!caller) return fail(unauthenticated())
  return c.env.SANDBOXES.getByName(caller.sandbox).invoke({
    caller: caller.who,
    operation: id(operation),
    input,
    origin: originOf(c),
  })
}

/** What the caller reached us by, unless the deployment says what to say. */
const originOf = (c: AppContext): string => c.env.PUBLIC_URL || new URL(c.req.url).origin

type Routed = { sandbox: string; who: Caller }

async function bearer(c: AppContext): Promise<Routed | undefined> {
  const token = c.req.header(TOKEN_HEADER)
  const sandbox = token === undefined ? undefined : await sandboxOf(token, c.env.TOKEN_KEY)
  return token === undefined || sandbox === undefined ? undefined : { sandbox, who: { token } }
}

async function login(c: AppContext): Promise<Routed | undefined> {
  const given = auth(c.req.raw)
  if (!given || !isAllowed({ user: given.username, password: given.password }, c.env.CREDENTIALS)) return undefined
  const user = given.username
  return { sandbox: user, who: { user, token: await mint(user, c.env.TOKEN_KEY) } }
}
