// The update sessions of a sandbox, seen from outside the API; and new ones in any state, under ids of the test's choice.
import type * as z from 'zod'
import { explain, type Result } from '../rules/failure.ts'
import type { Seeded } from '../sandbox/seeded-sessions.ts'
import { mint } from '../http/token.ts'
import { AdminFailure, route, type AdminRequest, type SandboxStub } from './route.ts'
import { SessionChangeSpec, SessionSpec } from './shapes.ts'
import type { SessionView } from './view-shapes.ts'

/** What a list shows at most: it comes in one call of the sandbox, which the platform bounds. */
export const SHOWN_SESSIONS = { limit: 100, files: 1000 }

export const sessions = [
  // The newest update sessions of the sandbox, in the order of their creation.
  route('GET /sessions', {}, async ({ sandbox }) => {
    const { sessions: found, sessionCount } = await sandbox.view({ sessions: SHOWN_SESSIONS })
    return { sessions: found satisfies SessionView[], meta: { total: sessionCount } }
  }),
  route('POST /sessions', { body: SessionSpec }, async (ask) =>
    Response.json((await makeSession(ask, ask.body)).session, { status: 201 }),
  ),
  route('GET /sessions/:id', {}, ({ sandbox, id }) => sessionOf(sandbox, id)),
  // Makes a live update session fail, now or when it is completed; or puts one of its files into another state.
  route('POST /sessions/:id', { body: SessionChangeSpec }, async ({ sandbox, id, body }) => {
    await sessionOf(sandbox, id)
    must(await sandbox.changeSession(id, body))
    return sessionOf(sandbox, id)
  }),
  // Ends an update session as its expiry would, whatever its state.
  route('DELETE /sessions/:id', {}, async ({ sandbox, id }) => {
    if (!(await sandbox.removeSession({ sessionId: id }))) throw absent(id)
  }),
]

/** Its files arrive as a client's would, and the rules decide its state. Where they refuse, nothing is left of it. */
export async function makeSession(
  { env, name, sandbox }: Pick<AdminRequest, 'env' | 'name' | 'sandbox'>,
  spec: z.output<ReturnType<typeof SessionSpec>>,
): Promise<{ session: SessionView; seeded: Seeded }> {
  const seeded = must(await sandbox.seedSession({ ...spec, token: await mint(name, env.TOKEN_KEY) }))
  return { session: await sessionOf(sandbox, seeded.sessionId), seeded }
}

function must<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AdminFailure(422, explain(result.failure))
}

async function sessionOf(sandbox: SandboxStub, id: string): Promise<SessionView> {
  const [found] = (await sandbox.view({ sessionId: id })).sessions
  if (!found) throw absent(id)
  return found
}

const absent = (id: string) => new AdminFailure(404, `There is no update session ${id}.`)
