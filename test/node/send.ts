// One request as it is given, Host and trust included, on a connection of its own.
import { once } from 'node:events'
import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'

export async function send(url: string, options: RequestOptions = {}, body?: Uint8Array | string) {
  const sent = (url.startsWith('https:') ? overHttps : overHttp)(url, { agent: false, ...options }).end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, text: await text(answer) }
}
