// Two stories of update sessions in the terminal: what cancel answers, and what it does to bytes under way.
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { styleText } from 'node:util'
import { login, Refusal, type Client, type Fetch } from '../src/client/client.ts'
import { serve } from '../src/node/server.ts'
import { storedIn, type Stored } from './stored.ts'

/** Every sandbox begins with this item. */
const ITEM_ID = '22222222-2222-4222-8222-222222222222'
const MIB = 1024 * 1024
const DISK_MIB = 256
/** Sends no faster than this, so that there is time to watch, and to cancel, on any machine. */
const MIB_MS = 10
const BAR = 40

const bold = (text: string) => styleText('bold', text)
const dim = (text: string) => styleText('dim', text)
const say = (text = '') => process.stdout.write(`${text}\n`)

async function main(url: string | undefined): Promise<void> {
  if (url !== undefined) return tell(url)
  const startedAt = Date.now()
  say(bold('A vCenter for your tests, and two update sessions in it.'))
  const server = await serve({ vars: { CREDENTIALS: '', LOG_REQUESTS: 'off' } })
  say(dim(`It took ${((Date.now() - startedAt) / 1000).toFixed(1)} s to start on ${server.url}.`))
  try {
    await tell(server.url, () => storedIn(server.bytesFolder))
  } finally {
    await server.stop()
  }
}

/** `stored` looks into the folder of content, where the server is ours. */
async function tell(url: string, stored?: () => Promise<Stored>): Promise<void> {
  say(bold('\nFIRST ACT: what cancel answers'))

  chapter(1, 'Log in. The user name opens a vCenter of its own; any password will do.')
  const client = await login(url, { user: 'ci-1', password: 'secret' }, fetchAndShow)
  const { updateSessions } = client

  chapter(2, 'Begin to change the item that is there from the start.')
  const first = await updateSessions.create({ library_item_id: ITEM_ID })

  chapter(3, 'Look at the session. It is ACTIVE, and it waits.')
  await updateSessions.get(first)

  chapter(4, 'Cancel it. There is nothing to say, so the answer has no body.')
  await updateSessions.cancel(first)

  chapter(5, 'Cancel it again. Only an ACTIVE session can be cancelled, so this is refused.')
  const refusal = await updateSessions.cancel(first).catch((error: unknown) => error)
  if (!(refusal instanceof Refusal && refusal.status === 400)) throw new Error('The second cancel was not refused.')

  say(bold('\nSECOND ACT: what cancel does to bytes under way'))

  chapter(6, 'Begin anew, and send a small file. It arrives.')
  const second = await updateSessions.create({ library_item_id: ITEM_ID })
  say()
  await tellStored('before', stored)
  say()
  const sent = await send(await addFile(client, second, 'notes.txt'), 1)
  say(`\n  1 MiB sent to the upload_endpoint: ${sent.outcome}.`)
  await tellStored('with the small file', stored)

  chapter(7, `Send a big file, ${DISK_MIB} MiB, and watch it arrive.`)
  const upload = send(await addFile(client, second, 'disk.vmdk'), DISK_MIB)
  say()
  await watchUntilHalf(await login(url, { user: 'ci-1', password: 'secret' }), second, 'disk.vmdk')

  chapter(8, 'More than half of it is there. Cancel.')
  const canceledAt = Date.now()
  await updateSessions.cancel(second)
  const { endedAt, leftMib, outcome } = await upload
  say(`\n  ${bold(`The upload was cut off ${endedAt - canceledAt} ms later`)}, with ${leftMib} MiB to go: ${outcome}.`)

  chapter(9, 'See what is left. The session can still be read; the bytes are gone.')
  await updateSessions.get(second)
  say()
  await tellStored('after the cancel', stored && (() => untilEmpty(stored)))

  say(bold('\nThat is the whole contract of cancel: 204 once, 400 ever after, and nothing left behind.'))
  say(dim('Your turn: `npm start`, then the curl lines of the README.'))
}

/** Where the bytes of a new file are to be sent. */
async function addFile({ updateSessionFiles }: Client, session: string, name: string): Promise<string> {
  const file = await updateSessionFiles.add(session, { name, source_type: 'PUSH' })
  return file.upload_endpoint?.uri ?? ''
}

type Sent = { outcome: string; endedAt: number; leftMib: number }

/** Sends so many MiB, until all are sent or the server answers. */
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

/** Asks for the file again and again, as a client does that shows its user how far it is. */
async function watchUntilHalf({ updateSessionFiles }: Client, session: string, name: string): Promise<void> {
  for (let shown = -1, asked = 0; shown < 50; asked += 1) {
    if (asked === 600) throw new Error('The upload does not get on.')
    await pause(100)
    const { bytes_transferred: bytes } = await updateSessionFiles.get(session, name)
    const percent = Math.floor((100 * bytes) / (DISK_MIB * MIB))
    if (percent < shown + 5) continue
    shown = percent
    const filled = Math.round((percent * BAR) / 100)
    const bar = styleText('cyan', '█'.repeat(filled)) + dim('░'.repeat(BAR - filled))
    say(`  ${bar} ${`${percent}`.padStart(3)} %  ${`${Math.floor(bytes / MIB)}`.padStart(3)} MiB`)
  }
}

async function tellStored(when: string, stored: (() => Promise<Stored>) | undefined): Promise<void> {
  if (!stored) return
  const { objects, bytes } = await stored()
  const what = objects === 0 ? 'nothing' : `${objects} part${objects === 1 ? '' : 's'}, ${bytes / MIB} MiB`
  say(`  ${bold(`Stored ${when}: ${what}.`)}`)
}

/** Bytes are deleted right after the answer. */
async function untilEmpty(stored: () => Promise<Stored>): Promise<Stored> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const found = await stored()
    if (found.objects === 0) return found
    await pause(100)
  }
  throw new Error('The mock still holds what the cancelled session had.')
}

const chapter = (number: number, title: string) => say(`\n${bold(`${number}. ${title}`)}\n`)

/** Shows both sides of an exchange. */
const fetchAndShow: Fetch = async (sent) => {
  const { pathname, search } = new URL(sent.url)
  show('>', `${sent.method} ${pathname}${search} HTTP/1.1`, sent.headers, await sent.clone().text())
  const answer = await fetch(sent)
  const type = answer.headers.get('content-type')
  const status = styleText(answer.ok ? 'green' : 'yellow', `${answer.status} ${answer.statusText}`)
  show(
    '<',
    `HTTP/1.1 ${status}`,
    new Headers(type === null ? {} : { 'content-type': type }),
    await answer.clone().text(),
  )
  return answer
}

function show(mark: string, first: string, headers: Headers, body: string): void {
  const lines = [
    styleText('cyan', first),
    ...Array.from(headers, ([name, value]) => dim(`${name}: ${value}`)),
    ...(body === '' ? [] : JSON.stringify(JSON.parse(body), null, 2).split('\n')),
  ]
  for (const line of lines) say(`  ${dim(mark)} ${line}`)
}

try {
  await main(process.argv[2])
} catch (error) {
  // A failed fetch says why in its cause.
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  process.stderr.write(`\nThe story broke off: ${cause instanceof Error ? `${message}: ${cause.message}` : message}\n`)
  process.exitCode = 1
}
