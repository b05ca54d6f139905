// What requests refer to: a vCenter with libraries, items, sessions and files of every kind, and logins that are good, ended or made up.
import { login, type Client } from '../../src/client/client.ts'
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

const patience = () => ({ signal: AbortSignal.timeout(10_000) })
export const connect = (url: string, user: string): Promise<Client> =>
  login(url, { user, password: PASSWORD }, (request) => fetch(request, patience()))

/** Asks the mock at this address; what is not answered as it should be is thrown. */
export const askOf =
  (url: string) =>
  async (method: string, path: string, headers: Record<string, string> = {}, body?: object | string) => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...patience(),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as unknown
  }

/** Another user with each number, so that no request meets what those before it have left. */
export async function setStage(url: string, number: number): Promise<Stage> {
  const user = `fuzz-${number}`
  const ask = askOf(url)
  const login = () => connect(url, user)
  const { token, libraries, items, updateSessions, updateSessionFiles } = await login()

  const [spare, revoked, broken, own] = await Promise.all([
    times(MANY, async () => (await login()).token),
    login().then(async (old) => {
      await old.logout()
      return old.token
    }),
    brokenLogin(url),
    times(OWN, (index) => {
      const storage_backings = [{ type: 'DATASTORE' as const, datastore_id: 'datastore-1' }]
      return libraries.create({ name: `library-${index}`, storage_backings })
    }),
  ])
  const library = [LIBRARY, ...own]
  const item = await times(MANY * 2, (index) =>
    items.create({
      library_id: library[index % library.length] ?? LIBRARY,
      name: `item-${index}`,
      type: index % 2 ? 'ovf' : 'iso',
    }),
  )
  const opened = await times(MANY * 2, (index) => updateSessions.create({ library_item_id: item[index] ?? '' }))
  const upload = await times(MANY * 2, async (index) => {
    const paths: string[] = []
    for (const name of index < MANY ? FILES : FILES.slice(-2)) {
      const { upload_endpoint } = await updateSessionFiles.add(opened[index] ?? '', { name, source_type: 'PUSH' })
      paths.push(new URL(upload_endpoint?.uri ?? '').pathname)
    }
    return paths
  })
  const session = opened.slice(0, MANY)
  const [cancelled = '', failed = '', gone = '', ...done] = opened.slice(MANY)
  await updateSessions.cancel(cancelled)
  await updateSessions.fail(failed, 'It failed.')
  await updateSessions.cancel(gone)
  await updateSessions.delete(gone)
  const stored = await times(done.length, async (index) => {
    const paths = upload[MANY + 3 + index] ?? []
    for (const [at, path] of paths.entries()) await ask('PUT', path, {}, `content ${at}`).catch(() => undefined)
    await updateSessions.complete(done[index] ?? '')
    const files = `/api/content/library/item/${item[MANY + 3 + index]}/file`
    const found = (await ask('GET', files, { 'vmware-api-session-id': token })) as { file_download_endpoint: string }[]
    return found.map(({ file_download_endpoint }) => file_download_endpoint.slice(url.length))
  })
  const journal = (await ask('GET', '/__admin/requests?limit=8', { 'x-mock-sandbox': user })) as {
    requests: { id: string }[]
  }

  const all: Record<string, string[]> = {
    library,
    item,
    session,
    ended: [cancelled, failed, ...done],
    gone: [gone, `${LIBRARY}:${LIBRARY}`],
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
  const ask = askOf(url)
  const steer = { 'x-mock-sandbox': BROKEN }
  const faults = [
    { id: 'truncate', operation: '*item*', connection: 'truncate', probability: 0.5 },
    { id: 'teapot', operation: '*library*', status: 418, body: 'short', probability: 0.5 },
    { id: 'busy', operation: '*', error: 'SERVICE_UNAVAILABLE', match: { update_session_id: 'a' }, probability: 0.5 },
  ]
  await ask('PUT', '/__admin/faults', steer, { faults: [] })
  const { token } = await connect(url, BROKEN)
  await ask('PUT', '/__admin/faults', steer, { faults })
  return token
}
