// How often one address may log in to a deployed mock.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/app.ts'
import { basic, freshUser } from '../support/client.ts'

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

/** The one user who may log in. */
const LISTED = freshUser()

type Init = { method?: string; headers?: Record<string, string>; body?: string }
type Sender = { origin?: string; address?: string; isOpen?: boolean }
/** As the platform passes it on, to a mock that lets any user in or not. */
const send = (sender: Sender, path: string, init: Init) => {
  const { origin = 'https://mock.example', address, isOpen = false } = sender
  const request = new Request(`${origin}${path}`, {
    ...init,
    headers: { ...init.headers, ...(address !== undefined && { 'cf-connecting-ip': address }) },
  })
  // OPEN_LOGIN is on in all tests; it opens nothing where CREDENTIALS lists users.
  const who = isOpen ? {} : { CREDENTIALS: `${LISTED}:secret` }
  return Promise.resolve(app.fetch(request, { ...env, ...who }, createExecutionContext()))
}
const login = (sender: Sender, user: string) =>
  send(sender, '/api/session', { method: 'POST', headers: { authorization: basic(user) } })

/** Logs in until it is refused for the number of its tries; answers that refusal, and how often it was let in. */
async function exhaust(sender: Sender, user: string) {
  for (let tries = 0; tries <= LIMIT; tries += 1) {
    const response = await login(sender, user)
    if (response.status !== 201) return { response, tries }
  }
  throw new Error('Nothing counts.')
}

const SOAP_LOGIN = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
  <Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>u</userName><password>p</password>
  </Login></soapenv:Body></soapenv:Envelope>`

describe('a deployed mock', () => {
  it('lets an address log in so often in a minute, and then says when to come again', async () => {
    const { response, tries } = await inOneMinute((network) => exhaust({ address: `198.51.${network}.1` }, LISTED))

    expect(tries).toBe(LIMIT)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await response.json()).toMatchObject({
      error_type: 'SERVICE_UNAVAILABLE',
      messages: [{ id: 'update_session_mock.too_many_logins' }],
    })
  })

  it('refuses its logins over SOAP as well, and the calls of none who is logged in', async () => {
    const user = LISTED
    const { soap, call } = await inOneMinute(async (network) => {
      const sender = { address: `198.51.${network}.2` }
      const token = await (await login(sender, user)).json<string>()
      await exhaust(sender, user)
      return {
        soap: await send(sender, '/sdk', {
          method: 'POST',
          headers: { 'content-type': 'text/xml' },
          body: SOAP_LOGIN,
        }),
        call: await send(sender, '/api/session', { headers: { 'vmware-api-session-id': token } }),
      }
    })

    expect(await soap.text()).toContain('too many logins')
    expect(call.status).toBe(200)
  })

  it('counts each address for itself, and all of an IPv6 network as one', async () => {
    const user = LISTED
    const { neighbour, outsider } = await inOneMinute(async (network) => {
      await exhaust({ address: `2001:db8:${network}:2::1` }, user)
      return {
        neighbour: await login({ address: `2001:db8:${network}:2::ffff` }, user),
        outsider: await login({ address: `2001:db8:${network}:3::1` }, user),
      }
    })

    expect([neighbour.status, outsider.status]).toEqual([503, 201])
  })

  // What its platform does not set, a client can: no such header exempts an address.
  it.each<[string, Sender]>([
    ['127.0.0.1', { address: '127.0.0.1' }],
    ['::1', { address: '::1' }],
    ['a name of loopback', { address: 'localhost' }],
    ['no address', {}],
    ['a loopback URL', { origin: 'http://localhost:8787', address: '127.0.0.2' }],
  ])('counts who says to come from %s', async (_, sender) => {
    const { tries } = await inOneMinute(() => exhaust(sender, LISTED))

    expect(tries).toBeLessThanOrEqual(LIMIT)
  })
})

describe('a mock that lets any user in', () => {
  it('counts no login', async () => {
    const user = freshUser()

    const answers = await Promise.all(
      Array.from({ length: 2 * LIMIT + 1 }, () => login({ address: '198.51.100.1', isOpen: true }, user)),
    )

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  })
})
