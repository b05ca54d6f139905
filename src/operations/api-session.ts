// com.vmware.cis.session: reference 7.
import * as z from 'zod'
import { ok, type ErrorType } from '../rules/failure.ts'
import { operation } from './operation.ts'
import { dateTime, nothing, schemaNamed } from './schemas.ts'

const SessionInfo = schemaNamed('Cis.Session.Info', () => ({
  user: z.string(),
  created_time: dateTime,
  last_accessed_time: dateTime,
}))

const session = {
  service: 'com.vmware.cis.session',
  path: '/session',
  input: () => z.strictObject({}),
  errors: ['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE'] satisfies ErrorType[],
}

const create = operation({
  ...session,
  name: 'create',
  creates: true,
  login: 'basic',
  output: () => z.string().meta({ format: 'password' }),
  run: ({ caller, apiSessions }) => {
    apiSessions.insert(caller)
    return ok(caller.token)
  },
})

const get = operation({
  ...session,
  name: 'get',
  output: SessionInfo,
  // To ask is an access, too.
  run: ({ caller, now }) =>
    ok({
      user: caller.user,
      created_time: new Date(caller.createdAt).toISOString(),
      last_accessed_time: new Date(now).toISOString(),
    }),
})

const remove = operation({
  ...session,
  name: 'delete',
  output: nothing,
  run: (store) => {
    store.apiSessions.remove(store.caller.token)
    return ok(undefined)
  },
})

export const apiSession = { create, get, delete: remove }
export type ApiSessionInfo = z.output<ReturnType<typeof SessionInfo>>
