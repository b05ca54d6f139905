// The checks of uploads, of a PULL and of a download: their bytes are seen while they flow, and a cancel cuts them off.
import { readStates, setUp } from './provider-states.ts'
import { expectStatus, makeSession, PROTOCOLS, Skip, withToken, type Check, type Trickle } from './smoke.ts'
import type { Stage } from './stage.ts'
import { pause, until } from './until.ts'

const SECOND_MS = 1000
const SEEN_MS = 5000
const BIG_MB = 101
const MB = 1_000_000

const ADDRESSES = 'addresses of uploads lead back'

export const byteChecks: Check[] = [
  {
    name: ADDRESSES,
    meaning: 'The mock gives out addresses that its clients do not know.',
    mendedBy: 'Behind a proxy',
    run: async ({ stage, target }) => {
      const { uri } = await makeFile(stage)
      if (!uri.startsWith(`${target.url}/`))
        throw new Error(`uploads are to go to ${new URL(uri).origin}, not ${target.url}`)
      return new URL(uri).origin
    },
  },
  ...PROTOCOLS.map((protocol): Check => ({
    name: `an upload over ${protocol}, cut off by a cancel`,
    meaning: 'Something on the way collects a body before it passes it on: the mock sees no upload under way.',
    mendedBy: 'Custom domains',
    needs: ADDRESSES,
    run: ({ stage, target }) => cutOff(stage, target.trickle[protocol]),
  })),
  {
    name: `an upload of ${BIG_MB} MB`,
    meaning: 'Requests have a limit, on most plans of Cloudflare 100 MB. Let the mock PULL larger files.',
    mendedBy: 'Before you deploy',
    needs: ADDRESSES,
    run: async ({ stage, target }) => {
      if (!target.isBig) throw new Skip('tried with --big')
      const { uri } = await makeFile(stage)
      const body = new Blob(Array.from({ length: BIG_MB }, () => PART))
      const signal = AbortSignal.timeout(600_000)
      const answer = await target.fetch(new Request(uri, { method: 'PUT', body, signal }))
      expectStatus(`an upload of ${BIG_MB} MB`, answer.status, 200)
      return 'accepted'
    },
  },
  {
    name: 'a PULL, cut off by a cancel',
    meaning: 'The mock does not reach the source, or may not.',
    mendedBy: 'Sources of a PULL',
    run: async ({ stage, client, target }) => {
      if (target.sourceUrl === undefined) throw new Skip('tried with --source')
      const id = await makeSession(stage)
      const name = 'smoke.bin'
      const source_endpoint = { uri: target.sourceUrl }
      await client.updateSessionFiles.add(id, { name, source_type: 'PULL', source_endpoint })
      const seen = await until(PULL_MS, async () => {
        const { status, bytes_transferred, error_message } = await client.updateSessionFiles.get(id, name)
        if (status === 'ERROR') throw new Error(error_message?.default_message ?? 'the PULL failed')
        return status === 'READY' || bytes_transferred > 0 ? `${bytes_transferred} bytes` : undefined
      })
      if (seen === undefined) throw new Error(`nothing came from ${target.sourceUrl} within ${PULL_MS / 1000} s`)
      await client.updateSessions.cancel(id)
      const { state } = await client.updateSessions.get(id)
      if (state !== 'CANCELED') throw new Error(`the session is ${state} after the cancel`)
      return `${seen} seen, then cancelled`
    },
  },
  {
    name: 'a part of a file (Range)',
    meaning: 'Something on the way removes the header Range, or answers from a cache.',
    needs: ADDRESSES,
    run: async ({ stage, client, target }) => {
      const state = { name: 'smoke.txt', content: 'a smoke test', state: 'DONE' }
      const { download_path = '' } = await setUp(stage, readStates('an update session with a file', state))
      const headers = { ...withToken(client.token), range: 'bytes=2-6' }
      const answer = await target.fetch(new Request(new URL(download_path, target.url), { headers }))
      if (answer.status === 200 && !answer.headers.has('accept-ranges'))
        throw new Skip('this server sends files as a whole')
      expectStatus('a GET of five bytes', answer.status, 206)
      const text = await answer.text()
      if (text !== 'smoke') throw new Error(`five bytes from the third on are "${text}"`)
      return '206'
    },
  },
]
/** One that is awaited, in a session of its own. */
async function makeFile(stage: Stage): Promise<{ id: string; name: string; uri: string }> {
  const id = await makeSession(stage)
  const name = 'smoke.bin'
  const { upload_endpoint } = await stage.client.updateSessionFiles.add(id, { name, source_type: 'PUSH' })
  return { id, name, uri: upload_endpoint?.uri ?? '' }
}

const PART = new Uint8Array(MB)
const PULL_MS = 30_000

/** The bytes are seen while they flow, and the cancel ends the upload within a second, with no success. */
async function cutOff(stage: Stage, trickle: Trickle): Promise<string> {
  const { id, uri, name } = await makeFile(stage)
  const { updateSessions, updateSessionFiles } = stage.client
  const stop = new AbortController()
  try {
    const upload = await trickle(uri, stop.signal)
    if (!upload) throw new Skip('the server does not speak it')
    let ended: number | undefined
    // One that is broken off has ended as well.
    const end = upload.status.then(
      (status) => (ended = status),
      () => (ended = 0),
    )
    const seen = await until(SEEN_MS, async () => {
      if (ended !== undefined) throw new Error(`the upload ended by itself: ${ended === 0 ? 'broken off' : ended}`)
      return (await updateSessionFiles.get(id, name)).bytes_transferred || undefined
    })
    if (seen === undefined) throw new Error(`no byte of an upload is seen after ${SEEN_MS / 1000} s`)
    await updateSessions.cancel(id)
    const began = performance.now()
    await Promise.race([end, pause(SECOND_MS)])
    if (ended === undefined) throw new Error('the upload goes on a second after the cancel')
    if (ended >= 200 && ended < 300) throw new Error(`the upload was answered ${ended} after the cancel`)
    return `${ended === 0 ? 'broken off' : ended} after ${Math.round(performance.now() - began)} ms`
  } finally {
    stop.abort()
  }
}
