// What a test changes of a live update session, by the rules that hold for clients: it fails, now or when it is completed, or
// one of its files is in another state.
import { fail, injectedMessage, noSuch, noSuchFile, type Result } from '../rules/failure.ts'
import { markFile } from '../rules/file.ts'
import type { Tables } from './tables/open.ts'

/** In the words of the admin API: of what may change, one is given. */
export type SessionChange = {
  state?: 'ERROR' | undefined
  completion?: 'ERROR' | undefined
  file?: { name: string; status: 'READY' | 'VALIDATING' | 'ERROR' } | undefined
  error_message?: string | undefined
}

export function changeSession(
  { updateSessions, updateFiles }: Tables,
  id: string,
  { state, file: wanted, error_message = 'The test asked for a failure.' }: SessionChange,
): Result<undefined> {
  if (!updateSessions.head(id)) return fail(noSuch('update_session', id))
  const reason = injectedMessage(error_message)
  if (!wanted) return updateSessions.send(id, { type: state ? 'fail' : 'planFailure', reason })
  const file = updateFiles.find(id, wanted.name)
  if (!file) return fail(noSuchFile(wanted.name))
  const marked = markFile(file, wanted.status, reason)
  if (!marked.ok) return marked
  const files = updateFiles.of(id).map((each) => (each.name === file.name ? marked.value : each))
  return updateSessions.send(id, { type: 'transfer', files })
}
