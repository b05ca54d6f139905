// Which path belongs to which binding; the last catch.
import { Hono, type Context } from 'hono'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { adminOf } from './admin/admin.ts'
import { pages } from './admin/pages.ts'
import { internalError, pulledFromItself, urlNotFound } from './rules/failure.ts'
import { isOurOwn, LOOP_ANSWER, LOOP_HEADER, LOOP_TOKEN } from './rules/loop.ts'
import { untilRead } from './http/answer.ts'
import { api, httpStatus, refuse } from './bindings/rest/api.ts'
import { originOf } from './http/call.ts'
import { download } from './bindings/bytes/download.ts'
import { spoil } from './http/fault.ts'
import { note } from './http/request-record.ts'
import { jsonRpc } from './bindings/json-rpc/json-rpc.ts'
import { log } from './http/log.ts'
import { openapi } from './bindings/rest/openapi.ts'
import { rest } from './bindings/rest/legacy.ts'
import { soap } from './bindings/soap/soap.ts'
import { upload } from './bindings/bytes/upload.ts'

/** What is for people and tests: not of the API, so neither noted nor struck by faults. */
const aside = new Hono<{ Bindings: Env }>()
aside.use(async (c, next) => {
  c.set('startedAt', Date.now())
  await next()
  log(c)
})
aside.route('/', pages)
aside.route(
  '/__admin',
  adminOf(() => app),
)
aside.notFound((c) => refuse(c, urlNotFound()))
aside.onError(unexpected)

/** Few paths, each with all that is below it: the one router of Hono's that finds them all at once. */
export const app = new Hono<{ Bindings: Env }>({ router: new RegExpRouter() })

for (const path of ['/__admin/*', '/docs/*']) app.all(path, (c) => aside.fetch(c.req.raw, c.env, c.executionCtx))
// In one step, since each costs every request its time.
app.use(async (c, next) => {
  c.set('startedAt', Date.now())
  await next()
  const fault = c.get('fault')
  if (fault) await spoil(c, fault)
  note(c)
  log(c)
})
app.get('/', (c) =>
  c.json({
    name: 'update-session-mock',
    try: `curl -X POST -u user:secret ${originOf(c)}/api/session`,
    api: '/api',
    rest: '/rest',
    admin: '/__admin',
    openapi: '/openapi.json',
    docs: '/docs/',
  }),
)
app.get('/openapi.json', (c) => c.json(openapi()))
app.route('/api', jsonRpc)
app.route('/api', api)
app.route('/rest', rest)
app.route('/', soap)
app.route('/cls/data', upload)
app.route('/cls/static', download)
app.notFound((c) => refuse(c, urlNotFound()))
app.onError(unexpected)

function unexpected(error: Error, c: Context): Response {
  console.error(error)
  return refuse(c, internalError())
}

/** What the platform calls: the app, and what holds of every request and every answer whatever their path. */
export async function answer(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const loop = request.headers.get(LOOP_HEADER)
  const response = await (loop !== null && isOurOwn(loop) ? refuseLoop() : app.fetch(request, env, context))
  return untilRead(request, response, context)
}

function refuseLoop(): Response {
  const { type, messages } = pulledFromItself()
  return Response.json(
    { error_type: type, messages },
    { status: httpStatus[type], headers: { [LOOP_ANSWER]: LOOP_TOKEN } },
  )
}
