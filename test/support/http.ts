// Plain requests to the worker, and who makes them.
import { exports } from 'cloudflare:workers'

/** One request to the worker, as it stands. */
export const request = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(new Request(`https://vcenter.test${path}`, init))

/** A user nobody has seen, and so a sandbox of their own. */
export const freshUser = (): string => `user-${crypto.randomUUID()}`

export const basic = (user: string, password = 'secret'): string => `Basic ${btoa(`${user}:${password}`)}`
