// The log: a line for each request, which says why it was refused, and holds no secret.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { login } from '../../src/client/client.ts'
import { start, type VCenter } from '../../src/node/start.ts'
import { basic, ITEM } from '../support/client.ts'

const PASSWORD = 'correct-horse-battery'
const SESSIONS = '/api/content/library/item/update-session'

let vcenter: VCenter
const lines: string[] = []
beforeAll(async () => {
  vcenter = await start({ onLog: (line) => lines.push(line) })
})
afterAll(() => vcenter.stop())

/** A client of a sandbox of this name, with an update session. */
async function aSession(user: string) {
  const client = await login(vcenter.url, { user, password: PASSWORD })
  return { ...client, id: await client.updateSessions.create({ library_item_id: ITEM }) }
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
    await aSession('logged')

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
    const { updateSessions, id: session } = await aSession('refused')
    await updateSessions.cancel(session)
    await updateSessions.cancel(session).catch(() => undefined)

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

  it('says why the admin API has refused: a verifier of pacts shows no more than the status', async () => {
    await vcenter
      .sandbox('misspelt')
      .journal.count({ operation: 'no_such' })
      .catch(() => undefined)

    const why = { by: 'rule', message: 'No operation is named no_such.' }
    expect(await lineOf({ sandbox: 'misspelt', status: 422 })).toMatchObject({ level: 'warn', why })
  })

  it('names the fault that was applied', async () => {
    const { whoAmI } = await aSession('faulty')
    await vcenter.sandbox('faulty').faults.add({ id: 'busy', operation: 'session.get', status: 418 })

    await whoAmI().catch(() => undefined)

    expect(await lineOf({ fault: 'busy' })).toMatchObject({ status: 418, why: { by: 'fault' } })
  })

  it('is one line for a request, also where a name has what ends a line for some readers', async () => {
    await login(vcenter.url, { user: 'line\u2028feed\u2029er', password: PASSWORD })

    expect(await lineOf({ sandbox: 'line\ufffdfeed\ufffder' })).toMatchObject({ path: '/api/session', status: 201 })
  })

  it('holds no password, no token and no address that bytes are sent to', async () => {
    const { token, id, updateSessionFiles } = await aSession('secretive')
    const added = await updateSessionFiles.add(id, { name: 'disk.vmdk', source_type: 'PUSH', size: 3 })
    const uri = added.upload_endpoint?.uri ?? ''
    await fetch(uri, { method: 'PUT', body: 'more than three' })
    await fetch(`${vcenter.url}/cls/static/x/${ITEM}/${token}`, { headers: { 'vmware-api-session-id': token } })
    await fetch(`${vcenter.url}/api/${token}`, { headers: { authorization: basic('secretive', PASSWORD) } })

    const upload = await lineOf({ sandbox: 'secretive', operation: 'upload' })
    await lineOf({ method: 'GET', path: '/api/***' })

    expect(upload).toMatchObject({ path: '/cls/data/***/disk.vmdk', status: 400, why: { type: 'INVALID_ARGUMENT' } })
    const secrets = [PASSWORD, btoa(`secretive:${PASSWORD}`), token, uri.split('/').at(-2) ?? '']
    for (const secret of secrets) expect(lines.join('\n')).not.toContain(secret)
  })
})
