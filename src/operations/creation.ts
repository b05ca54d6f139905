// Creating once: what a `Client-Token` promises. Ours: the same id again for as long as the created thing exists.
import * as z from 'zod'
import { UUID } from '../rules/expressions.ts'
import { clientTokenMalformed, clientTokenReused, fail, ok, type Result } from '../rules/failure.ts'
import { operation, type Operation } from './operation.ts'
import { Id } from './schemas.ts'
import type { Store } from './store.ts'

/** The operation `create` of a service: `make` answers the id of what it has made of the specification, which has all that it needs. */
export const creation = <Spec extends z.ZodType<object>>(
  of: Pick<Operation, 'service' | 'path' | 'errors'>,
  spec: () => Spec,
  neededOf: (spec: z.output<Spec>) => Record<string, unknown>,
  make: (store: Store, spec: z.output<Spec>) => Result<string>,
): Operation =>
  operation({
    ...of,
    name: 'create',
    creates: true,
    body: 'create_spec',
    input: () =>
      z.strictObject({ client_token: Id.optional(), create_spec: spec() }).check(({ value, issues }) => {
        const { create_spec } = value as { create_spec: z.output<Spec> } // as this schema says
        for (const [path, input] of Object.entries(neededOf(create_spec)))
          if (input === undefined)
            issues.push({ code: 'custom', path: ['create_spec', ...path.split('.')], input, message: 'it is missing' })
      }),
    output: () => z.string(),
    run: (store, input) => {
      const { client_token, create_spec } = input as { client_token?: string; create_spec: z.output<Spec> } // as above
      if (client_token === undefined) return make(store, create_spec)
      if (!UUID.test(client_token)) return fail(clientTokenMalformed(client_token))
      const [token, text] = [client_token.toLowerCase(), JSON.stringify(create_spec)]
      const name = `${of.service}.create`
      const before = store.replays.find(name, token)
      if (before) return before.spec === text ? ok(before.id) : fail(clientTokenReused(client_token))
      const created = make(store, create_spec)
      if (created.ok) store.replays.insert(name, token, text, created.value)
      return created
    },
  })
