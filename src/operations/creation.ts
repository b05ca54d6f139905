// Creating once: what a `Client-Token` promises. Ours: the same id again for as long as the created thing exists.
import * as z from 'zod'
import { UUID } from '../rules/expressions.ts'
import { clientTokenMalformed, clientTokenReused, fail, ok, type Result } from '../rules/failure.ts'
import { once } from './once.ts'
import type { Operation } from './operation.ts'
import { Id } from './schemas.ts'
import type { Store } from './store.ts'

/** The operation `create` of a service: `make` answers the id of what it has made of the specification. */
export function creation<Spec extends z.ZodType<object>>(
  of: Pick<Operation, 'service' | 'path' | 'errors'>,
  spec: () => Spec,
  make: (store: Store, spec: z.output<Spec>) => Result<string>,
): Operation {
  const name = `${of.service}.create`
  return {
    ...of,
    name: 'create',
    method: 'POST',
    creates: true,
    body: 'create_spec',
    input: once(() => z.strictObject({ client_token: Id.optional(), create_spec: spec() })),
    output: once(() => z.string()),
    run: (store: Store, { client_token, create_spec }: { client_token?: string; create_spec: z.output<Spec> }) => {
      if (client_token === undefined) return make(store, create_spec)
      if (!UUID.test(client_token)) return fail(clientTokenMalformed(client_token))
      const [token, text] = [client_token.toLowerCase(), JSON.stringify(create_spec)]
      const before = store.replays.find(name, token)
      if (before) return before.spec === text ? ok(before.id) : fail(clientTokenReused(client_token))
      const created = make(store, create_spec)
      if (created.ok) store.replays.insert(name, token, text, created.value)
      return created
    },
  }
}
