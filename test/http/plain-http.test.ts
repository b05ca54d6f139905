// Passwords over plain http: refused by a deployed mock, on every binding.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { app } from '../../src/app.ts'
import { SESSIONS } from '../support/api.ts'
import { basic, freshUser } from '../support/client.ts'

const authorization = basic(freshUser())
const passwords: [string, string, RequestInit][] = [
  ['/api', '/api/session', { headers: { authorization } }],
  ['a call that is no login', `${SESSIONS}/none?action=cancel`, { headers: { authorization } }],
  ['/rest', '/rest/com/vmware/cis/session', { headers: { authorization } }],
  [
    'JSON-RPC',
    '/api',
    {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: '1',
        method: 'invoke',
        params: {
          serviceId: 'com.vmware.cis.session',
          operationId: 'create',
          input: { STRUCTURE: { 'operation-input': {} } },
          ctx: {
            appCtx: {},
            securityCtx: { schemeId: 'com.vmware.vapi.std.security.user_pass', userName: 'u', password: 'p' },
          },
        },
      }),
    },
  ],
  [
    'SOAP',
    '/sdk',
    {
      headers: { 'content-type': 'text/xml' },
      body: `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
  <Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>u</userName><password>p</password>
  </Login></soapenv:Body></soapenv:Envelope>`,
    },
  ],
]

it.each(passwords)(
  'a password through %s is taken over https alone, where PLAIN_HTTP_LOGIN is off',
  async (_, path, init) => {
    const send = async (scheme: string, PLAIN_HTTP_LOGIN: 'on' | 'off') => {
      const request = new Request(`${scheme}://mock.example${path}`, { method: 'POST', ...init })
      const answer = await app.fetch(request, { ...env, PLAIN_HTTP_LOGIN }, createExecutionContext())
      return (await answer.text()).includes('takes no password over plain http')
    }

    expect([await send('http', 'off'), await send('https', 'off'), await send('http', 'on')]).toEqual([
      true,
      false,
      false,
    ])
  },
)
