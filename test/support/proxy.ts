// A proxy in front of a mock, with a bad habit.
import { request as requestFrom, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { listen } from './listen.ts'

export type Habit = {
  /** Collects a body before it passes it on. */
  buffers?: boolean
  /** Refuses a request, with this status. */
  refuses?: (request: IncomingMessage) => number | undefined
  rewrites?: (path: string) => string
  /** Headers of requests that it removes. */
  strips?: string[]
}

/** It passes the Host on, so that the mock gives out its address. */
export function startProxy(mockUrl: string, { buffers, refuses, rewrites, strips = [] }: Habit = {}) {
  const { hostname, port } = new URL(mockUrl)
  return listen((incoming, answer) => {
    const status = refuses?.(incoming)
    if (status !== undefined) {
      incoming.resume()
      return answer.writeHead(status, { 'content-type': 'text/html' }).end('<h1>no</h1>')
    }
    const { method, url = '/', headers } = incoming
    const kept = Object.entries(headers).filter(([name]) => !strips.includes(name))
    const path = rewrites ? rewrites(url) : url
    const outgoing = requestFrom({ hostname, port, method, path, headers: Object.fromEntries(kept), agent: false })
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.on('error', () => answer.destroy()).pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    answer.on('close', () => outgoing.destroy())
    const send = (body: Readable) => body.on('error', () => outgoing.destroy()).pipe(outgoing)
    if (!buffers) return send(incoming)
    return void buffer(incoming).then(
      (whole) => send(Readable.from([whole])),
      () => outgoing.destroy(),
    )
  })
}
