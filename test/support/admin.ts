// The admin API of one sandbox, as plain requests from the machine the mock runs on.
import { exports } from 'cloudflare:workers'

const ORIGIN = 'http://localhost:8989'

/** What a request to the admin API answers; a test says which fields it expects. */
export type Answer = { status: number; headers: Headers; body: Record<string, never> }

export async function admin(sandbox: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await exports.default.fetch(
    new Request(`${ORIGIN}/__admin${path}`, {
      method,
      headers: { 'x-mock-sandbox': sandbox, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  )
  return { status: response.status, headers: response.headers, body: await response.json() }
}
