// The pages for people: the console, shown to whom the admin API can be open, and the reference of the API.
import { Hono } from 'hono'
import { getMimeType } from 'hono/utils/mime'
import type { AdminContext } from './route.ts'
import { whyHidden } from './guard.ts'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]
const HEADERS = {
  'content-security-policy': POLICY.join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** A file that the build has made; the answer 404 where there is none. What serves the files may not know their types. */
async function page(c: AdminContext, path: string): Promise<Response> {
  const { status, body } = await c.env.ASSETS.fetch(new Request(new URL(path, c.req.url), { method: c.req.method }))
  const type = (status === 200 && getMimeType(path)) || 'text/plain'
  return new Response(body, { status, headers: { 'content-type': type, ...HEADERS } })
}

const FILE = ':file{[\\w-]+(?:\\.\\w+)+}'

export const pages = new Hono<{ Bindings: Env }>()
// A proxy may have put the mock below a path.
pages.get('/__admin', (c) => c.redirect('./__admin/'))
pages.get('/docs', (c) => c.redirect('./docs/'))
pages.get('/openapi.json', (c) => page(c, '/docs/openapi.json'))
pages.on('GET', ['/docs/', `/docs/${FILE}`], (c) => page(c, `/docs/${c.req.param('file') ?? 'index.html'}`))
pages.on('GET', ['/__admin/', `/__admin/console/${FILE}`], (c) => {
  const why = whyHidden(c.req.raw, c.env)
  return why === undefined ? page(c, `/console/${c.req.param('file') ?? 'index.html'}`) : c.text(why, 403, HEADERS)
})
