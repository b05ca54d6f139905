// com.vmware.cis.session: reference 7.
import * as z from 'zod'
import { ok } from '../rules/failure.ts'
import { operation } from './operation.ts'
import { dateTime, nothing } from './schemas.ts'

const SessionInfo = z
  .strictObject({ user: z.string(), created_time: dateTime, last_accessed_time: dateTime })
  .meta({ id: 'Cis.Session.Info' })

const service = 'com.vmware.cis.session'
const path = '/session'
const input = z.strictObject({})

const create = operation({
  service,
  name: 'create',
  creates: true,
  path,
  login: 'basic',
  input,
  output: z.string().meta({ format: 'password' }),
  errors: ['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE'],
  run: ({ caller, apiSessions }) => {
    apiSessions.insert(caller)
    return ok(caller.token)
  },
})

const get = operation({
  service,
  name: 'get',
  path,
  input,
  output: SessionInfo,
  errors: ['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE'],
  run: ({ caller }) =>
    ok({
      user: caller.user,
      created_time: new Date(caller.createdAt).toISOString(),
      last_accessed_time: new Date(caller.lastAccessedAt).toISOString(),
    }),
})

const remove = operation({
  service,
  name: 'delete',
  path,
  input,
  output: nothing,
  errors: ['UNAUTHENTICATED', 'SERVICE_UNAVAILABLE'],
  run: (store) => {
    store.apiSessions.remove(store.caller.token)
    return ok(undefined)
  },
})

export const apiSession = { create, get, delete: remove }
export type ApiSessionInfo = z.output<typeof SessionInfo>
