// Which path belongs to which binding; the last catch.
import { Hono, type Context } from 'hono'
import { version } from '../package.json'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { adminOf } from './admin/admin.ts'
import { pages } from './admin/pages.ts'
import { download, renderDownload } from './bindings/bytes/download.ts'
import { renderUpload, upload } from './bindings/bytes/upload.ts'
import { jsonRpc, renderJsonRpc } from './bindings/json-rpc/json-rpc.ts'
import { api, renderApi } from './bindings/rest/api.ts'
import { renderRest, rest } from './bindings/rest/legacy.ts'
import { renderSoap } from './bindings/soap/envelope.ts'
import { soap } from './bindings/soap/soap.ts'
import { look } from './content/pull.ts'
import { untilRead } from './http/answer.ts'
import { originOf } from './http/call.ts'
import { applyFault, disturb } from './http/fault.ts'
import { log } from './http/log.ts'
import { renderFailure, type Render, type Rendered } from './http/render.ts'
import { askedSandbox, beginRecord, recordAfterwards, respond, respondPlainly } from './http/request-record.ts'
import { operations } from './operations/index.ts'
import { fail, hostInvalid, internalError, pulledFromItself, urlNotFound } from './rules/failure.ts'
import { isOurOwn, LOOP_ANSWER, LOOP_HEADER, LOOP_TOKEN } from './rules/loop.ts'
import type { Binding, KeptRecord } from './rules/request-record.ts'
import { readSettings } from './rules/settings.ts'
import { whyStorageFails } from './sandbox/state-folder.ts'

const renders: Record<Binding, Render> = {
  api: renderApi,
  rest: renderRest,
  'json-rpc': renderJsonRpc,
  soap: renderSoap,
  upload: renderUpload,
  download: renderDownload,
}

/** The answer of a request in the journal, as it was sent. */
function render({ binding, result, operation, facts, fault }: KeptRecord): Rendered {
  const rendered = renders[binding](result, operations.get(operation ?? ''), facts)
  return fault ? applyFault(rendered, fault) : rendered
}

/** Pages and admin API: not of the API, so neither in the journal nor met by faults. */
const aside = new Hono<{ Bindings: Env }>()
aside.use(async (c, next) => {
  beginRecord(c)
  // The runtime makes a URL of whatever the header says. The API takes no URL apart.
  if (URL.canParse(c.req.url)) await next()
  else c.res = respondPlainly(c, 'reading', hostInvalid(c.req.header('host') ?? ''))
  // The console asks each second.
  if (c.req.path !== '/__admin/view' || !c.res.ok) log(c)
})
aside.route('/', pages)
aside.route('/__admin', adminOf({ fetch: async (...call) => app.fetch(...call), render, version }))
aside.notFound((c) => respondPlainly(c, 'routing', urlNotFound()))
aside.onError(answerBug)

/** Few paths, each with all that is below it: the one router of Hono's that finds them all at once. */
export const app = new Hono<{ Bindings: Env }>({ router: new RegExpRouter() })

for (const path of ['/__admin/*', '/docs/*', '/openapi.json'])
  app.all(path, (c) => aside.fetch(c.req.raw, c.env, c.executionCtx))
// In one step, since each costs every request its time.
app.use(async (c, next) => {
  beginRecord(c)
  const settings = readSettings(c.env)
  if (settings.ok) {
    c.set('settings', settings.value)
    c.set('look', look)
    await next()
  } else c.res = respondPlainly(c, 'configuration', settings.failure)
  const { fault } = c.get('known')
  const { status } = c.res
  if (fault) await disturb(c, fault)
  // Of a mock with wrong settings no object is asked.
  if (settings.ok) recordAfterwards(c)
  log(c, status)
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
app.route('/api', jsonRpc)
app.route('/api', api)
app.route('/rest', rest)
app.route('/', soap)
app.route('/cls/data', upload)
app.route('/cls/static', download)
app.notFound((c) => respondPlainly(c, 'routing', urlNotFound()))
app.onError(answerBug)

/** A thrown error is a bug, or a broken platform: a local disk can be full, and a file damaged. */
async function answerBug(error: Error, c: Context): Promise<Response> {
  console.error(error)
  const { binding, sandbox } = c.get('known')
  const failure =
    (await whyStorageFails(c.env, error, sandbox ?? (binding && (await askedSandbox(c))))) ?? internalError()
  return binding ? respond(c, renders[binding], fail(failure)) : respondPlainly(c, undefined, failure)
}

/** What the platform calls: the app, and what holds of every request and every answer whatever their path. */
export async function answer(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const loop = request.headers.get(LOOP_HEADER)
  const response = await (loop !== null && isOurOwn(loop) ? answerLoop() : app.fetch(request, env, context))
  return untilRead(request, response, context)
}

function answerLoop(): Response {
  const { status, headers, body } = renderFailure(pulledFromItself())
  return new Response(body, { status, headers: { ...headers, [LOOP_ANSWER]: LOOP_TOKEN } })
}
