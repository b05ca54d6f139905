// What a client relies on when it logs in and out.
import { MatchersV3 } from '@pact-foundation/pact'
import type { BindingName } from './bindings.ts'
import { contract, moment, type Asked, type Call } from './pact.ts'

const API = '/api/session'
const REST = '/rest/com/vmware/cis/session'

const requests: Record<BindingName, Record<'login' | 'whoAmI' | 'logout', Asked>> = {
  '/api': {
    login: { method: 'POST', path: API },
    whoAmI: { method: 'GET', path: API },
    logout: { method: 'DELETE', path: API },
  },
  '/rest': {
    login: { method: 'POST', path: REST },
    whoAmI: { method: 'POST', path: REST, query: { '~action': 'get' } },
    logout: { method: 'DELETE', path: REST },
  },
}

contract(requests, ({ login, whoAmI, logout }, { exchange, loginExchange, refusesStrangers }) => {
  loginExchange('login', login)

  const ask: Call = (client) => client.whoAmI()
  exchange('who am I', {
    request: whoAmI,
    call: ask,
    answers: 200,
    body: { user: MatchersV3.string('user'), created_time: moment, last_accessed_time: moment },
  })
  refusesStrangers('who am I', [], whoAmI, ask)

  const leave: Call = (client) => client.logout()
  exchange('logout', { caller: 'somebody who is about to log out', request: logout, call: leave, answers: 204 })
  refusesStrangers('logout', [], logout, leave)
})
