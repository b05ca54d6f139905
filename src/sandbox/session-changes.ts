// What a test changes of a live update session, by the rules that hold for clients: it fails, now or when it is completed, or
// one of its files is in another state.
import { fail, injected, noSuch, noSuchFile, type Message, type Result } from '../rules/failure.ts'
import { markFile } from '../rules/file.ts'
import type { Tables } from './tables/open.ts'

export type SessionChange = { reason: string } & (
  | { type: 'fail' }
  | { type: 'planFailure' }
  | { type: 'markFile'; name: string; status: 'READY' | 'VALIDATING' | 'ERROR' }
)

export function changeSession(
  { updateSessions, updateFiles }: Tables,
  id: string,
  change: SessionChange,
): Result<undefined> {
  if (!updateSessions.head(id)) return fail(noSuch('update_session', id))
  const reason = reasonOf(change.reason)
  if (change.type !== 'markFile') return updateSessions.send(id, { type: change.type, reason })
  const file = updateFiles.find(id, change.name)
  if (!file) return fail(noSuchFile(change.name))
  const marked = markFile(file, change.status, reason)
  if (!marked.ok) return marked
  const files = updateFiles.of(id).map((each) => (each.name === file.name ? marked.value : each))
  return updateSessions.send(id, { type: 'transfer', files })
}

const reasonOf = (text: string): Message => {
  const [message] = injected('ERROR', text).messages
  return message ?? { id: '', default_message: text, args: [] }
}
