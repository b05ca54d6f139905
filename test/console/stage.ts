// A sandbox in which there is something to see.
import { adminRequest } from '../../src/client/admin.ts'
import { login, type Client } from '../../src/client/client.ts'

export const enter = (url: string, user: string, password = 'secret'): Promise<Client> => login(url, { user, password })

export async function admin(
  url: string,
  sandbox: string,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const answer = await fetch(`${url}/__admin${path}`, adminRequest(sandbox, '', method, body))
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

export async function aSession(client: Client, name: string): Promise<string> {
  const [library = ''] = await client.libraries.list()
  const item = await client.items.create({ library_id: library, name })
  return client.updateSessions.create({ library_item_id: item })
}

async function upload(client: Client, session: string, name: string, bytes: number): Promise<void> {
  const { upload_endpoint: endpoint } = await client.updateSessionFiles.add(session, { name, source_type: 'PUSH' })
  await fetch(endpoint?.uri ?? '', { method: 'PUT', body: new Uint8Array(bytes) })
}

/** A session in each state, files in each status, faults that wait, and refusals in the journal. */
export async function everything(url: string, user: string): Promise<void> {
  const client = await enter(url, user)
  const { updateSessions, updateSessionFiles } = client
  const done = await aSession(client, 'ubuntu-24.04')
  await upload(client, done, 'ubuntu.ovf', 9_200)
  await updateSessions.complete(done)
  const failed = await aSession(client, 'windows-2025')
  await updateSessions.fail(failed, 'The source went away.')
  const canceled = await aSession(client, 'photon-5')
  await updateSessions.cancel(canceled)
  await updateSessions.cancel(canceled).catch(() => undefined)
  const active = await aSession(client, 'appliance')
  await upload(client, active, 'appliance.ovf', 12_345)
  await updateSessionFiles.add(active, { name: 'disk-1.vmdk', source_type: 'PUSH', size: 734_003_200 })
  await updateSessions.keepAlive(active, 35)
  await updateSessions.complete(active).catch(() => undefined)
  await admin(url, user, 'POST', '/faults', {
    id: 'busy',
    operation: 'update_session.complete',
    error: 'SERVICE_UNAVAILABLE',
    message: 'Try again.',
    times: 2,
  })
  await admin(url, user, 'POST', '/faults', { id: 'slow', operation: 'upload', delay: '2s', probability: 0.25 })
  await updateSessions.complete(active).catch(() => undefined)
}
