// The checks of a mock, in the order in which they are made.
import { basic, login, Refusal } from '../client/client.ts'
import { readStates, setUp, tearDown, type Stage } from './provider-states.ts'
import { Broken, expectStatus, Skip, statusOf, withPlainColons, type Check, type Scene, type Target } from './smoke.ts'

const LOGIN = 'a login, and a call with its token'
const ADDRESSES = 'addresses of uploads lead back'
const ADMIN = 'the admin API, with its token'

const SESSIONS = '/content/library/item/update-session'
const UPDATE_SESSION = 'com.vmware.content.library.item.update_session'
const SCHEME = 'com.vmware.vapi.std.security.session_id'
const SECOND_MS = 1000
const SEEN_MS = 5000
const CANCELS = 100
const BIG_MB = 101
const MB = 1_000_000

const withToken = (token: string) => ({ 'vmware-api-session-id': token })

const beforeLogin: Check[] = [
  {
    name: 'health and version',
    meaning: 'The mock is not up, or it is not a mock that answers here.',
    mendedBy: 'Check it',
    run: async ({ ask }) => {
      const answer = await ask('/__admin/health')
      const { message = '', version = '' } = (await answer.json().catch(() => ({}))) as Record<string, string> // or not its own
      if (answer.status !== 200) throw new Broken(`/__admin/health was answered ${answer.status}. ${message}`.trim())
      return `version ${version}`
    },
  },
  {
    name: LOGIN,
    meaning: 'The user or password is wrong, or something on the way removes the header vmware-api-session-id.',
    mendedBy: 'What a proxy must let through',
    run: async ({ client, target }) => {
      // Where the login has failed, this is why.
      if (client instanceof Error) throw client
      const { user } = await client.whoAmI()
      if (user !== target.credentials.user) throw new Broken(`the session is one of ${user}`)
      return `user ${user}`
    },
  },
  {
    name: 'a wrong password is refused',
    meaning: 'Anyone may log in.',
    mendedBy: 'What is closed by default',
    needs: LOGIN,
    run: async ({ ask, target }) => {
      const authorization = basic(target.credentials.user, 'not the password of anyone')
      const answer = await ask('/api/session', { method: 'POST', headers: { authorization } })
      if (answer.status === 201 && isLocalUrl(target.url)) {
        await ask('/api/session', { method: 'DELETE', headers: withToken(await answer.json()) })
        throw new Skip('this mock, on this machine, lets everybody in')
      }
      expectStatus('a login with a wrong password', answer.status, 401)
      return '401'
    },
  },
  {
    name: 'the admin API is closed without its token',
    meaning: 'Anyone can read the journal of every sandbox, and change what it answers.',
    mendedBy: 'What is closed by default',
    run: async ({ ask, target }) => {
      const { status } = await ask('/__admin/requests')
      if (status === 200 && isLocalUrl(target.url) && target.adminToken === undefined)
        throw new Skip('this mock, on this machine, opens it to everybody')
      expectStatus('/__admin/requests without a token', status, 403)
      return '403'
    },
  },
]

const AGENTS = {
  curl: 'curl/8.10.1',
  Go: 'Go-http-client/1.1',
  requests: 'python-requests/2.32.3',
  urllib: 'Python-urllib/3.12',
  Terraform: 'Terraform/1.9.8 (+https://www.terraform.io) Terraform-Plugin-SDK/2.34.0',
  Java: 'Java/21.0.5',
}
const agents = Object.entries(AGENTS).map(([name, agent]): Check => ({
  name: `${name} is let through`,
  meaning: `Something on the way refuses clients that call themselves ${agent}.`,
  mendedBy: 'Custom domains',
  needs: LOGIN,
  run: async ({ ask, client }) => {
    const { status } = await ask('/api/session', { headers: { ...withToken(client.token), 'user-agent': agent } })
    expectStatus(`a call by ${agent}`, status, 200)
    return agent
  },
}))

