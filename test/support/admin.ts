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

/** One request to it, as it stands. */
export const adminRequest = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetchLocally(`/__admin${path}`, init)

/** The events of a sandbox, from now on. */
export async function watch(sandbox: string) {
  const response = await fetchLocally('/__admin/events', { headers: { 'x-mock-sandbox': sandbox } })
  if (!response.ok || !response.body) throw new Error(`${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const event = async (): Promise<string> => {
    while (!text.includes('\n\n')) {
      const { done, value } = await reader.read()
      if (done) throw new Error('The events have ended.')
      text += value
    }
    const end = text.indexOf('\n\n')
    const first = text.slice(0, end)
    text = text.slice(end + 2)
    return first
  }
  return {
    /** The data of the next event of this kind; others are passed over. */
    next: async (kind: string): Promise<object> => {
      for (;;) {
        const found = await event()
        if (found.startsWith(`event: ${kind}\n`)) return JSON.parse(/^data: (.*)$/m.exec(found)?.[1] ?? '') as object
      }
    },
    [Symbol.dispose]: () => void reader.cancel(),
  }
}
