// The session and the file that a check tries the mock with.
import { readStates, setUp } from './provider-states.ts'
import type { Stage } from './stage.ts'

/** Checks that others need. */
export const LOGIN = 'a login, and a call with its token'
export const ADDRESSES = 'addresses of uploads lead back'

export const withToken = (token: string) => ({ 'vmware-api-session-id': token })

export async function makeSession(stage: Stage, state = 'ACTIVE'): Promise<string> {
  const { update_session_id = '' } = await setUp(stage, readStates('an update session', { state }))
  return update_session_id
}

/** One that is awaited, in a session of its own. */
export async function makeFile(stage: Stage): Promise<{ id: string; name: string; uri: string }> {
  const id = await makeSession(stage)
  const name = 'smoke.bin'
  const { upload_endpoint } = await stage.client.updateSessionFiles.add(id, { name, source_type: 'PUSH' })
  return { id, name, uri: upload_endpoint?.uri ?? '' }
}
