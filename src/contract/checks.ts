// The checks of a mock, in the order in which they are made.
import { basic, login, Refusal } from '../client/client.ts'
import { adminChecks } from './admin-checks.ts'
import { byteChecks } from './byte-checks.ts'
import { readStates, setUp } from './provider-states.ts'
import { statusOf } from './reason.ts'
import { expectStatus, LOGIN, makeSession, Skip, withPlainColons, withToken, type Check, type Scene } from './smoke.ts'
import { tearDown } from './stage.ts'

const SESSIONS = '/content/library/item/update-session'
const UPDATE_SESSION = 'com.vmware.content.library.item.update_session'
const SCHEME = 'com.vmware.vapi.std.security.session_id'
const CANCELS = 100

const first: Check[] = [
  {
    name: 'health and version',
    meaning: 'The mock is not up, or it is not a mock that answers here.',
    mendedBy: 'Check it',
    run: async ({ ask }) => {
      const answer = await ask('/__admin/health')
      // Of what is no mock it is anything, or no JSON.
      const said = (await answer.json().catch(() => null)) as Record<string, string> | null
      const { message = '', version } = said ?? {}
      if (answer.status !== 200) throw new Error(`/__admin/health was answered ${answer.status}. ${message}`.trim())
      if (version === undefined) throw new Error('/__admin/health was answered 200, and names no version.')
      return `version ${version}`
    },
  },
  {
    name: 'the admin API is closed without its token',
    meaning: 'Anyone can read the journal of every sandbox, and change what it answers.',
    mendedBy: 'What is closed by default',
    run: async ({ ask, target }) => {
      const { status } = await ask('/__admin/requests')
      if (status === 200 && isLocalUrl(target.url) && target.adminToken === undefined)
        throw new Skip('this mock, on this machine, opens it to anyone')
      expectStatus('/__admin/requests without a token', status, 403)
      return '403'
    },
  },
  {
    name: 'redirects stay below the address',
    meaning: 'The mock does not know the path that the proxy puts before its own.',
    mendedBy: 'Behind a proxy',
    run: async ({ ask, target }) => {
      const answer = await ask('/docs')
      const location = new URL(answer.headers.get('location') ?? '', `${target.url}/docs`).href
      if (!location.startsWith(`${target.url}/docs/`)) throw new Error(`/docs leads to ${location}`)
      return location
    },
  },
  {
    name: LOGIN,
    meaning: 'The user or password is wrong, or something on the way removes the header vmware-api-session-id.',
    run: async ({ client, target }) => {
      // Where the login has failed, this is why.
      if (client instanceof Error) throw client
      const { user } = await client.whoAmI()
      if (user !== target.credentials.user) throw new Error(`the session is one of ${user}`)
      return `user ${user}`
    },
  },
  {
    name: 'a wrong password is refused',
    meaning: 'Anyone may log in.',
    mendedBy: 'What is closed by default',
    run: async ({ ask, target }) => {
      const authorization = basic(target.credentials.user, 'not the password of anyone')
      const answer = await ask('/api/session', { method: 'POST', headers: { authorization } })
      if (answer.status === 201 && isLocalUrl(target.url)) {
        await ask('/api/session', { method: 'DELETE', headers: withToken(await answer.json()) })
        throw new Skip('this mock, on this machine, lets anyone log in')
      }
      expectStatus('a login with a wrong password', answer.status, 401)
      return '401'
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
  run: async ({ ask, client }) => {
    const { status } = await ask('/api/session', { headers: { ...withToken(client.token), 'user-agent': agent } })
    expectStatus(`a call by ${agent}`, status, 200)
    return agent
  },
}))

const ids: Check = {
  name: 'ids with : and %3A',
  meaning: 'Something on the way writes the address of a request anew, and changes %3A.',
  run: async ({ ask, client, stage }) => {
    const id = await makeSession(stage)
    const headers = withToken(client.token)
    for (const spelled of [id, id.replace(':', '%3A')])
      for (const path of [`/api${SESSIONS}/${spelled}`, `/rest/com/vmware${SESSIONS}/id:${spelled}`])
        expectStatus(`GET ${path}`, (await ask(path, { headers })).status, 200)
    return 'both, on /api and /rest'
  },
}

const post = async ({ ask }: Scene, path: string, token: string) =>
  (await ask(path, { method: 'POST', headers: withToken(token) })).status
/** How each binding is asked to cancel; a success is 204, whatever the binding calls it. */
const schemes: Record<string, (scene: Scene, id: string, token: string) => Promise<number>> = {
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
  run: async (scene) => {
    const { stage, client } = scene
    const cases = [
      ['an ACTIVE session', await makeSession(stage), client.token, 204],
      ['a DONE session', await makeSession(stage, 'DONE'), client.token, 400],
      ['a session in ERROR', await makeSession(stage, 'ERROR'), client.token, 400],
      ['a CANCELED session', await makeSession(stage, 'CANCELED'), client.token, 400],
      ['no session', `${crypto.randomUUID()}:${crypto.randomUUID()}`, client.token, 404],
      ['a session, without a login', await makeSession(stage), 'none', 401],
    ] as const
    for (const [what, id, token, wanted] of cases)
      expectStatus(`cancel of ${what}`, await cancel(scene, id, token), wanted)
    return '204; 400 in DONE, ERROR, CANCELED; 404; 401'
  },
}))

const load: Check[] = [
  {
    name: `the time of ${CANCELS} cancels`,
    meaning: 'A cancel does not always succeed.',
    mendedBy: 'Check it',
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
    run: async ({ stage, client, target }) => {
      const { user, password } = target.credentials
      const credentials = { user: `${user}-2`, password }
      const other = await login(target.url, credentials, withPlainColons(target.fetch)).catch((error: unknown) => {
        if (!(error instanceof Refusal) || error.status !== 401) throw error
      })
      if (!other) throw new Skip(`tried where ${credentials.user}, with the same password, may log in`)
      const theirs = { ...stage, client: other, made: [] }
      try {
        const [mine] = await Promise.all([makeSession(stage), makeSession(theirs)])
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

export const checks: Check[] = [...first, ...agents, ids, ...cancels, ...byteChecks, ...load, ...adminChecks]

const isLocalUrl = (url: string) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