const paths: Check[] = [
  {
    name: 'ids with : and %3A',
    meaning: 'Something on the way writes the address of a request anew, and changes %3A.',
    mendedBy: 'What a proxy must let through',
    needs: LOGIN,
    run: async ({ ask, client, stage }) => {
      const id = await aSession(stage)
      const headers = withToken(client.token)
      for (const spelled of [id, id.replace(':', '%3A')])
        for (const path of [`/api${SESSIONS}/${spelled}`, `/rest/com/vmware${SESSIONS}/id:${spelled}`])
          expectStatus(`GET ${path}`, (await ask(path, { headers })).status, 200)
      return 'both, on /api and /rest'
    },
  },
  {
    name: 'redirects stay below the address',
    meaning: 'The mock does not know the path that the proxy puts before its own.',
    mendedBy: 'Behind a proxy',
    run: async ({ ask, target }) => {
      const answer = await ask('/docs')
      const location = new URL(answer.headers.get('location') ?? '', `${target.url}/docs`).href
      if (!location.startsWith(`${target.url}/docs/`)) throw new Broken(`/docs leads to ${location}`)
      return location
    },
  },
]

type Scheme = (scene: Scene, id: string, token: string) => Promise<number>
const post = async ({ ask }: Scene, path: string, token: string) =>
  (await ask(path, { method: 'POST', headers: withToken(token) })).status
/** How each binding is asked to cancel; a success is 204, whatever the binding calls it. */
const schemes: Record<string, Scheme> = {
  '/api': (scene, id, token) => post(scene, `/api${SESSIONS}/${id}?action=cancel`, token),
  '/rest, with ~action': async (scene, id, token) => {
    const status = await post(scene, `/rest/com/vmware${SESSIONS}/id:${id}?~action=cancel`, token)
    return status === 200 ? 204 : status
  },
  'JSON-RPC': async ({ ask }, id, token) => {
    const answer = await ask('/api', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: '1',
        method: 'invoke',
        params: {
          ctx: { appCtx: {}, securityCtx: { schemeId: SCHEME, sessionId: token } },
          serviceId: UPDATE_SESSION,
          operationId: 'cancel',
          input: { STRUCTURE: { 'operation-input': { update_session_id: id } } },
        },
      }),
    })
    if (answer.status !== 200) return answer.status
    const error = answer.headers.get('vapi-error')?.split('.').at(-1)
    return error === undefined ? 204 : (ERROR_STATUS[error] ?? 0)
  },
}
const ERROR_STATUS: Record<string, number> = { not_allowed_in_current_state: 400, not_found: 404, unauthenticated: 401 }

const cancels = Object.entries(schemes).map(([binding, cancel]): Check => ({
  name: `cancel through ${binding}`,
  meaning: 'This deployment answers a cancel with something else than a vCenter.',
  mendedBy: 'What a proxy must let through',
  needs: LOGIN,
  run: async (scene) => {
    const { stage, client } = scene
    const cases = [
      ['an ACTIVE session', await aSession(stage), client.token, 204],
      ['a DONE session', await aSession(stage, 'DONE'), client.token, 400],
      ['a session in ERROR', await aSession(stage, 'ERROR'), client.token, 400],
      ['a CANCELED session', await aSession(stage, 'CANCELED'), client.token, 400],
      ['no session', `${crypto.randomUUID()}:${crypto.randomUUID()}`, client.token, 404],
      ['a session, without a login', await aSession(stage), 'none', 401],
    ] as const
    for (const [what, id, token, wanted] of cases)
      expectStatus(`cancel of ${what}`, await cancel(scene, id, token), wanted)
    return '204; 400 in DONE, ERROR, CANCELED; 404; 401'
  },
}))

type Begin = Target['trickleHttp2']
const protocols: Record<string, (target: Target) => Begin> = {
  'HTTP/1.1': (target) => async (uri, signal) => ({ status: target.trickle(uri, signal) }),
  'HTTP/2': (target) => target.trickleHttp2,
}

