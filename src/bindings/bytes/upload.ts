// The byte endpoint behind upload_endpoint.uri: no login, PUT or POST, any content type, 200 (reference 13.1).
import { Hono } from 'hono'
import { partsOf, whyRefused } from '../../content/bucket.ts'
import type { Body } from '../../content/body.ts'
import { releaseMemory, takeAtOnce, type Holder } from '../../content/memory.ts'
import { discard, receive, SMALL_BYTES, type Outcome } from '../../content/store.ts'
import { CONTENT_LIMIT_BYTES } from '../../content/parts.ts'
import { tell, Watch, type Stopped } from '../../content/watch.ts'
import * as failures from '../../rules/failure.ts'
import { fail, ok, type Message, type Result } from '../../rules/failure.ts'
import { bodyOf, hasBody, lengthOf } from '../../http/body.ts'
import { breakingBody, isSpared } from '../../http/fault.ts'
import { withoutBody, renderFailure, type Render } from '../../http/render.ts'
import { bind, factsOf, failBy, failByMethod, respond, type AppContext } from '../../http/request-record.ts'
import { sandboxOf } from '../../http/token.ts'

/** Within so long comes the end of a body that comes at once. */
const AT_ONCE_MS = 100
/** Time for one call more, where the first one fails. */
const ONCE_MORE_MS = 1000
/** How long a client that is refused waits for its sandbox to hear of it. */
const PATIENCE_MS = 500

export const renderUpload: Render = (result, _, facts) => {
  if (result.ok) return withoutBody(200)
  const isFull = result.failure.messages[0]?.id === failures.storeFull().id
  return { ...renderFailure(result.failure, facts), ...(isFull && { status: 507 }) }
}

export const upload = new Hono<{ Bindings: Env }>()

upload.on(['PUT', 'POST'], '/:token/:name', async (c) => {
  const known = bind(c, 'upload')
  const { token, name } = c.req.param()
  const sandbox = await sandboxOf(token, c.env.TOKEN_KEY)
  if (sandbox === undefined) return respond(c, renderUpload, failBy(c, 'rule', failures.uploadGone()))
  Object.assign(known, { sandbox, operation: 'upload' })
  const taken = take(c, sandbox, token, name)
  // A client that leaves ends its request, and not what is told of it.
  c.executionCtx.waitUntil(taken.catch(() => undefined))
  return respond(c, renderUpload, await taken)
})

upload.all('/:token/:name', (c) => {
  bind(c, 'upload')
  return respond(c, renderUpload, failByMethod(c, ['PUT', 'POST']))
})

/** A small body that comes at once goes to the sandbox; any other to the store, while the sandbox hears what arrives and says whether to go on. */
async function take(c: AppContext, sandboxName: string, token: string, name: string): Promise<Result<undefined>> {
  const { env, req } = c
  const request = req.raw
  const range = request.headers.get('content-range')
  if (range !== null) return failBy(c, 'reading', failures.uploadRangeUnsupported(range))
  const lengthBytes = hasBody(request) ? lengthOf(request) : 0
  if (lengthBytes !== undefined && lengthBytes > CONTENT_LIMIT_BYTES)
    return failBy(c, 'reading', failures.uploadLengthInvalid(req.header('content-length') ?? '', CONTENT_LIMIT_BYTES))
  const sandbox = () => env.SANDBOXES.getByName(sandboxName)
  const facts = factsOf(c)
  const told = [{ uploadToken: token, name, lengthBytes, isSpared: isSpared(request) }, facts] as const
  const until = Date.now() + AT_ONCE_MS + ONCE_MORE_MS
  const holder = { isSilent: () => Date.now() > until }
  const bytes = await readSmall(bodyOf(request), lengthBytes, holder)
  const whole = bytes && { id: crypto.randomUUID(), bytes }
  const { result: begun, ...answer } = await (
    whole ? tell(ONCE_MORE_MS, () => sandbox().takeUpload(whole, ...told)) : sandbox().beginTransfer(...told)
  ).finally(() => releaseMemory(holder))
  const plan = begun.ok ? begun.value : undefined
  const known = Object.assign(c.get('known'), answer, { isRecorded: !plan })
  if (!plan) return begun.ok ? ok(undefined) : begun
  const parts = partsOf(env)
  const { fault } = answer
  const body = fault ? breakingBody(bodyOf(request), fault) : bodyOf(request)
  const outcome = await receive(parts, plan, body, lengthBytes, new Watch(plan, sandbox))
  const ending = endingOf(name, outcome, whyRefused(env))
  const kept = { request: facts, uploadToken: token, ...(fault && { fault }) }
  const end = async () => {
    const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending, kept))
    known.isRecorded = true
    await discard(parts, plan.key, ended.isHeld)
    return ended.result
  }
  const ended = end()
  // Where a disk is full, the sandbox cannot write this down either: its client is told all the same, and it later.
  const failure = outcome.type === 'refused' ? ending.failure : undefined
  if (failure) c.executionCtx.waitUntil(ended.catch(() => undefined))
  const result = await (failure ? Promise.race([ended, scheduler.wait(PATIENCE_MS).then(() => fail(failure))]) : ended)
  return result.ok ? result : failBy(c, 'rule', result.failure)
}

/**
 * All of a body, where it is small and its end comes at once; it is read again where it is to come as any other. A client that
 * takes its time begins its transfer, so that its session tells of it and a cancel ends it.
 */
async function readSmall(
  body: Body,
  lengthBytes: number | undefined,
  holder: Holder,
): Promise<ArrayBuffer | undefined> {
  const limitBytes = Math.min(lengthBytes ?? SMALL_BYTES, SMALL_BYTES)
  if ((lengthBytes ?? 0) > SMALL_BYTES || !takeAtOnce(limitBytes, holder)) return undefined
  // Where it breaks, its reader meets the same.
  const bytes = await body.whole(limitBytes, AT_ONCE_MS).catch(() => undefined)
  if (!bytes) releaseMemory(holder)
  return bytes
}

function endingOf(name: string, outcome: Outcome, whyRefused: string) {
  if (outcome.type === 'received') return { ...outcome, type: 'receive' } as const
  if (outcome.type === 'interrupted') return { type: 'interrupt', failure: failures.uploadInterrupted(name) } as const
  const reason = outcome.type === 'refused' ? failures.transferRefused(name, whyRefused) : reasonOf(name, outcome)
  return {
    type: 'interrupt',
    ...(reason ? { reason, failure: failures.unavailableBecause(reason) } : { failure: failures.uploadGone() }),
  } as const
}

/** What file and session tell, too. */
function reasonOf(name: string, { why }: Stopped): Message | undefined {
  switch (why) {
    case 'store full':
      return failures.storeFull()
    case 'too large':
      return failures.contentTooLarge(CONTENT_LIMIT_BYTES)
    case 'unheard':
      return failures.transferRefused(name, 'its sandbox does not answer')
    case 'not wanted':
    case 'more than announced':
      return undefined
  }
}
