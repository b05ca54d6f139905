// How often one address may show a wrong password, where the platform counts it: those of a deployed mock are not for guessing.
import type { Credentials } from '../rules/credentials.ts'
import { networkOf } from '../rules/network.ts'
import type { AppContext } from './request-record.ts'

/** For so long an address is refused that has shown too many: the period of the limit in wrangler.toml. */
const REFUSAL_SECONDS = 60
/** So many of each kind are remembered, and then forgotten at once. */
const MEMORY_LIMIT = 1000

/** Until when this isolate refuses an address. The platform's limiter cannot be asked without counting. */
const refusedUntil = new Map<string, number>()
/** Right proofs that this isolate has met: a client that guesses learns nothing from them. */
const met = new Set<string>()

/**
 * Only wrong proofs count, so neither a client that sends its password with every call nor a suite that logs in for every
 * test meets the limit. An address above it is refused right proofs, too, unless they are known here: else it could go on
 * guessing. Where anyone may log in, there is no password to guess and no limit. No address is spared: only the platform
 * knows a client's address, elsewhere the client itself can send this header.
 */
export async function mayShow(c: AppContext, { user, password }: Credentials, isRight: boolean): Promise<boolean> {
  // The command and `start()` have no such binding.
  const limiter = c.env.LOGINS as RateLimit | undefined
  if (!limiter || (c.env.OPEN_LOGIN === 'on' && !c.env.CREDENTIALS)) return true
  const proof = `${user}:${password}`
  if (isRight && met.has(proof)) return true
  const address = networkOf(c.req.header('cf-connecting-ip') ?? '')
  if ((refusedUntil.get(address) ?? 0) <= Date.now()) {
    if (isRight) {
      if (met.size >= MEMORY_LIMIT) met.clear()
      met.add(proof)
      return true
    }
    if ((await limiter.limit({ key: address })).success) return true
    if (refusedUntil.size >= MEMORY_LIMIT) refusedUntil.clear()
    refusedUntil.set(address, Date.now() + REFUSAL_SECONDS * 1000)
  }
  c.header('retry-after', `${REFUSAL_SECONDS}`)
  return false
}