const bytes: Check[] = [
  {
    name: ADDRESSES,
    meaning: 'The mock gives out addresses that its clients do not know.',
    mendedBy: 'Behind a proxy',
    needs: LOGIN,
    run: async ({ stage, target }) => {
      const { uri } = await aFile(stage)
      if (!uri.startsWith(`${target.url}/`))
        throw new Broken(`uploads are to go to ${new URL(uri).origin}, not ${target.url}`)
      return new URL(uri).origin
    },
  },
  ...Object.entries(protocols).map(([protocol, begin]): Check => ({
    name: `an upload over ${protocol}, cut off by a cancel`,
    meaning: 'Something on the way collects a body before it passes it on: the mock sees no upload under way.',
    mendedBy: 'Custom domains',
    needs: ADDRESSES,
    run: ({ stage, target }) => cutOff(stage, begin(target)),
  })),
  {
    name: `an upload of ${BIG_MB} MB`,
    meaning: 'Requests have a limit, on most plans of Cloudflare 100 MB. Let the mock PULL larger files.',
    mendedBy: 'Before you deploy',
    needs: ADDRESSES,
    run: async ({ stage, target }) => {
      if (!target.isBig) throw new Skip('tried with --big')
      const { uri } = await aFile(stage)
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
    needs: LOGIN,
    run: async ({ stage, client, target }) => {
      if (target.sourceUrl === undefined) throw new Skip('tried with --source')
      const id = await aSession(stage)
      const name = 'smoke.bin'
      const source_endpoint = { uri: target.sourceUrl }
      await client.updateSessionFiles.add(id, { name, source_type: 'PULL', source_endpoint })
      const seen = await until(PULL_MS, async () => {
        const { status, bytes_transferred, error_message } = await client.updateSessionFiles.get(id, name)
        if (status === 'ERROR') throw new Broken(error_message?.default_message ?? 'the PULL failed')
        return status === 'READY' || bytes_transferred > 0 ? `${bytes_transferred} bytes` : undefined
      })
      if (seen === undefined) throw new Broken(`nothing came from ${target.sourceUrl} within ${PULL_MS / 1000} s`)
      await client.updateSessions.cancel(id)
      const { state } = await client.updateSessions.get(id)
      if (state !== 'CANCELED') throw new Broken(`the session is ${state} after the cancel`)
      return `${seen} seen, then cancelled`
    },
  },
  {
    name: 'a part of a file (Range)',
    meaning: 'Something on the way removes the header Range, or answers from a cache.',
    mendedBy: 'What a proxy must let through',
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
      if (text !== 'smoke') throw new Broken(`five bytes from the third on are "${text}"`)
      return '206'
    },
  },
]
const PART = new Uint8Array(MB)
const PULL_MS = 30_000

/** The bytes are seen while they flow, and the cancel ends the upload within a second, with no success. */
async function cutOff(stage: Stage, begin: Begin): Promise<string> {
  const { id, uri, name } = await aFile(stage)
  const { updateSessions, updateSessionFiles } = stage.client
  const stop = new AbortController()
  try {
    const upload = await begin(uri, stop.signal)
    if (!upload) throw new Skip('the server does not speak it')
    let ended: number | undefined
    // One that is broken off has ended as well.
    const end = upload.status.then(
      (status) => (ended = status),
      () => (ended = 0),
    )
    const seen = await until(SEEN_MS, async () => {
      if (ended !== undefined) throw new Broken(`the upload ended by itself: ${ended === 0 ? 'broken off' : ended}`)
      return (await updateSessionFiles.get(id, name)).bytes_transferred || undefined
    })
    if (seen === undefined) throw new Broken(`no byte of an upload is seen after ${SEEN_MS / 1000} s`)
    await updateSessions.cancel(id)
    const began = performance.now()
    await Promise.race([end, pause(SECOND_MS)])
    if (ended === undefined) throw new Broken('the upload goes on a second after the cancel')
    if (ended >= 200 && ended < 300) throw new Broken(`the upload was answered ${ended} after the cancel`)
    return `${ended === 0 ? 'broken off' : ended} after ${Math.round(performance.now() - began)} ms`
  } finally {
    stop.abort()
  }
}

const load: Check[] = [
  {
    name: `the time of ${CANCELS} cancels`,
    meaning: 'A cancel does not always succeed.',
    mendedBy: 'Check it',
    needs: LOGIN,
    run: async ({ stage, client }) => {
      const { library_item_id = '' } = await setUp(stage, readStates('a library item', {}))
      const timesMs: number[] = []
      for (let done = 0; done < CANCELS; done += 1) {
        const id = await client.updateSessions.create({ library_item_id })
        const began = performance.now()
        await client.updateSessions.cancel(id)
        timesMs.push(performance.now() - began)
        await client.updateSessions.delete(id)
      }
      timesMs.sort((a, b) => a - b)
      const at = (share: number) => Math.round(timesMs[Math.ceil(share * CANCELS) - 1] ?? NaN)
      return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
    },
  },
  {
    name: 'two users at once',
    meaning: 'One user sees what another does.',
    mendedBy: 'What is closed by default',
    needs: LOGIN,
    run: async ({ stage, client, target }) => {
      const { user, password } = target.credentials
      const credentials = { user: `${user}-2`, password }
      const other = await login(target.url, credentials, withPlainColons(target.fetch)).catch((error: unknown) => {
        if (!(error instanceof Refusal) || error.status !== 401) throw error
      })
      if (!other) throw new Skip(`tried where ${credentials.user}, with the same password, may log in`)
      const theirs = { ...stage, client: other, made: [] }
      try {
        const [mine] = await Promise.all([aSession(stage), aSession(theirs)])
        const [own, foreign] = await Promise.all([
          statusOf(client.updateSessions.get(mine)),
          statusOf(other.updateSessions.cancel(mine)),
        ])
        expectStatus('the session of one user, to that user,', own, 200)
        expectStatus('the session of one user, to another,', foreign, 404)
        return `${user} and ${credentials.user}`
      } finally {
        await tearDown(theirs)
        await other.logout()
      }
    },
  },
]

