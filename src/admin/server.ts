// The mock as a whole: whether it is up, which it is, and how to empty a sandbox.
import { explain } from '../rules/failure.ts'
import { readSettings } from '../rules/settings.ts'
import { route } from './route.ts'

export const server = [
  route('GET /health', { isPublic: true }, ({ env, version }) => {
    const why = whyUnhealthy(env)
    return why === undefined
      ? { status: 'healthy', message: 'The mock is up.', version }
      : Response.json({ status: 'unhealthy', message: why, version }, { status: 503 })
  }),
  route('GET /version', {}, ({ version }) => ({ version })),
  // Puts the sandbox back to what a new one holds: no logins, no sessions, no faults, no journal, the real clock.
  route('POST /reset', {}, ({ sandbox }) => sandbox.reset()),
]

/** Which settings are wrong, and what they may be; nothing where all are right. */
export function whyUnhealthy(env: Env): string | undefined {
  const settings = readSettings(env)
  return settings.ok ? undefined : explain(settings.failure)
}
