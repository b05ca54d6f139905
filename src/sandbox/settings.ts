// The deployment's variables, in the units the code uses.
import type { Settings } from '../operations/operation.ts'

export const settingsOf = (env: Env): Settings => ({
  sessionIdleMs: seconds('SESSION_IDLE_SECONDS', env.SESSION_IDLE_SECONDS),
  sessionRetentionMs: seconds('SESSION_RETENTION_SECONDS', env.SESSION_RETENTION_SECONDS),
  apiSessionIdleMs: seconds('API_SESSION_IDLE_SECONDS', env.API_SESSION_IDLE_SECONDS),
  sandboxIdleMs: seconds('SANDBOX_IDLE_SECONDS', env.SANDBOX_IDLE_SECONDS),
  sweepMs: seconds('SWEEP_SECONDS', env.SWEEP_SECONDS),
  transferLeaseMs: seconds('TRANSFER_LEASE_SECONDS', env.TRANSFER_LEASE_SECONDS),
  pullRetryMs: seconds('PULL_RETRY_SECONDS', env.PULL_RETRY_SECONDS),
  pullStallMs: seconds('PULL_STALL_SECONDS', env.PULL_STALL_SECONDS),
  retention: retention(env.CONTENT_RETENTION),
  storeBytes: above0('STORE_BYTES', env.STORE_BYTES, 'number of bytes'),
  completionMs: 0,
})

/** What a test may set for its own sandbox. */
export type Overrides = Partial<
  Pick<
    Settings,
    | 'sessionIdleMs'
    | 'sessionRetentionMs'
    | 'apiSessionIdleMs'
    | 'pullStallMs'
    | 'retention'
    | 'storeBytes'
    | 'completionMs'
  >
>
const OVERRIDES = 'settings'
export const overridesIn = (storage: DurableObjectStorage): Overrides => storage.kv.get<Overrides>(OVERRIDES) ?? {}
export const override = (storage: DurableObjectStorage, overrides: Overrides): void =>
  storage.kv.put(OVERRIDES, overrides)

/** A wrong variable is the deployer's mistake: it stops every request, with its name in the log. */
function above0(name: string, text: string, what: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`The variable ${name} must be a ${what} above 0, not "${text}".`)
  return value
}

const seconds = (name: string, text: string) => above0(name, text, 'number of seconds') * 1000

function retention(text: string): Settings['retention'] {
  if (text === 'keep' || text === 'discard') return text
  throw new Error(`The variable CONTENT_RETENTION must be "keep" or "discard", not "${text}".`)
}
