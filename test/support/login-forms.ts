// Logins by name and password, in the form of each binding.
import { basic } from './client.ts'
import { invocation, SESSION, withPassword } from './json-rpc.ts'
import { loginCall } from './soap.ts'

/** Each form of a login. */
export const loginForms: [name: string, spell: (user: string, password: string) => [path: string, init: Init]][] = [
  ['/api', (user, password) => ['/api/session', post({ authorization: basic(user, password) })]],
  ['/rest', (user, password) => ['/rest/com/vmware/cis/session', post({ authorization: basic(user, password) })]],
  ['JSON-RPC', (user, password) => ['/api', post({ 'content-type': 'application/json' }, rpcCall(user, password))]],
  ['SOAP', (user, password) => ['/sdk', post({ 'content-type': 'text/xml' }, loginCall(user, password))]],
]
type Init = { method: string; headers: Record<string, string>; body?: string }

const post = (headers: Record<string, string>, body?: string): Init => ({
  method: 'POST',
  headers,
  ...(body !== undefined && { body }),
})
const rpcCall = (user: string, password: string) =>
  JSON.stringify(invocation({ service: SESSION, operation: 'create', securityCtx: withPassword(user, password) }))
