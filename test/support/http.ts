// Plain requests to the worker.
import { exports } from 'cloudflare:workers'

export const ORIGIN = 'https://vcenter.test'

/** One request to the worker, as it stands. */
export const request = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(new Request(`${ORIGIN}${path}`, { duplex: 'half', ...init } as RequestInit)) // of a stream Node wants to be told so
