import { describe, expect, it } from 'vitest'
import { version } from '../../package.json'
import { admin, adminRequest } from '../support/admin.ts'
import { connect, freshUser } from '../support/api.ts'
import { ITEM, LIBRARY, sessionIn } from '../support/client.ts'

/** The first id in the answer. */
const idIn = async (path: string, headers: Record<string, string> = {}) =>
  /"id":"(\d)"/.exec(await (await adminRequest(path, { headers })).text())?.[1]

const COUNT = 'POST /requests/count'
const MATCHERS = ['equalTo', 'contains', 'glob', 'absent']
const PARAMETERS = ['limit', 'since', 'unmatched', 'sandbox']
const noField = (name: string, valid: unknown) => ({ title: `There is no field ${name}.`, valid })

describe('the admin API', () => {
  it.each<[string, string, object | undefined, number, object]>([
    ['path', 'GET /mappings', undefined, 404, { valid: expect.arrayContaining(['GET /__admin/requests']) }],
    ['field', COUNT, { metod: 'GET' }, 422, noField('metod', expect.arrayContaining(['method']))],
    ['field beside one that is missing', 'POST /clock/advance', { bye: '4h' }, 422, noField('bye', ['by'])],
    ['field in a list', COUNT, { bodyPatterns: [{ equal: 'x' }] }, 422, noField('bodyPatterns.0.equal', MATCHERS)],
    ['field in a map', COUNT, { headers: { accept: { equal: 'x' } } }, 422, noField('headers.accept.equal', MATCHERS)],
    ['query parameter', 'GET /requests?sinc=2031', undefined, 422, { valid: PARAMETERS }],
    // The text of the refusal has no room for them all.
    ['choice', 'POST /faults', { error: 'NOPE' }, 422, { valid: expect.arrayContaining(['UNVERIFIED_PEER']) }],
    ['query parameter beside none', 'GET /clock?sandbx=ci-1', undefined, 422, { valid: ['sandbox'] }],
  ])('names those that are valid where a %s is unknown', async (_, call, sent, status, error) => {
    const [method = '', path = ''] = call.split(' ')
    const { headers, ...refusal } = await admin('user', method, path, sent)
    expect(headers.get('x-mock-error')).toBe('admin')
    expect(refusal).toMatchObject({ status, body: { errors: [error] } })
  })

  it('is about the sandbox of the address, or else of the header, or else of the user "user"', async () => {
    const [first, second] = [freshUser(), freshUser()]
    for (const [sandbox, at] of Object.entries({ [first]: 1, [second]: 2, user: 3 }))
      await admin(sandbox, 'PUT', '/faults', { faults: [{ id: `${at}`, operation: 'download', delay: 1 }] })

    expect(await idIn(`/faults?sandbox=${first}`, { 'x-mock-sandbox': second })).toBe('1')
    expect(await idIn('/faults', { 'x-mock-sandbox': second })).toBe('2')
    expect(await idIn('/faults')).toBe('3')
    await admin('user', 'DELETE', '/faults')
  })

  it('says which version of the mock it is', async () => {
    expect((await admin('user', 'GET', '/version')).body).toEqual({ version })
  })

  it.each<[string, object | undefined, string]>([
    ['POST /clock/advance', undefined, 'The body is missing.'],
    ['POST /sessions', { files: [{}] }, 'The field files.0.name is missing.'],
    ['POST /clock/set', { now: '2030-01-01' }, 'The field now: write it as 2026-10-05T09:30:00Z.'],
    ['GET /requests?since=yesterday', undefined, 'The query parameter since: write it as 2026-10-05T09:30:00Z.'],
  ])('says in plain words what is wrong with %s %j', async (call, sent, title) => {
    const [method = '', path = ''] = call.split(' ')
    expect(await admin('user', method, path, sent)).toMatchObject({ status: 422, body: { errors: [{ title }] } })
  })

  it('names no fields where the value of one is wrong', async () => {
    const { body } = await admin('user', 'POST', '/faults', { error: 'NOT_FOUND', times: 0 })
    expect(body).toEqual({ errors: [{ code: 422, title: expect.stringContaining('The field times: ') }] })
  })

  it.each(['/requests?limit=1&limit=2', '/clock?sandbox=a&sandbox=b', '/pact/provider-states?state=a&state=b'])(
    'refuses a query parameter that is given twice: %s',
    async (path) => {
      const errors = [{ title: expect.stringMatching(/^The query parameter \w+ is given more than once\.$/) }]
      const method = path.includes('pact') ? 'POST' : 'GET'
      expect(await admin('user', method, path)).toMatchObject({ status: 422, body: { errors } })
    },
  )

  it.each(['', '0x10', '-1'])('takes no limit that is "%s"', async (limit) => {
    const errors = [{ title: 'The query parameter limit: write a whole number.' }]
    expect(await admin('user', 'GET', `/requests?limit=${limit}`)).toMatchObject({ status: 422, body: { errors } })
  })
})

describe('a reset', () => {
  it('leaves a sandbox as it is found at first', async () => {
    const client = await connect()
    const tell = (method: string, path: string, body?: object) => admin(client.user, method, path, body)
    const read = async (path: string) => (await tell('GET', path)).body
    await sessionIn(client, 'CANCELED')
    await client.items.create({ library_id: LIBRARY, name: 'mine' })
    await tell('POST', '/clock/advance', { by: '1m' })
    await tell('PUT', '/transitions', { complete: { after: '5m' } })
    await tell('POST', '/settings', { mutant: 'status', journal_size: 1 })
    expect(await read('/requests')).toMatchObject({ meta: { droppedRequests: 3 } })

    expect((await tell('POST', '/reset')).status).toBe(200)

    expect(await read('/clock')).toMatchObject({ offset_seconds: 0 })
    expect(await read('/transitions')).toEqual({ complete: 'at-once' })
    expect(await read('/settings')).toMatchObject({ mutant: 'none', journal_size: 500 })
    expect(await read('/requests')).toEqual({ meta: { total: 0 }, requests: [], requestJournalDisabled: false })
    await expect(client.list()).rejects.toMatchObject({ status: 401 })
    const again = await client.login()
    await expect(again.list()).resolves.toEqual([])
    await expect(again.items.list(LIBRARY)).resolves.toEqual([ITEM])
  })

  it('touches no other sandbox', async () => {
    const other = await connect()
    const id = await sessionIn(other, 'ACTIVE')
    await admin(freshUser(), 'POST', '/reset')
    await expect(other.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })
})
