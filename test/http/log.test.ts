// What the log says of a bug, whatever binding has met it: JSON-RPC answers 200 all the same.
import { afterEach, expect, it, vi } from 'vitest'
import { connect } from '../support/api.ts'
import { invocation, UPDATE_SESSION, withSession } from '../support/json-rpc.ts'
import { fetchWith } from '../support/worker.ts'

const BROKEN = {
  getByName: () => ({ invoke: () => Promise.reject(new Error('A table is not there.')), record: () => undefined }),
}

afterEach(() => {
  vi.restoreAllMocks()
})

it.each([
  ['/rest', '/rest/com/vmware/content/library/item/update-session', 500, undefined],
  ['JSON-RPC', '/api', 200, { service: UPDATE_SESSION, operation: 'list' }],
])('a bug that %s meets is an error in the log, which says whose it is', async (_, path, status, call) => {
  const log = vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(console, 'error').mockReturnValue()
  const { token } = await connect()
  const headers = { 'vmware-api-session-id': token, ...(call && { 'content-type': 'application/json' }) }
  const body = call && {
    method: 'POST',
    body: JSON.stringify(invocation({ ...call, securityCtx: withSession(token) })),
  }

  const answer = await fetchWith(
    { LOG_REQUESTS: 'json', SANDBOXES: BROKEN },
    new Request(`http://localhost${path}`, { headers, ...body }),
  )

  expect(answer.status).toBe(status)
  const why = { by: 'bug', type: 'INTERNAL_SERVER_ERROR', message: expect.stringContaining('The mock has a bug') }
  expect(JSON.parse(String(log.mock.lastCall?.[0]))).toMatchObject({ level: 'error', status, why })
})
