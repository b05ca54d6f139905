// How often one address may show a wrong password to a deployed mock.
import { describe, expect, it } from 'vitest'
import { basic, freshUser } from '../support/client.ts'
import { loginCall } from '../support/soap.ts'
import { fetchWith } from '../support/worker.ts'

/** Of wrangler.toml. */
const LIMIT = 60

/** Its minutes are those of the clock on the wall: what saw the end of one is done again, from other addresses. */
async function inOneMinute<T>(run: (network: number) => Promise<T>): Promise<T> {
  for (let network = 1; ; network += 1) {
    const begun = minute()
    try {
      const result = await run(network)
      if (minute() === begun) return result
    } catch (error) {
      if (minute() === begun) throw error
    }
  }
}
const minute = () => Math.floor(Date.now() / 60_000)

/** Who may log in. */
const LISTED = freshUser()
const CREDENTIALS = `${LISTED}:secret,ci-*:secret`

type Init = { method?: string; headers?: Record<string, string>; body?: string }
type Sender = { origin?: string; address?: string; isOpen?: boolean }
/** As the platform passes it on, to a mock that lets any user in or not. */
const send = (sender: Sender, path: string, init: Init) => {
  const { origin = 'https://mock.example', address, isOpen = false } = sender
  const headers = { ...init.headers, ...(address !== undefined && { 'cf-connecting-ip': address }) }
  const request = new Request(`${origin}${path}`, { ...init, headers })
  // OPEN_LOGIN is on in all tests; it opens nothing where CREDENTIALS lists users.
  return fetchWith(isOpen ? {} : { CREDENTIALS }, request)
}
const login = (sender: Sender, user: string, password = 'secret') =>
  send(sender, '/api/session', { method: 'POST', headers: { authorization: basic(user, password) } })
/** A user whose password this isolate has not met yet. */
const newUser = () => `ci-${freshUser()}`

type Try = (sender: Sender) => Promise<Response>
const guess: Try = (sender) => login(sender, LISTED, 'wrong')

/** Guesses until it is refused for the number of its tries; answers that refusal, and how often it was told that it was wrong. */
async function exhaust(sender: Sender, attempt = guess) {
  for (let tries = 0; tries <= LIMIT; tries += 1) {
    const response = await attempt(sender)
    if (response.status !== 401) return { response, tries }
  }
  throw new Error('Nothing counts.')
}

describe('a deployed mock', () => {
  it('lets an address be wrong so often in a minute, and then says when to come again', async () => {
    const { response, tries } = await inOneMinute((network) => exhaust({ address: `198.51.${network}.1` }))
    expect([tries, response.status, response.headers.get('retry-after')]).toEqual([LIMIT, 503, '60'])
    const messages = [{ id: 'update_session_mock.too_many_logins' }]
    expect(await response.json()).toMatchObject({ error_type: 'SERVICE_UNAVAILABLE', messages })
  })

  it.each([
    ['calls', '/api/session', 'GET'],
    ['logins over /rest', '/rest/com/vmware/cis/session', 'POST'],
    ['downloads', '/cls/static/a/b/c', 'GET'],
  ])('counts wrong %s as well', async (_, path, method) => {
    const headers = { authorization: basic(LISTED, 'wrong') }
    const attempt: Try = (sender) => send(sender, path, { method, headers })
    const { tries } = await inOneMinute((network) => exhaust({ address: `198.52.${network}.${_.length}` }, attempt))
    expect(tries).toBe(LIMIT)
  })

  it('counts no right proof, of however many users', async () => {
    const statuses = await inOneMinute(async (network) => {
      const sender = { address: `198.53.${network}.1` }
      const found: number[] = []
      for (let times = 0; times < 2 * LIMIT; times += 1) found.push((await login(sender, newUser())).status)
      found.push((await guess(sender)).status)
      return found
    })

    expect(statuses).toEqual([...Array.from({ length: 2 * LIMIT }, () => 201), 401])
  })

  it('refuses an address above it the right proofs that it has not met, and no others', async () => {
    const { known, fresh, token, elsewhere } = await inOneMinute(async (network) => {
      const sender = { address: `198.54.${network}.1` }
      const known = newUser()
      const token = await (await login(sender, known)).json<string>()
      await exhaust(sender)
      return {
        known: await login(sender, known),
        fresh: await login(sender, newUser()),
        token: await send(sender, '/api/session', { headers: { 'vmware-api-session-id': token } }),
        elsewhere: await login({ address: `198.54.${network}.2` }, newUser()),
      }
    })

    expect([known.status, fresh.status, token.status, elsewhere.status]).toEqual([201, 503, 200, 201])
  })

  it('refuses its logins over SOAP as well', async () => {
    const soap = await inOneMinute(async (network) => {
      const sender = { address: `198.51.${network}.2` }
      await exhaust(sender)
      const headers = { 'content-type': 'text/xml' }
      return send(sender, '/sdk', { method: 'POST', headers, body: loginCall('u', 'p') })
    })

    expect(await soap.text()).toContain('too many logins')
  })

  it('counts each address for itself, and all of an IPv6 network as one', async () => {
    const { neighbour, stranger } = await inOneMinute(async (network) => {
      await exhaust({ address: `2001:db8:${network}:2::1` })
      return {
        neighbour: await guess({ address: `2001:db8:${network}:2::ffff` }),
        stranger: await guess({ address: `2001:db8:${network}:3::1` }),
      }
    })

    expect([neighbour.status, stranger.status]).toEqual([503, 401])
  })

  // What its platform does not set, a client can: no such header exempts an address.
  it.each<[string, Sender]>([
    ['127.0.0.1', { address: '127.0.0.1' }],
    ['::1', { address: '::1' }],
    ['a name of loopback', { address: 'localhost' }],
    ['no address', {}],
    ['a loopback URL', { origin: 'http://localhost:8787', address: '127.0.0.2' }],
  ])('counts who says to come from %s', async (_, sender) => {
    const { tries } = await inOneMinute(() => exhaust(sender))
    expect(tries).toBeLessThanOrEqual(LIMIT)
  })
})

it('a mock that lets any user in counts no address', async () => {
  const sender = { address: '198.51.100.1', isOpen: true }
  const answers = await Promise.all(Array.from({ length: 2 * LIMIT + 1 }, () => login(sender, freshUser(), '')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
})
