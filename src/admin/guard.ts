// Which callers may use the admin API: one that has the admin token; without one, a client on this machine.
import { BEARER } from '../rules/expressions.ts'
import { isOwnOrigin } from '../rules/own-origin.ts'
import { isSameText } from '../rules/same-text.ts'
import { isLoopback } from '../rules/source.ts'

const NO_TOKEN =
  'The admin API is closed, because no admin token is set. Set one: `wrangler secret put ADMIN_TOKEN` where the mock is deployed, `npm run dev` or `--admin-token` on your own machine.'
const WANTS_TOKEN =
  'The admin API wants the header "Authorization: Bearer <ADMIN_TOKEN>", or "x-mock-admin-token: <ADMIN_TOKEN>".'
const NOT_LOCAL =
  'Without an admin token the admin API answers only clients on its own machine. Use its loopback address, localhost, 127.0.0.1 or [::1], in the URL and the Host header, or set a token with `--admin-token`.'

type AdminVariables = Pick<Env, 'ADMIN_TOKEN' | 'LOCAL_ADMIN' | 'PUBLIC_URL'>

/** Why this request may not, or nothing when it may. */
export function whyClosed(request: Request, settings: AdminVariables): string | undefined {
  if (!isOwnOrigin(request.headers, request.url, settings.PUBLIC_URL))
    return 'Pages of other sites may not use the admin API.'
  const { ADMIN_TOKEN } = settings
  if (!ADMIN_TOKEN) return whyHidden(request, settings)
  // The second is for verifiers that send the same headers to the API: there `Authorization` is that of a login.
  const [, bearer = ''] = BEARER.exec(request.headers.get('authorization') ?? '') ?? []
  const given = [bearer, request.headers.get('x-mock-admin-token') ?? '']
  if (given.some((token) => isSameText(token, ADMIN_TOKEN))) return undefined
  return given.some(Boolean) ? `This is not the admin token. ${WANTS_TOKEN}` : WANTS_TOKEN
}

/** Why not even the page may be seen. It holds nothing of a sandbox: where there is a token, it asks for it. */
export function whyHidden(request: Request, { ADMIN_TOKEN, LOCAL_ADMIN }: AdminVariables): string | undefined {
  if (ADMIN_TOKEN) return undefined
  if (LOCAL_ADMIN !== 'on') return NO_TOKEN
  return hasLoopbackHost(request) ? undefined : NOT_LOCAL
}

/**
 * Only restricts: that the request comes from this machine is known from the address that the mock listens on. A page
 * that a name of its own leads here (DNS rebinding) cannot choose its Host; it can choose the URL, since the local
 * runtime takes that from the header MF-Original-URL.
 */
function hasLoopbackHost(request: Request): boolean {
  const { host, hostname, port, protocol } = new URL(request.url)
  // A URL leaves out the usual port; a client need not.
  const hosts = port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host]
  return isLoopback(hostname) && hosts.includes(request.headers.get('host')?.toLowerCase() ?? '')
}
