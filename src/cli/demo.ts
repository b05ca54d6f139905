// The story of one update session, told in the terminal: every exchange as it goes over the wire.
import { styleText } from 'node:util'
import { start } from './embedded.ts'

/** Every sandbox begins with this item. */
const ITEM_ID = '22222222-2222-4222-8222-222222222222'
const SESSIONS = '/api/content/library/item/update-session'

type Request = { method: string; path: string; headers?: Record<string, string>; body?: object }

const bold = (text: string) => styleText('bold', text)
const dim = (text: string) => styleText('dim', text)
const say = (text = '') => process.stdout.write(`${text}\n`)

async function main(given: string | undefined): Promise<void> {
  if (given !== undefined) return tell(given)
  const startedAt = Date.now()
  say(bold('A vCenter for your tests, and one update session in it.'))
  const server = await start({ CREDENTIALS: '' })
  say(dim(`It took ${((Date.now() - startedAt) / 1000).toFixed(1)} s to start on ${server.url}.`))
  try {
    await tell(server.url)
  } finally {
    await server.stop()
  }
}

async function tell(url: string): Promise<void> {
  chapter(1, 'Log in. The user name opens a vCenter of its own; any password will do.')
  const basic = Buffer.from('ci-1:secret').toString('base64')
  const token = text(await exchange(url, post('/api/session', { authorization: `Basic ${basic}` }), 201))
  const login = { 'vmware-api-session-id': token }

  chapter(2, 'Begin to change the item that is there from the start.')
  const id = text(await exchange(url, { ...post(SESSIONS, login), body: { library_item_id: ITEM_ID } }, 201))

  chapter(3, 'Look at the session. It is ACTIVE, and it waits.')
  await exchange(url, { method: 'GET', path: `${SESSIONS}/${id}`, headers: login }, 200)

  chapter(4, 'Cancel it. There is nothing to say, so the answer has no body.')
  await exchange(url, post(`${SESSIONS}/${id}?action=cancel`, login), 204)

  chapter(5, 'Cancel it again. Only an ACTIVE session can be cancelled, so this is refused.')
  await exchange(url, post(`${SESSIONS}/${id}?action=cancel`, login), 400)

  say()
  say(bold('That is the whole contract of cancel: 204 once, 400 ever after.'))
  say(dim('Your turn: `npm run dev`, then the curl lines of the README.'))
}

const post = (path: string, headers: Record<string, string>): Request => ({ method: 'POST', path, headers })

function chapter(number: number, title: string): void {
  say()
  say(bold(`${number}. ${title}`))
  say()
}

/** Sends the request and shows both sides; an answer that the story does not expect ends it. */
async function exchange(
  url: string,
  { method, path, headers = {}, body }: Request,
  expected: number,
): Promise<unknown> {
  const sent = { ...headers, ...(body && { 'content-type': 'application/json' }) }
  show('>', `${method} ${path} HTTP/1.1`, sent, body)
  const response = await fetch(new URL(path, url), {
    method,
    headers: sent,
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer = await response.text()
  const mediaType = response.headers.get('content-type')
  const value: unknown = mediaType?.startsWith('application/json') ? JSON.parse(answer) : answer || undefined
  const status = styleText(response.ok ? 'green' : 'yellow', `${response.status} ${response.statusText}`)
  show('<', `HTTP/1.1 ${status}`, mediaType === null ? {} : { 'content-type': mediaType }, value)
  if (response.status !== expected)
    throw new Error(`${method} ${path} was to answer ${expected}, and it answered ${response.status}.`)
  return value
}

function show(mark: string, first: string, headers: Record<string, string>, body: unknown): void {
  const lines = [
    styleText('cyan', first),
    ...Object.entries(headers).map(([name, value]) => dim(`${name}: ${value}`)),
    ...(body === undefined ? [] : JSON.stringify(body, null, 2).split('\n')),
  ]
  for (const line of lines) say(`  ${dim(mark)} ${line}`)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`A string was to come, and this came: ${JSON.stringify(value)}`)
  return value
}

try {
  await main(process.argv[2])
} catch (error) {
  // A failed fetch says why in its cause.
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message
  process.stderr.write(`\nThe story broke off: ${why}\n`)
  process.exitCode = 1
}
