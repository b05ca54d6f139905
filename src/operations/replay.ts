// Creating once: what a `Client-Token` promises. Ours: the same id again for as long as the created thing exists.
import { UUID } from '../rules/expressions.ts'
import { clientTokenMalformed, clientTokenReused, fail, ok, type Result } from '../rules/failure.ts'
import type { Store } from './store.ts'

/** Runs `create` unless this token already created something with the same specification. */
export function once(
  store: Store,
  operation: string,
  given: string | undefined,
  spec: object,
  create: () => Result<string>,
): Result<string> {
  if (given === undefined) return create()
  if (!UUID.test(given)) return fail(clientTokenMalformed(given))
  const token = given.toLowerCase()
  const text = JSON.stringify(spec)
  const before = store.replays.find(operation, token)
  if (before) return before.spec === text ? ok(before.id) : fail(clientTokenReused(given))
  const created = create()
  if (created.ok) store.replays.insert(operation, token, text, created.value)
  return created
}
