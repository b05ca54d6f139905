// Two stories of update sessions, told in the terminal: what cancel answers, and what it does to bytes under way.
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { styleText } from 'node:util'
import { start, type Stored } from '../src/node/server.ts'

/** Every sandbox begins with this item. */
const ITEM_ID = '22222222-2222-4222-8222-222222222222'
const SESSIONS = '/api/content/library/item/update-session'

const MIB = 1024 * 1024
const DISK_MIB = 256
/** Sends no faster than this, so that there is time to watch, and to cancel, on any machine. */
const MIB_MS = 10

type Request = { method: string; path: string; headers?: Record<string, string>; body?: object }

const bold = (text: string) => styleText('bold', text)
const dim = (text: string) => styleText('dim', text)
const say = (text = '') => process.stdout.write(`${text}\n`)

async function main(given: string | undefined): Promise<void> {
  if (given !== undefined) return tell(given)
  const startedAt = Date.now()
  say(bold('A vCenter for your tests, and two update sessions in it.'))
  const server = await start({ CREDENTIALS: '' })
  say(dim(`It took ${((Date.now() - startedAt) / 1000).toFixed(1)} s to start on ${server.url}.`))
  try {
    await tell(server.url, server.stored)
  } finally {
    await server.stop()
  }
}

/** `stored` looks into the bucket, where the server is ours. */
async function tell(url: string, stored?: () => Promise<Stored>): Promise<void> {
  say()
  say(bold('FIRST ACT: what cancel answers'))

  chapter(1, 'Log in. The user name opens a vCenter of its own; any password will do.')
  const basic = Buffer.from('ci-1:secret').toString('base64')
  const token = text(await exchange(url, post('/api/session', { authorization: `Basic ${basic}` }), 201))
  const login = { 'vmware-api-session-id': token }

  chapter(2, 'Begin to change the item that is there from the start.')
  const first = await begin(url, login)

  chapter(3, 'Look at the session. It is ACTIVE, and it waits.')
  await exchange(url, { method: 'GET', path: first, headers: login }, 200)

  chapter(4, 'Cancel it. There is nothing to say, so the answer has no body.')
  await exchange(url, post(`${first}?action=cancel`, login), 204)

  chapter(5, 'Cancel it again. Only an ACTIVE session can be cancelled, so this is refused.')
  await exchange(url, post(`${first}?action=cancel`, login), 400)

  say()
  say(bold('SECOND ACT: what cancel does to bytes under way'))

  chapter(6, 'Begin anew, and send a small file. It arrives.')
  const second = await begin(url, login)
  say()
  await tellStored('before', stored)
  say()
  const small = await addFile(url, login, second, 'notes.txt')
  const sent = await send(small, 1)
  say(`  1 MiB sent to the upload_endpoint: ${sent.outcome}.`)
  await tellStored('with the small file', stored)

  chapter(7, `Send a big file, ${DISK_MIB} MiB, and watch it arrive.`)
  const disk = await addFile(url, login, second, 'disk.vmdk')
  const upload = send(disk, DISK_MIB)
  await watchUntilHalf(url, `${second}/file/disk.vmdk`, login)

  chapter(8, 'Half of it is there. Cancel.')
  const canceledAt = Date.now()
  await exchange(url, post(`${second}?action=cancel`, login), 204)
  const cut = await upload
  say()
  say(
    `  ${bold(`The upload was cut off ${cut.endedAt - canceledAt} ms later`)}, with ${cut.leftMib} MiB to go: ${cut.outcome}.`,
  )

  chapter(9, 'See what is left. The session can still be read; the bytes are gone.')
  await exchange(url, { method: 'GET', path: second, headers: login }, 200)
  say()
  await tellStored('after the cancel', stored && (() => untilEmpty(stored)))

  say()
  say(bold('That is the whole contract of cancel: 204 once, 400 ever after, and nothing left behind.'))
  say(dim('Your turn: `npm run dev`, then the curl lines of the README.'))
}

/** The path of a new session. */
const begin = async (url: string, login: Record<string, string>): Promise<string> =>
  `${SESSIONS}/${text(await exchange(url, { ...post(SESSIONS, login), body: { library_item_id: ITEM_ID } }, 201))}`

/** Where the bytes of a new file are to be sent. */
async function addFile(url: string, login: Record<string, string>, session: string, name: string): Promise<string> {
  const body = { name, source_type: 'PUSH' }
  const added = await exchange(url, { ...post(`${session}/file`, login), body }, 201)
  say()
  return (added as { upload_endpoint: { uri: string } }).upload_endpoint.uri // what a 201 of this operation has
}

type Sent = { outcome: string; endedAt: number; leftMib: number }

/** Sends so many MiB, until all are sent or somebody answers. */
async function send(uri: string, mib: number): Promise<Sent> {
  let leftMib = mib
  async function* body() {
    for (; leftMib > 0; leftMib -= 1) {
      yield Buffer.alloc(MIB)
      await pause(MIB_MS)
    }
  }
  const { promise, resolve } = Promise.withResolvers<Sent>()
  const bytes = Readable.from(body(), { objectMode: false })
  const upload = request(uri, { method: 'PUT', headers: { 'content-length': mib * MIB } }, (response) => {
    resolve({ outcome: `${response.statusCode} ${response.statusMessage}`, endedAt: Date.now(), leftMib })
    response.resume()
    bytes.destroy()
    upload.destroy()
  })
  // A sender that does not listen meanwhile may find its connection closed, and the answer lost with it.
  upload.on('error', () => resolve({ outcome: 'the connection was closed', endedAt: Date.now(), leftMib }))
  bytes.pipe(upload)
  return promise
}

/** Asks for the file again and again, as a client would who shows its user how far it is. */
async function watchUntilHalf(url: string, path: string, headers: Record<string, string>): Promise<void> {
  for (let shown = -1, asked = 0; shown < 50; asked += 1) {
    if (asked === 600) throw new Error('The upload does not get on.')
    await pause(100)
    const response = await fetch(new URL(path, url), { headers })
    const { bytes_transferred: bytes } = (await response.json()) as { bytes_transferred: number }
    const percent = Math.floor((100 * bytes) / (DISK_MIB * MIB))
    if (percent < shown + 5) continue
    shown = percent
    const filled = Math.round((percent * BAR) / 100)
    const bar = styleText('cyan', '█'.repeat(filled)) + dim('░'.repeat(BAR - filled))
    say(`  ${bar} ${`${percent}`.padStart(3)} %  ${`${Math.floor(bytes / MIB)}`.padStart(3)} MiB`)
  }
}
const BAR = 40

async function tellStored(when: string, stored: (() => Promise<Stored>) | undefined): Promise<void> {
  if (!stored) return
  const { objects, bytes } = await stored()
  const what = objects === 0 ? 'nothing' : `${objects} object${objects === 1 ? '' : 's'}, ${bytes / MIB} MiB`
  say(`  ${bold(`In R2 ${when}: ${what}.`)}`)
}

/** Bytes are deleted right after the answer. */
async function untilEmpty(stored: () => Promise<Stored>): Promise<Stored> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const found = await stored()
    if (found.objects === 0) return found
    await pause(100)
  }
  throw new Error('R2 still holds what the cancelled session had.')
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
