// How often one address may log in, where the platform counts it: passwords of a deployed mock are not for guessing.
import { networkOf } from '../rules/network.ts'
import { isLoopback } from '../rules/source.ts'
import type { AppContext } from './call.ts'

/** What a client is told to wait: the period of the limit in wrangler.toml. */
const RETRY_AFTER_SECONDS = 60

/** Counted whether or not the password is right. On one's own machine nobody counts. */
export async function mayLogIn(c: AppContext): Promise<boolean> {
  // A local start has no such binding; under `wrangler dev` there is one, and nobody to keep out.
  const limiter = c.env.LOGINS as RateLimit | undefined
  const address = c.req.header('cf-connecting-ip')
  if (!limiter || address === undefined || address === '::1' || isLoopback(address)) return true
  const { success } = await limiter.limit({ key: networkOf(address) })
  if (!success) c.header('retry-after', `${RETRY_AFTER_SECONDS}`)
  return success
}
