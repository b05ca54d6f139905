// What a client in JavaScript relies on when it cancels.
import assert from 'node:assert/strict'
import { MatchersV3, Pact } from '@pact-foundation/pact'

const SESSIONS = '/api/content/library/item/update-session'
const HEADER = 'vmware-api-session-id'

/** The client that is tested. */
async function cancel(url: string, token: string, session: string): Promise<number> {
  const options = { method: 'POST', headers: { [HEADER]: token } }
  const answer = await fetch(`${url}${SESSIONS}/${session}?action=cancel`, options)
  return answer.status
}

const { fromProviderState } = MatchersV3
const cases = [
  { state: 'an update session', parameters: { state: 'ACTIVE' }, status: 204 },
  { state: 'an update session', parameters: { state: 'DONE' }, status: 400, reason: 'NOT_ALLOWED_IN_CURRENT_STATE' },
  { state: 'no update session', parameters: {}, status: 404, reason: 'NOT_FOUND' },
]
const pact = new Pact({ consumer: 'javascript-client', provider: 'content-library', dir: 'pacts' })
for (const { state, parameters, status, reason } of cases)
  await pact
    .addInteraction()
    .given('an API session')
    .given(state, parameters)
    .uponReceiving(`a cancel that is answered ${status}`)
    .withRequest('POST', fromProviderState(`${SESSIONS}/\${update_session_id}`, `${SESSIONS}/session-1`), (request) =>
      request.query({ action: 'cancel' }).headers({ [HEADER]: fromProviderState('${token}', 'token-1') }),
    )
    .willRespondWith(status, (response) => reason && response.jsonBody({ error_type: reason }))
    .executeTest(async ({ url }) => assert.equal(await cancel(url, 'token-1', 'session-1'), status))
