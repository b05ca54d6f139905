// Who may steer the mock: whoever has the token; without one configured, only this machine.
import { BEARER } from '../rules/expressions.ts'
import { isLoopback } from '../rules/source.ts'

const CLOSED = 'The admin API is closed. Set a token to open it: `wrangler secret put ADMIN_TOKEN`.'

/** Why this request may not, or nothing when it may. */
export async function whyClosed(request: Request, adminToken: string | undefined): Promise<string | undefined> {
  if (isFromElsewhere(request)) return 'Pages of other sites may not use the admin API.'
  if (adminToken) {
    const given = BEARER.exec(request.headers.get('authorization') ?? '')?.[1]
    if (given !== undefined && (await isSame(given, adminToken))) return undefined
    return 'The admin API wants the header "Authorization: Bearer <ADMIN_TOKEN>".'
  }
  if (isLocal(request)) return undefined
  return CLOSED
}

/** Why not even the page may be seen. It holds nothing of a sandbox: where there is a token, it asks for it. */
export const whyHidden = (request: Request, adminToken: string | undefined): string | undefined =>
  adminToken || isLocal(request) ? undefined : CLOSED

/** Reached by a loopback name, from a loopback address where the platform says which. */
function isLocal(request: Request): boolean {
  const address = request.headers.get('cf-connecting-ip')
  return isLoopback(new URL(request.url).hostname) && (address === null || isLoopback(address) || address === '::1')
}

/** A browser names the page that asks; other clients do not. */
function isFromElsewhere(request: Request): boolean {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  return (
    (origin !== null && origin !== new URL(request.url).origin) ||
    (site !== null && site !== 'same-origin' && site !== 'none')
  )
}

/** Compared by their digests, which have one length: the time it takes says nothing about the token. */
async function isSame(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(given), digest(expected)])
  return crypto.subtle.timingSafeEqual(a, b)
}

const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
