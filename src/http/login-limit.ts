// How often one address may log in, where the platform counts it: passwords of a deployed mock are not for guessing.
import { networkOf } from '../rules/network.ts'
import type { AppContext } from './request-record.ts'

/** What a client is told to wait: the period of the limit in wrangler.toml. */
const RETRY_AFTER_SECONDS = 60

/**
 * Counted whether or not the password is right. Where any user may log in, there is no password to guess and no limit.
 * No address is exempt: only the platform knows a client's address, elsewhere the client itself can send this header.
 */
export async function mayLogIn(c: AppContext): Promise<boolean> {
  // The command and `start()` have no such binding.
  const limiter = c.env.LOGINS as RateLimit | undefined
  if (!limiter || (c.env.OPEN_LOGIN === 'on' && !c.env.CREDENTIALS)) return true
  const { success } = await limiter.limit({ key: networkOf(c.req.header('cf-connecting-ip') ?? '') })
  if (!success) c.header('retry-after', `${RETRY_AFTER_SECONDS}`)
  return success
}
