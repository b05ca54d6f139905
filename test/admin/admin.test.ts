import { describe, expect, it } from 'vitest'
import { admin, fetchLocally } from '../support/admin.ts'
import { connect, freshUser } from '../support/api.ts'
import { ITEM, sessionIn } from '../support/client.ts'

describe('the admin API', () => {
  it('says that the mock is up without a body, to who asks for the head alone', async () => {
    const { status, body } = await fetchLocally('/__admin/health', { method: 'HEAD' })

    expect([status, body]).toEqual([200, null])
  })

  it('names the valid paths where one is unknown', async () => {
    const { status, headers, body } = await admin('user', 'GET', '/mappings')

    expect(status).toBe(404)
    expect(headers.get('x-mock-error')).toBe('admin')
    expect(body['errors']).toMatchObject([{ valid: expect.arrayContaining(['GET /__admin/requests']) }])
  })

  it('names the valid fields where one is unknown', async () => {
    const { status, body } = await admin('user', 'POST', '/requests/count', { metod: 'GET' })

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([
      { title: 'There is no field metod.', valid: expect.arrayContaining(['method']) },
    ])
  })

  it('names the valid query parameters where one is unknown', async () => {
    const { status, body } = await admin('user', 'GET', '/requests?sinc=2031')

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ valid: ['limit', 'since', 'unmatched'] }])
  })

  it.each(['', '0x10', '-1'])('takes no limit that is "%s"', async (limit) => {
    const { status, body } = await admin('user', 'GET', `/requests?limit=${limit}`)

    expect(status).toBe(422)
    expect(body['errors']).toMatchObject([{ title: 'The query parameter limit: write a whole number.' }])
  })
})

describe('a reset', () => {
  it('leaves a sandbox as it is found at first: no logins, no sessions, no journal', async () => {
    const client = await connect()
    await sessionIn(client, 'CANCELED')
    await client.items.create({ library_id: '11111111-1111-4111-8111-111111111111', name: 'mine' })
    await admin(client.user, 'POST', '/clock/advance', { by: '1m' })

    expect((await admin(client.user, 'POST', '/reset')).status).toBe(200)

    await expect(client.list()).rejects.toMatchObject({ status: 401 })
    const again = await client.login()
    await expect(again.list()).resolves.toEqual([])
    await expect(again.items.list('11111111-1111-4111-8111-111111111111')).resolves.toEqual([ITEM])
    expect((await admin(client.user, 'GET', '/clock')).body).toMatchObject({ offset_seconds: 0 })
  })

  it('touches no other sandbox', async () => {
    const other = await connect()
    const id = await sessionIn(other, 'ACTIVE')

    await admin(freshUser(), 'POST', '/reset')

    await expect(other.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })
})
