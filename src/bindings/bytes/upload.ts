// The byte endpoint behind upload_endpoint.uri: no login, PUT or POST, any content type, 200 (reference 13.1).
import { Hono } from 'hono'
import { CONTENT_LIMIT_BYTES, discard, receive } from '../../content/store.ts'
import {
  fail,
  uploadGone,
  uploadInterrupted,
  uploadLengthInvalid,
  type Failure,
  type Result,
} from '../../rules/failure.ts'
import type { File } from '../../rules/file.ts'
import { refuse } from '../rest/api.ts'
import { bodyOf, hasBody, lengthOf } from '../../http/body.ts'
import { refused, type AppContext } from '../../http/call.ts'
import { sandboxOf } from '../../http/token.ts'

export const upload = new Hono<{ Bindings: Env }>()

upload.on(['PUT', 'POST'], '/:token/:name', async (c) => {
  const { token, name } = c.req.param()
  const sandbox = await sandboxOf(token, c.env.TOKEN_KEY)
  if (sandbox === undefined) return refuse(c, uploadGone())
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
  const length = lengthOf(request)
  if (!length.isValid || (length.bytes ?? 0) > CONTENT_LIMIT_BYTES)
    return fail(uploadLengthInvalid(request.headers.get('content-length') ?? '', CONTENT_LIMIT_BYTES))
  const lengthBytes = hasBody(request) ? length.bytes : 0
  const sandbox = env.SANDBOXES.getByName(sandboxName)
  const { result: begun, fault } = await sandbox.beginTransfer(token, name)
  if (fault) c.set('fault', fault)
  if (!begun.ok) return begun
  const plan = begun.value
  const outcome = await receive(env.CONTENT, plan, bodyOf(request), lengthBytes, (bytes) =>
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
