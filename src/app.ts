// Which path belongs to which binding; the last catch.
import { Hono } from 'hono'
import { adminOf } from './admin/admin.ts'
import { pages } from './admin/pages.ts'
import { internalError, urlNotFound } from './rules/failure.ts'
import { api, refuse } from './wire/api.ts'
import { originOf } from './wire/call.ts'
import { download } from './wire/download.ts'
import { faults } from './wire/fault.ts'
import { journal } from './wire/journal.ts'
import { jsonRpc } from './wire/json-rpc.ts'
import { log } from './wire/log.ts'
import { openapi } from './wire/openapi.ts'
import { rest } from './wire/rest.ts'
import { soap } from './wire/soap.ts'
import { upload } from './wire/upload.ts'

export const app = new Hono<{ Bindings: Env }>()

app.use(log)
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
app.route('/', pages)
app.route(
  '/__admin',
  adminOf(() => app),
)
app.use(journal)
app.use(faults)
app.get('/openapi.json', (c) => c.json(openapi()))
app.route('/api', jsonRpc)
app.route('/api', api)
app.route('/rest', rest)
app.route('/', soap)
app.route('/cls/data', upload)
app.route('/cls/static', download)
app.notFound((c) => refuse(c, urlNotFound()))
app.onError((error, c) => {
  console.error(error)
  return refuse(c, internalError())
})
