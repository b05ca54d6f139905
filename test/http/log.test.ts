// What log and journal say of a bug, whatever binding has met it: JSON-RPC answers 200 all the same.
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { admin } from '../support/admin.ts'
import { connect } from '../support/api.ts'
import { invocation, UPDATE_SESSION, withSession } from '../support/json-rpc.ts'
import { fetchWith } from '../support/worker.ts'

const BROKEN = {
  getByName: (name: string) => ({
    invoke: () => Promise.reject(new Error('A table is not there.')),
    record: (...told: Parameters<Sandbox['record']>) => env.SANDBOXES.getByName(name).record(...told),
  }),
}

afterEach(() => {
  vi.restoreAllMocks()
})

it.each([
  ['/rest', '/rest/com/vmware/content/library/item/update-session', 500, undefined],
  ['JSON-RPC', '/api', 200, { service: UPDATE_SESSION, operation: 'list' }],
])(
  'a bug that %s meets is an error in the log and in the journal, which say whose it is',
  async (_, path, status, call) => {
    const log = vi.spyOn(console, 'log').mockReturnValue()
    vi.spyOn(console, 'error').mockReturnValue()
    const { token, user } = await connect()
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
    const told = async () => (await admin(user, 'GET', '/requests?limit=1')).body['requests']
    await expect.poll(told).toMatchObject([{ why: { by: 'bug', type: 'INTERNAL_SERVER_ERROR' } }])
  },
)
