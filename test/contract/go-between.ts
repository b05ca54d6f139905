// A server before the worker that spoils one thing, so that the contract has something to find.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

export type Answer = { status: number; body: string }
/** What becomes of an answer of the worker's. */
export type Spoil = (answer: Answer, request: { method: string; url: URL }) => Answer

export const honest: Spoil = (answer) => answer

/** Changes the JSON of an answer. */
export const withBody = (answer: Answer, change: (body: Record<string, unknown>) => object): Answer => ({
  ...answer,
  body: JSON.stringify(change(JSON.parse(answer.body) as Record<string, unknown>)),
})

export async function goBetween(worker: string, spoil: Spoil) {
  const listener = (request: IncomingMessage, response: ServerResponse) => void relay(request, response)
  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: path = '/' } = request
    const url = new URL(path, worker)
    const sent = await text(request)
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !['host', 'connection', 'transfer-encoding', 'expect'].includes(name)
        ? [[name, value] as [string, string]]
        : [],
    )
    const answer = await fetch(url, { method, headers, ...(sent !== '' && { body: sent }) })
    const type = answer.headers.get('content-type')
    const { status, body } = spoil({ status: answer.status, body: await answer.text() }, { method, url })
    response.writeHead(status, type === null ? {} : { 'content-type': type }).end(body)
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
