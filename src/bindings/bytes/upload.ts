// The byte endpoint behind upload_endpoint.uri: no login, PUT or POST, any content type, 200 (reference 13.1).
import { Hono } from 'hono'
import { CONTENT_LIMIT_BYTES, discard, receive } from '../../content/store.ts'
import {
  uploadGone,
  uploadInterrupted,
  uploadLengthInvalid,
  uploadRangeUnsupported,
  type Result,
} from '../../rules/failure.ts'
import { bodyOf, hasBody, lengthOf } from '../../http/body.ts'
import { requireSettings } from '../../http/call.ts'
import { breakingBody, isSpared } from '../../http/fault.ts'
import { withoutBody, renderFailure, type Render } from '../../http/render.ts'
import { bind, factsOf, failBy, respond, type AppContext } from '../../http/request-record.ts'
import { sandboxOf } from '../../http/token.ts'

export const renderUpload: Render = (result) => (result.ok ? withoutBody(200) : renderFailure(result.failure))

export const upload = new Hono<{ Bindings: Env }>()

upload.on(['PUT', 'POST'], '/:token/:name', async (c) => {
  const known = bind(c, 'upload')
  const settings = requireSettings(c)
  if (!settings.ok) return respond(c, renderUpload, settings)
  const { token, name } = c.req.param()
  const sandbox = await sandboxOf(token, c.env.TOKEN_KEY)
  if (sandbox === undefined) return respond(c, renderUpload, failBy(c, 'rule', uploadGone()))
  Object.assign(known, { sandbox, operation: 'upload' })
  return respond(c, renderUpload, await take(c, sandbox, token, name))
})

/** Bytes go to R2. The sandbox is told what arrives, and says whether to go on. */
async function take(c: AppContext, sandboxName: string, token: string, name: string): Promise<Result<undefined>> {
  const { env, req } = c
  const request = req.raw
  const range = request.headers.get('content-range')
  if (range !== null) return failBy(c, 'reading', uploadRangeUnsupported(range))
  const length = lengthOf(request)
  if (!length.isValid || (length.bytes ?? 0) > CONTENT_LIMIT_BYTES)
    return failBy(c, 'reading', uploadLengthInvalid(request.headers.get('content-length') ?? '', CONTENT_LIMIT_BYTES))
  const lengthBytes = hasBody(request) ? length.bytes : 0
  const sandbox = env.SANDBOXES.getByName(sandboxName)
  const facts = factsOf(c)
  const { result: begun, ...answer } = await sandbox.beginTransfer(token, name, facts, isSpared(request))
  const known = Object.assign(c.get('known'), answer, { isRecorded: !begun.ok })
  if (!begun.ok) return begun
  const plan = begun.value
  const { fault } = answer
  const body = fault ? breakingBody(bodyOf(request), fault) : bodyOf(request)
  const outcome = await receive(env.CONTENT, plan, body, lengthBytes, (bytes) =>
    sandbox.reportProgress(plan.key, bytes),
  )
  const failure = { stopped: uploadGone(), interrupted: uploadInterrupted(name) }
  const ended = await sandbox.endTransfer(
    plan.key,
    outcome.type === 'received'
      ? { type: 'receive', received: outcome.received }
      : { type: 'interrupt', failure: failure[outcome.type] },
    { request: facts, ...(fault && { fault }) },
  )
  known.isRecorded = true
  await discard(env.CONTENT, plan.key, ended.content)
  return ended.result.ok ? ended.result : failBy(c, 'rule', ended.result.failure)
}
