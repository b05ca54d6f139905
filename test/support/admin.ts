// The admin API of one sandbox, as plain requests from the machine the mock runs on.
import { exports } from 'cloudflare:workers'

const ORIGIN = 'http://localhost:8989'
/** A request to the worker from the machine it runs on, with the Host that a connection would bring. */
export function fetchLocally(path: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(`${ORIGIN}${path}`, init)
  request.headers.set('host', new URL(ORIGIN).host)
  return exports.default.fetch(request)
}

/** What a request to the admin API answers; a test says which fields it expects. */
export type Answer = { status: number; headers: Headers; body: Record<string, never> }

export async function admin(sandbox: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetchLocally(`/__admin${path}`, {
    method,
    headers: { 'x-mock-sandbox': sandbox, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** The entries of the journal, the newest first; what a test then looks at is what it declares them to be. */
export const entriesOf = async <T>(user: string, query = ''): Promise<[T, ...T[]]> =>
  (await admin(user, 'GET', `/requests${query}`)).body['requests'] as unknown as [T, ...T[]]

/** One request to it, as it stands. */
export const adminRequest = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetchLocally(`/__admin${path}`, init)