const admin: Check[] = [
  {
    name: ADMIN,
    meaning: 'The admin token is not the one of this mock.',
    mendedBy: 'What is closed by default',
    needs: LOGIN,
    run: async ({ askAdmin, ask, target }) => {
      if (target.adminToken === undefined && (await ask('/__admin/version')).status === 403)
        throw new Skip('tried with --admin-token')
      const { version } = await askAdmin('GET', '/version')
      return `version ${String(version)}`
    },
  },
  {
    name: 'the clock',
    meaning: 'The admin API does not steer this sandbox.',
    mendedBy: 'What a proxy must let through',
    needs: ADMIN,
    run: async ({ askAdmin }) => {
      const { offset_seconds, frozen } = await askAdmin('GET', '/clock')
      if (offset_seconds !== 0 || frozen !== false) throw new Skip('the clock of this sandbox is set already')
      try {
        const after = await askAdmin('POST', '/clock/advance', { by: '1m' })
        const seconds = Math.round(Number(after['offset_seconds']))
        if (seconds !== 60) throw new Broken(`after a minute the clock is ${seconds} s ahead`)
        return 'a minute ahead, and back'
      } finally {
        await askAdmin('POST', '/clock/reset')
      }
    },
  },
  {
    name: 'the journal',
    meaning: 'The journal does not have what a client has sent.',
    mendedBy: 'What a proxy must let through',
    needs: ADMIN,
    run: async ({ askAdmin, client, stage }) => {
      const id = await aSession(stage)
      await client.updateSessions.cancel(id)
      const { count } = await askAdmin('POST', '/requests/count', { method: 'POST', urlGlob: `*${id}*cancel*` })
      if (count !== 1) throw new Broken(`the journal has ${String(count)} of one cancel`)
      return 'has a cancel'
    },
  },
  {
    name: 'a fault',
    meaning: 'A fault does not meet the call that it names.',
    mendedBy: 'What a proxy must let through',
    needs: ADMIN,
    run: async ({ askAdmin, client, stage }) => {
      const update_session_id = await aSession(stage)
      const match = { update_session_id }
      const fault = { operation: 'update_session.cancel', match, error: 'SERVICE_UNAVAILABLE', times: 1 }
      const { id } = await askAdmin('POST', '/faults', fault)
      try {
        expectStatus('a cancel with a fault', await statusOf(client.updateSessions.cancel(update_session_id)), 503)
        expectStatus('the cancel after it', await statusOf(client.updateSessions.cancel(update_session_id)), 200)
        return '503, then 204'
      } finally {
        await askAdmin('DELETE', `/faults/${String(id)}`)
      }
    },
  },
]

export const checks: Check[] = [...beforeLogin, ...agents, ...paths, ...cancels, ...bytes, ...load, ...admin]

async function aSession(stage: Stage, state = 'ACTIVE'): Promise<string> {
  const { update_session_id = '' } = await setUp(stage, readStates('an update session', { state }))
  return update_session_id
}

/** One that is awaited, in a session of its own. */
async function aFile(stage: Stage): Promise<{ id: string; name: string; uri: string }> {
  const id = await aSession(stage)
  const name = 'smoke.bin'
  const { upload_endpoint } = await stage.client.updateSessionFiles.add(id, { name, source_type: 'PUSH' })
  return { id, name, uri: upload_endpoint?.uri ?? '' }
}

const POLL_MS = 100
const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms))

/** What it answers at last; nothing where the time is over before. */
async function until<T>(patienceMs: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const began = performance.now()
  while (performance.now() - began < patienceMs) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await pause(POLL_MS)
  }
  return undefined
}

const isLocalUrl = (url: string) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
