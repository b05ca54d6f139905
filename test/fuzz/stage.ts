// What requests refer to: a vCenter with libraries, items, sessions and files of every kind, and logins that are good, ended or made up.

import { LIBRARY } from '../support/client.ts'

export const PASSWORD = 'hunter2-of-the-fuzz'
/** Whose requests are not told from each other by faults, clocks and resets. */
export const STEERED = 'fuzz-steered'
export const FAULTY = 'fuzz-faulty'
/** A user whose requests meet faults. */
const BROKEN = 'fuzz-broken'
const FILES = ['a.mf', 'a.cert', 'a.ovf', 'a.iso', 'b.iso']
const OWN = 3
const MANY = 4

export type Stage = {
  /** The request with what the stage has in place of the names. */
  fill: (text: string) => string
  /** What no answer and no line of the log may hold. */
  secrets: string[]
}

const basic = (user: string) => btoa(`${user}:${PASSWORD}`)
const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

/** A client of the mock at this address that fails where it is not answered as it should be. */
export function clientOf(url: string) {
  const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: object | string) => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as unknown
  }
  const login = async (user: string) =>
    String(await ask('POST', '/api/session', { authorization: `Basic ${basic(user)}` }))
  return { ask, login }
}

/** Another user with each number, so that no request meets what those before it have left. */
export async function setStage(url: string, number: number): Promise<Stage> {
  const user = `fuzz-${number}`
  const { ask, login } = clientOf(url)
  const token = await login(user)
  const own = (method: string, path: string, body?: object | string) =>
    ask(method, path, { 'vmware-api-session-id': token }, body)
  const create = async (path: string, body: object) => String(await own('POST', path, body))
  const api = '/api/content'
  const sessions = `${api}/library/item/update-session`

  const [spare, revoked, broken, libraries] = await Promise.all([
    times(MANY, () => login(user)),
    login(user).then(async (old) => {
      await ask('DELETE', '/api/session', { 'vmware-api-session-id': old })
      return old
    }),
    brokenLogin(url),
    times(OWN, (index) =>
      create(`${api}/local-library`, {
        name: `library-${index}`,
        storage_backings: [{ type: 'DATASTORE', datastore_id: 'datastore-1' }],
      }),
    ),
  ])
  const library = [LIBRARY, ...libraries]
  const item = await times(MANY * 2, (index) =>
    create(`${api}/library/item`, {
      library_id: library[index % library.length],
      name: `item-${index}`,
      type: index % 2 ? 'ovf' : 'iso',
    }),
  )
  const opened = await times(MANY * 2, (index) => create(sessions, { library_item_id: item[index] }))
  const upload = await times(MANY * 2, async (index) => {
    const paths: string[] = []
    for (const name of index < MANY ? FILES : FILES.slice(-2)) {
      const file = await own('POST', `${sessions}/${opened[index]}/file`, { name, source_type: 'PUSH' })
      const { upload_endpoint } = file as { upload_endpoint: { uri: string } } // of a PUSH
      paths.push(new URL(upload_endpoint.uri).pathname)
    }
    return paths
  })
  const session = opened.slice(0, MANY)
  const [cancelled, failed, gone, ...done] = opened.slice(MANY)
  await own('POST', `${sessions}/${cancelled}?action=cancel`)
  await own('POST', `${sessions}/${failed}?action=fail`, { client_error_message: 'It failed.' })
  await own('POST', `${sessions}/${gone}?action=cancel`)
  await own('DELETE', `${sessions}/${gone}`)
  const stored = await times(done.length, async (index) => {
    const paths = upload[MANY + 3 + index] ?? []
    for (const [at, path] of paths.entries()) await ask('PUT', path, {}, `content ${at}`).catch(() => undefined)
    await own('POST', `${sessions}/${done[index]}?action=complete`)
    const found = (await own('GET', `${api}/library/item/${item[MANY + 3 + index]}/file`)) as {
      file_download_endpoint: string
    }[]
    return found.map(({ file_download_endpoint }) => file_download_endpoint.slice(url.length))
  })
  const journal = (await ask('GET', '/__admin/requests?limit=8', { 'x-mock-sandbox': user })) as {
    requests: { id: string }[]
  }

  const all: Record<string, string[]> = {
    library,
    item,
    session,
    ended: [cancelled, failed, ...done].map(String),
    gone: [String(gone), `${LIBRARY}:${LIBRARY}`],
    file: [...FILES, 'nothing.iso'],
    upload: session.flatMap((_, index) =>
      (upload[index] ?? []).slice(index % FILES.length, (index % FILES.length) + 1),
    ),
    download: stored.flat(),
    request: journal.requests.map(({ id }) => id),
    token: [token],
    spare,
    revoked: [revoked],
    broken: [broken],
    forged: [`${Buffer.from(user).toString('base64url')}.${'0'.repeat(64)}`],
    user: [user],
    password: [PASSWORD],
    basic: [basic(user)],
    host: [new URL(url).host],
  }
  return {
    fill: (text) =>
      text.replaceAll(/~([a-z]+)\.(\d)~/g, (name, kind: string, number: string) => {
        const found = all[kind] ?? []
        return found[Number(number) % found.length] ?? name
      }),
    secrets: [PASSWORD, basic(user), token, ...spare, revoked, broken],
  }
}

/** Faults that take no time. */
async function brokenLogin(url: string): Promise<string> {
  const { ask, login } = clientOf(url)
  const steer = { 'x-mock-sandbox': BROKEN }
  const faults = [
    { id: 'truncate', operation: '*item*', connection: 'truncate', probability: 0.5 },
    { id: 'teapot', operation: '*library*', status: 418, body: 'short', probability: 0.5 },
    { id: 'busy', operation: '*', error: 'SERVICE_UNAVAILABLE', match: { update_session_id: 'a' }, probability: 0.5 },
  ]
  await ask('PUT', '/__admin/faults', steer, { faults: [] })
  const token = await login(BROKEN)
  await ask('PUT', '/__admin/faults', steer, { faults })
  return token
}
