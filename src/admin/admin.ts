// /__admin: how a test steers the mock and asks what it saw.
import { Hono } from 'hono'
import { NOT_PRINTABLE_ASCII } from '../rules/expressions.ts'
import { explain, repeatedParameter } from '../rules/failure.ts'
import { readJson } from '../http/body.ts'
import { spare } from '../http/fault.ts'
import { checkShape } from './check-shape.ts'
import { clock } from './clock.ts'
import { coverage } from './coverage.ts'
import { faults } from './faults.ts'
import { whyClosed } from './guard.ts'
import { providerStates } from './provider-states.ts'
import { requests } from './requests.ts'
import { nameOf, AdminFailure, type AdminContext, type Given, type Route } from './route.ts'
import { sandboxes } from './sandboxes.ts'
import { server, whyUnhealthy } from './server.ts'
import { sessions } from './sessions.ts'
import { settings } from './settings.ts'
import { view } from './view.ts'

export const routes: Route[] = [
  ...server,
  ...requests,
  ...clock,
  ...faults,
  ...settings,
  ...sessions,
  ...sandboxes,
  ...providerStates,
  ...coverage,
  ...view,
]

/** The sandbox of a request that names none: that of the user in the lines that a start prints. */
const DEFAULT_SANDBOX = 'user'
const BODY_LIMIT = { bytes: 262_144, name: 'the limit of the admin API' }

type AppFetch = (request: Request, env: Env, context: AdminContext['executionCtx']) => Promise<Response>

/** `fetch` is the app that this is part of, for what is done through the API. */
export function adminOf({ fetch, ...given }: Given & { fetch: AppFetch }): Hono<{ Bindings: Env }> {
  const admin = new Hono<{ Bindings: Env }>()

  // Nothing of this is for other sites, for caches, or to be taken for anything but what it says it is.
  admin.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
    c.header('x-content-type-options', 'nosniff')
    c.header('cross-origin-resource-policy', 'same-origin')
    c.header('referrer-policy', 'no-referrer')
  })

  for (const route of routes) {
    const [method = '', path = ''] = route.call.split(' ')
    admin.on(method, path, async (c) => {
      if (!route.isPublic) {
        guard(c)
        const why = whyUnhealthy(c.env)
        if (why !== undefined) throw new AdminFailure(503, why)
      }
      const answer = await route.run({
        ...(await readRequest(c, route)),
        ...given,
        fetch: (request) => fetch(spare(request), c.env, c.executionCtx),
      })
      return answer instanceof Response ? answer : c.json(answer ?? {})
    })
  }

  admin.all('*', (c) => {
    guard(c)
    throw new AdminFailure(404, `There is no ${c.req.method} ${c.req.path}.`, routes.map(spelled))
  })

  admin.onError((error, c) => {
    if (!(error instanceof AdminFailure)) throw error
    // Verifiers of pacts show no more than the status.
    c.get('known').adminReason = error.message
    c.header('x-mock-error', 'admin')
    return c.json(
      { errors: [{ code: error.status, title: error.message, ...(error.valid && { valid: error.valid }) }] },
      error.status,
    )
  })

  return admin
}

const spelled = ({ call }: Route) => call.replace('/', '/__admin/')

function guard(c: AdminContext): void {
  const why = whyClosed(c.req.raw, c.env)
  if (why !== undefined) throw new AdminFailure(403, why)
}

async function readRequest(c: AdminContext, route: Route) {
  decodedStrictly(c.req.url, 'address')
  const all = c.req.queries()
  const repeated = Object.keys(all).find((name) => all[name]?.[1] !== undefined)
  if (repeated !== undefined) throw new AdminFailure(422, explain(repeatedParameter(repeated)))
  const { sandbox: asked, ...query } = c.req.query()
  const name = nameOf(asked ?? headerName(c) ?? DEFAULT_SANDBOX)
  c.get('known').sandbox = name
  const body = await readJson(c.req.raw, BODY_LIMIT)
  if (!body.ok) throw new AdminFailure(422, explain(body.failure))
  return {
    env: c.env,
    origin: new URL(c.req.url).origin,
    name,
    sandbox: c.env.SANDBOXES.getByName(name),
    id: c.req.param('id') ?? '',
    query: checkShape(route.query(), query, 'query parameter') as never,
    body: checkShape(route.body(), body.value, 'field') as never,
  }
}

/** Percent-encoded where a name has characters that headers do not. */
function headerName(c: AdminContext): string | undefined {
  const name = c.req.header('x-mock-sandbox')
  return name && decodedStrictly(name, 'header x-mock-sandbox')
}

/** Strictly: two names that differ in what is not UTF-8 would become one. */
function decodedStrictly(text: string, what: string): string {
  try {
    // What the platform has decoded already, it has not decoded strictly.
    if (!NOT_PRINTABLE_ASCII.test(text)) return decodeURIComponent(text)
  } catch {
    // Said below.
  }
  throw new AdminFailure(422, `The ${what} is not percent-encoded UTF-8.`)
}
