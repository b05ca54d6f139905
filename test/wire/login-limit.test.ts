// How often one address may log in to a deployed mock.
import { describe, expect, it } from 'vitest'
import { basic, freshUser } from '../support/client.ts'
import { request } from '../support/http.ts'

/** Of wrangler.toml. */
const LIMIT = 60

/** Its minutes are those of the clock on the wall: what saw the end of one is done again, from other addresses. */
async function inOneMinute<T>(run: (network: number) => Promise<T>): Promise<T> {
  for (let network = 1; ; network += 1) {
    const begun = minute()
    const result = await run(network)
    if (minute() === begun) return result
  }
}
const minute = () => Math.floor(Date.now() / 60_000)

type Init = { method?: string; headers?: Record<string, string>; body?: string }
/** As the platform passes it on. */
const send = (address: string, path: string, init: Init) =>
  request(path, { ...init, headers: { ...init.headers, 'cf-connecting-ip': address } })
const login = (address: string, user: string) =>
  send(address, '/api/session', { method: 'POST', headers: { authorization: basic(user) } })

/** Logs in until it is refused for the number of its tries; answers that refusal, and how often it was let in. */
async function exhaust(address: string, user: string) {
  for (let tries = 0; tries <= LIMIT; tries += 1) {
    const response = await login(address, user)
    if (response.status !== 201) return { response, tries }
  }
  throw new Error('Nobody counts.')
}

const SOAP_LOGIN = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
  <Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>u</userName><password>p</password>
  </Login></soapenv:Body></soapenv:Envelope>`

describe('a deployed mock', () => {
  it('lets an address log in so often in a minute, and then says when to come again', async () => {
    const { response, tries } = await inOneMinute((network) => exhaust(`198.51.${network}.1`, freshUser()))

    expect(tries).toBe(LIMIT)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await response.json()).toMatchObject({
      error_type: 'SERVICE_UNAVAILABLE',
      messages: [{ id: 'update_session_mock.too_many_logins' }],
    })
  })

  it('refuses its logins over SOAP as well, and the calls of none who is logged in', async () => {
    const user = freshUser()
    const { soap, call } = await inOneMinute(async (network) => {
      const address = `198.51.${network}.2`
      const token = await (await login(address, user)).json<string>()
      await exhaust(address, user)
      return {
        soap: await send(address, '/sdk', { method: 'POST', body: SOAP_LOGIN }),
        call: await send(address, '/api/session', { headers: { 'vmware-api-session-id': token } }),
      }
    })

    expect(await soap.text()).toContain('too many logins')
    expect(call.status).toBe(200)
  })

  it('counts each address for itself, and all of an IPv6 network as one', async () => {
    const user = freshUser()
    const { neighbour, stranger } = await inOneMinute(async (network) => {
      await exhaust(`2001:db8:${network}:2::1`, user)
      return {
        neighbour: await login(`2001:db8:${network}:2::ffff`, user),
        stranger: await login(`2001:db8:${network}:3::1`, user),
      }
    })

    expect([neighbour.status, stranger.status]).toEqual([503, 201])
  })
})

describe('a mock on this machine', () => {
  it.each(['127.0.0.1', '::1'])('counts nobody who comes from %s', async (address) => {
    const user = freshUser()

    const answers = await Promise.all(Array.from({ length: 2 * LIMIT + 1 }, () => login(address, user)))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  })
})
