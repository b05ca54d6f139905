// The checks of the admin API: whether it steers the sandbox of the user.
import { statusOf } from './reason.ts'
import { expectStatus, makeSession, Skip, type Check } from './smoke.ts'

const ADMIN = 'the admin API, with its token'

export const adminChecks: Check[] = [
  {
    name: ADMIN,
    meaning: 'The admin token is not the one of this mock.',
    mendedBy: 'What is closed by default',
    run: async ({ askAdmin, ask, target }) => {
      if (target.adminToken === undefined && (await ask('/__admin/version')).status === 403)
        throw new Skip('tried with --admin-token')
      const { version } = await askAdmin('GET', '/version')
      return `version ${String(version)}`
    },
  },
  {
    name: 'the clock',
    meaning: 'The admin API does not steer this sandbox.',
    needs: ADMIN,
    run: async ({ askAdmin }) => {
      const { offset_seconds, frozen } = await askAdmin('GET', '/clock')
      if (offset_seconds !== 0 || frozen !== false) throw new Skip('the clock of this sandbox is set already')
      try {
        const after = await askAdmin('POST', '/clock/advance', { by: '1m' })
        const seconds = Math.round(Number(after['offset_seconds']))
        if (seconds !== 60) throw new Error(`after a minute the clock is ${seconds} s ahead`)
        return 'a minute ahead, and back'
      } finally {
        await askAdmin('POST', '/clock/reset')
      }
    },
  },
  {
    name: 'the journal',
    meaning: 'The journal does not have what a client has sent.',
    needs: ADMIN,
    run: async ({ askAdmin, client, stage }) => {
      const id = await makeSession(stage)
      await client.updateSessions.cancel(id)
      const { count } = await askAdmin('POST', '/requests/count', { method: 'POST', urlGlob: `*${id}*cancel*` })
      if (count !== 1) throw new Error(`the journal has ${String(count)} of one cancel`)
      return 'has a cancel'
    },
  },
  {
    name: 'a fault',
    meaning: 'A fault does not meet the call that it names.',
    needs: ADMIN,
    run: async ({ askAdmin, client, stage }) => {
      const update_session_id = await makeSession(stage)
      const match = { update_session_id }
      const fault = { operation: 'update_session.cancel', match, error: 'SERVICE_UNAVAILABLE', times: 1 }
      const { id } = await askAdmin('POST', '/faults', fault)
      try {
        expectStatus('a cancel with a fault', await statusOf(client.updateSessions.cancel(update_session_id)), 503)
        expectStatus('the cancel after it', await statusOf(client.updateSessions.cancel(update_session_id)), 200)
        return '503, then 204'
      } finally {
        await askAdmin('DELETE', `/faults/${String(id)}`)
      }
    },
  },
]
