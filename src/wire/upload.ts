// The byte endpoint behind upload_endpoint.uri: no login, PUT or POST, any content type, 200 (clients 6).
import { Hono } from 'hono'
import { discard, receive } from '../content/store.ts'
import { fail, uploadGone, uploadInterrupted, type Failure, type Result } from '../rules/failure.ts'
import type { File } from '../rules/file.ts'
import { refuse } from './api.ts'
import { refused, type AppContext } from './call.ts'
import { sandboxOf } from './token.ts'

/** A short body that is refused is read away, for so long at most. */
const SHORT_BYTES = 1024 * 1024
const READ_AWAY_MS = 1000

export const upload = new Hono<{ Bindings: Env }>()

upload.on(['PUT', 'POST'], '/:token/:name', async (c) => {
  const { token, name } = c.req.param()
  const sandbox = await sandboxOf(token, c.env.TOKEN_KEY)
  if (sandbox === undefined) {
    await readAway(c.req.raw)
    return refuse(c, uploadGone())
  }
  c.set('sandbox', sandbox)
  const result = await take(c, sandbox, token, name)
  const no = (failure: Failure) => {
    refused(c, c.get('fault') ? 'fault' : 'rule', failure)
    return refuse(c, failure)
  }
  if (!result.ok) return no(result.failure)
  const file = result.value
  return file.status === 'ERROR' ? no({ type: 'INVALID_ARGUMENT', messages: [file.reason] }) : c.body(null, 200)
})

/** Bytes go straight to R2; the sandbox only hears what arrives, and says whether to go on. */
async function take(c: AppContext, sandboxName: string, token: string, name: string): Promise<Result<File>> {
  const { env, req } = c
  const request = req.raw
  c.set('operation', 'upload')
  const sandbox = env.SANDBOXES.getByName(sandboxName)
  const { result: begun, fault } = await sandbox.beginTransfer(token, name)
  if (fault) c.set('fault', fault)
  if (!begun.ok) {
    await readAway(request)
    return begun
  }
  const plan = begun.value
  const outcome = await receive(env.CONTENT, plan, request.body ?? new Blob([]).stream(), lengthOf(request), (bytes) =>
    sandbox.reportProgress(plan.key, bytes),
  )
  const ended = await sandbox.endTransfer(
    plan.key,
    outcome.type === 'received' ? { type: 'receive', received: outcome.received } : { type: 'interrupt' },
  )
  await discard(env.CONTENT, plan.key, ended.content)
  switch (outcome.type) {
    case 'received':
      return ended.result
    case 'stopped':
      return fail(uploadGone())
    case 'interrupted':
      return fail(uploadInterrupted(name))
  }
}

/** Most clients read an answer only when they have sent everything, and find the connection reset before that. */
async function readAway(request: Request): Promise<void> {
  const length = lengthOf(request)
  if (length === undefined || length > SHORT_BYTES) return
  await request.body?.pipeTo(new WritableStream(), { signal: AbortSignal.timeout(READ_AWAY_MS) }).catch(() => undefined)
}

/** How long the body said it is; a chunked one says nothing. */
function lengthOf(request: Request): number | undefined {
  if (!request.body) return 0
  const length = request.headers.get('content-length')
  return length === null ? undefined : Number(length)
}
