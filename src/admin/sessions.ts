// The update sessions of a sandbox, seen from outside the API; and new ones in any state, under ids of the test's choice.
import type * as z from 'zod'
import { explain, type Result } from '../rules/failure.ts'
import { bytesTransferred } from '../rules/file.ts'
import { shown } from '../rules/update-session.ts'
import type { Seeded } from '../sandbox/seeded-sessions.ts'
import type { SessionChange } from '../sandbox/session-changes.ts'
import type { ShownFile, ShownSession } from '../sandbox/view.ts'
import { mint } from '../http/token.ts'
import { AdminFailure, route, type AdminRequest, type SandboxStub } from './route.ts'
import { SessionChangeSpec, SessionSpec, type FileView, type SessionView } from './shapes.ts'

/** What a list shows at most: it comes in one call of the sandbox, which the platform bounds. */
export const SHOWN_SESSIONS = { limit: 100, files: 1000 }

export const sessions = [
  // The newest update sessions of the sandbox, in the order of their creation.
  route('GET /sessions', {}, async ({ sandbox }) => {
    const { sessions: found, sessionCount } = await sandbox.view({ sessions: SHOWN_SESSIONS })
    return { sessions: found.map(showSession), meta: { total: sessionCount } }
  }),
  // Makes an update session: in any state, with files, under an id of your choice.
  route(
    'POST /sessions',
    { status: 201, body: SessionSpec },
    async (ask) => (await makeSession(ask, ask.body)).session,
  ),
  // One update session.
  route('GET /sessions/:id', {}, async ({ sandbox, id }) => showSession(await sessionOf(sandbox, id))),
  // Makes a live update session fail, now or when it is completed; or puts one of its files into another state.
  route('POST /sessions/:id', { body: SessionChangeSpec }, async ({ sandbox, id, body }) => {
    await sessionOf(sandbox, id)
    must(await sandbox.changeSession(id, sessionChangeOf(body)))
    return showSession(await sessionOf(sandbox, id))
  }),
  // Ends an update session as its expiry would, whatever its state.
  route('DELETE /sessions/:id', {}, async ({ sandbox, id }) => {
    if (!(await sandbox.removeSession({ sessionId: id }))) throw absent(id)
  }),
]

/** Its files arrive as a client's would, and the rules decide its state. Where they refuse, nothing is left of it. */
export async function makeSession(
  { env, name, sandbox }: Pick<AdminRequest, 'env' | 'name' | 'sandbox'>,
  spec: z.output<typeof SessionSpec>,
): Promise<{ session: SessionView; seeded: Seeded }> {
  const { library_item_id: itemId, client_progress: clientProgress, error_message: reason, ...given } = spec
  const files = given.files.map(({ size: sizeBytes, bytes_transferred: bytesTransferred, ...file }) => ({
    ...file,
    sizeBytes,
    bytesTransferred,
  }))
  const token = await mint(name, env.TOKEN_KEY)
  const seeded = must(await sandbox.seedSession({ ...given, token, itemId, files, clientProgress, reason }))
  return { session: showSession(await sessionOf(sandbox, seeded.sessionId)), seeded }
}

function sessionChangeOf({ state, file, error_message: reason }: z.output<typeof SessionChangeSpec>): SessionChange {
  if (file) return { type: 'markFile', ...file, reason }
  return { type: state ? 'fail' : 'planFailure', reason }
}

function must<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new AdminFailure(422, explain(result.failure))
}

async function sessionOf(sandbox: SandboxStub, id: string): Promise<ShownSession> {
  const [found] = (await sandbox.view({ sessionId: id })).sessions
  if (!found) throw absent(id)
  return found
}

const absent = (id: string) => new AdminFailure(404, `There is no update session ${id}.`)

/** In the API's words, with what the API does not tell. */
export const showSession = ({ itemName, fileCount, ...session }: ShownSession): SessionView => ({
  id: session.id,
  library_item_id: session.libraryItemId,
  ...(itemName !== undefined && { library_item_name: itemName }),
  state: shown(session),
  completing: session.state === 'COMPLETING',
  client_progress: session.clientProgress,
  expiration_time: new Date(session.expiresAt).toISOString(),
  ...(session.state === 'ERROR' && { error_message: session.reason }),
  files: session.files.map(showFile),
  ...(fileCount !== undefined && { file_count: fileCount }),
})
const showFile = (file: ShownFile): FileView => ({
  name: file.name,
  source_type: file.sourceType,
  status: file.status,
  bytes_transferred: bytesTransferred(file),
  ...(file.sizeBytes !== undefined && { size: file.sizeBytes }),
  ...(file.status === 'ERROR' && { error_message: file.reason }),
})
