// What a client relies on when it opens, ends and looks at update sessions.

import { describe } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { exchange, injected, SESSION_ID } from './pact.ts'

const SESSIONS = '/api/content/library/item/update-session'
const session = injected(
  `${SESSIONS}/\${update_session_id}`,
  new RegExp(`^${SESSIONS}/[^/]+$`),
  `${SESSIONS}/${SESSION_ID}`,
)

const cancel = (client: Client) => client.updateSessions.cancel(SESSION_ID)

describe('cancel', () => {
  const request = { method: 'POST', path: session, query: { action: 'cancel' } }
  exchange('cancel of an ACTIVE update session', {
    given: [['an update session', { state: 'ACTIVE' }]],
    request,
    call: cancel,
    answers: 204,
  })

  for (const state of ['DONE', 'ERROR', 'CANCELED'])
    exchange(`cancel of an update session that is ${state}`, {
      given: [['an update session', { state }]],
      request,
      call: cancel,
      refuses: 400,
      errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
    })
  exchange('cancel of an update session that does not exist', {
    given: [['no update session']],
    request,
    call: cancel,
    refuses: 404,
    errorType: 'NOT_FOUND',
  })
  exchange('cancel by somebody who has not logged in', {
    caller: 'nobody',
    given: [['an update session', { state: 'ACTIVE' }]],
    request,
    call: cancel,
    refuses: 401,
    errorType: 'UNAUTHENTICATED',
  })
})
