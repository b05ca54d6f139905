// The log: a line for each request, which says why it was refused, and holds no secret.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type VCenter } from '../../src/node/start.ts'

const PASSWORD = 'correct-horse-battery'
const SESSIONS = '/api/content/library/item/update-session'
const ITEM = '22222222-2222-4222-8222-222222222222'

let vcenter: VCenter
const lines: string[] = []
beforeAll(async () => {
  vcenter = await start({ onLog: (line) => lines.push(line) })
})
afterAll(() => vcenter.stop())

const send = (path: string, init: RequestInit) => fetch(new URL(path, vcenter.url), init)
const basic = (user: string) => ({ authorization: `Basic ${btoa(`${user}:${PASSWORD}`)}` })
async function login(user: string): Promise<Record<string, string>> {
  const answer = await send('/api/session', { method: 'POST', headers: basic(user) })
  return { 'vmware-api-session-id': (await answer.json()) as string, 'content-type': 'application/json' }
}
async function create(headers: Record<string, string>): Promise<string> {
  const body = JSON.stringify({ library_item_id: ITEM })
  return `${SESSIONS}/${String(await (await send(SESSIONS, { method: 'POST', headers, body })).json())}`
}

/** The line of the last request that fits: lines come on a way of their own. */
async function lineOf(fields: object): Promise<unknown> {
  const found = () =>
    lines
      .map((line): unknown => JSON.parse(line))
      .findLast((line) => expect.objectContaining(fields).asymmetricMatch(line))
  await expect.poll(found).toBeDefined()
  return found()
}

describe('the log', () => {
  it('has a line for a request, which says what was asked, of whom, and how it went', async () => {
    const headers = await login('logged')

    const session = await create(headers)

    expect(session).toMatch(/:/)
    expect(await lineOf({ sandbox: 'logged', path: SESSIONS })).toEqual({
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'info',
      msg: `POST ${SESSIONS} 201`,
      method: 'POST',
      path: SESSIONS,
      status: 201,
      durationMs: expect.any(Number),
      operation: 'com.vmware.content.library.item.update_session.create',
      sandbox: 'logged',
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    })
  })

  it('says why a request was refused, and calls it what the journal calls it', async () => {
    const headers = await login('refused')
    const session = await create(headers)
    for (const _ of [1, 2]) await send(`${session}?action=cancel`, { method: 'POST', headers })

    const [{ id } = { id: '' }] = await vcenter.sandbox('refused').journal.list()

    expect(await lineOf({ requestId: id })).toMatchObject({
      level: 'warn',
      status: 400,
      why: {
        by: 'rule',
        type: 'NOT_ALLOWED_IN_CURRENT_STATE',
        message: 'The operation cancel can not be invoked when the import session is in the CANCELED state.',
      },
    })
  })

  it('names the fault that was applied', async () => {
    const headers = await login('faulty')
    await vcenter.sandbox('faulty').faults.add({ id: 'busy', operation: 'session.get', error: 'SERVICE_UNAVAILABLE' })

    await send('/api/session', { headers })

    expect(await lineOf({ fault: 'busy' })).toMatchObject({ status: 503, why: { by: 'fault' } })
  })

  it('is one line for a request, also where a name has what ends a line for some readers', async () => {
    const user = 'line\u2028feed\u2029er'
    const authorization = `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`

    await send('/api/session', { method: 'POST', headers: { authorization } })

    expect(await lineOf({ sandbox: 'line\ufffdfeed\ufffder' })).toMatchObject({ path: '/api/session', status: 201 })
  })

  it('holds no password, no token and no address that bytes are sent to', async () => {
    const headers = await login('secretive')
    const session = await create(headers)
    const body = JSON.stringify({ name: 'disk.vmdk', source_type: 'PUSH', size: 3 })
    const added = await send(`${session}/file`, { method: 'POST', headers, body })
    const { upload_endpoint } = (await added.json()) as { upload_endpoint: { uri: string } }
    await send(upload_endpoint.uri, { method: 'PUT', body: 'more than three' })
    const token = headers['vmware-api-session-id'] ?? ''
    await send(`/cls/static/x/${ITEM}/${token}`, { headers })
    await send(`/api/${token}`, { headers: basic('secretive') })

    const upload = await lineOf({ sandbox: 'secretive', operation: 'upload' })
    await lineOf({ method: 'GET', path: '/api/***' })

    expect(upload).toMatchObject({ path: '/cls/data/***/disk.vmdk', status: 400, why: { type: 'INVALID_ARGUMENT' } })
    const secrets = [PASSWORD, btoa(`secretive:${PASSWORD}`), token, upload_endpoint.uri.split('/').at(-2) ?? '']
    for (const secret of secrets) expect(lines.join('\n')).not.toContain(secret)
  })
})
