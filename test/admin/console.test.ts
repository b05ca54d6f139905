// What the console is made from: what is shown, what is told, and to whom.
import { describe, expect, it } from 'vitest'
import { admin, fetchLocally } from '../support/admin.ts'
import { connect } from '../support/api.ts'
import { sessionIn } from '../support/client.ts'
import { fetchWith } from '../support/worker.ts'

const get = (path: string) => fetchLocally(path, { redirect: 'manual' })

it('coverage tells which operations and which of their documented answers the journal has', async () => {
  const client = await connect()
  const id = await sessionIn(client, 'CANCELED')
  await client.cancel(id).catch(() => undefined)

  const { body } = await admin(client.user, 'GET', '/coverage')
  const operations = body['operations'] as unknown as { operation: string; answers: { documented: boolean }[] }[]
  expect(operations.find(({ operation }) => operation.endsWith('.update_session.cancel'))).toMatchObject({
    method: 'POST',
    path: '/api/content/library/item/update-session/{updateSessionId}?action=cancel',
    calls: 2,
    answers: [
      { answer: 'OK', documented: true, times: 1 },
      { answer: 'NOT_ALLOWED_IN_CURRENT_STATE', documented: true, times: 1 },
      { answer: 'NOT_FOUND', documented: true, times: 0 },
    ],
  })
  const documented = operations.flatMap(({ answers }) => answers.filter((answer) => answer.documented))
  expect(body['total']).toMatchObject({ called: 3, answers: documented.length, answered: 4 })
})

describe('the pages', () => {
  it('let in no script and no style but their own, and stand in no frame', async () => {
    for (const path of ['/__admin/', '/docs/', '/__admin/console/main.js']) {
      const response = await get(path)
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      await response.body?.cancel()
    }
  })

  it.each(['/__admin/', '/__admin/console/main.js', '/__admin/console/console.css'])(
    'show nothing where the admin API is closed: %s',
    async (path) => {
      for (const LOCAL_ADMIN of [undefined, 'on']) {
        const request = new Request(`http://rebound.example${path}`, { headers: { host: 'rebound.example' } })
        const response = await fetchWith({ LOCAL_ADMIN }, request)
        expect(response.status).toBe(403)
        expect(await response.text()).toMatch(/admin token/)
      }
    },
  )

  it('are shown where there is a token, since they ask for it', async () => {
    const bindings = { ADMIN_TOKEN: 'open sesame', LOCAL_ADMIN: undefined }
    expect((await fetchWith(bindings, new Request('https://mock.example.com/__admin/'))).status).toBe(200)
  })

  it('find no file beside their own', async () => {
    for (const [path, type] of [
      ['/__admin/console/%2e%2e%2fdocs%2findex.html', 'application/json'],
      ['/__admin/console/..%2f', 'application/json'],
      ['/docs/nothing.js', 'text/plain'],
    ] as const) {
      const response = await get(path)
      expect([response.status, response.headers.get('content-type')]).toEqual([404, type])
      await response.body?.cancel()
    }
  })

  it.each(['/__admin', '/docs'])('are found without the last slash as well: %s', async (path) => {
    const { status, headers } = await get(path)
    expect([status, headers.get('location')]).toEqual([302, `.${path}/`])
  })
})
