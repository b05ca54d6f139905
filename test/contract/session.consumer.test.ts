// What a client relies on when it logs in and out.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import { login } from '../../src/client/client.ts'
import { exchange, loginExchange, moment, refusesStrangers } from './pact.ts'

const SESSION = '/api/session'

describe('an API session', () => {
  loginExchange('login', (url) => login(url, { user: 'user', password: 'password' }))

  const who = { method: 'GET', path: SESSION }
  exchange('who am I', {
    request: who,
    call: (client) => client.whoAmI(),
    answers: 200,
    body: { user: MatchersV3.string('user'), created_time: moment, last_accessed_time: moment },
  })
  refusesStrangers('who am I', [], who, (client) => client.whoAmI())

  const out = { method: 'DELETE', path: SESSION }
  exchange('logout', {
    caller: 'somebody who is about to log out',
    request: out,
    call: (client) => client.logout(),
    answers: 204,
  })
  refusesStrangers('logout', [], out, (client) => client.logout())
})
