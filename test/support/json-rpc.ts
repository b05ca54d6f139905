// JSON-RPC on POST /api, as the vendor's SDKs write their calls (reference 12.1).
import { request } from './http.ts'
import { invocationOf } from './spelling.ts'

export { withPassword, withSession } from './spelling.ts'

export const SESSION = 'com.vmware.cis.session'
export const UPDATE_SESSION = 'com.vmware.content.library.item.update_session'

type Invocation = { service: string; operation: string; input?: object; securityCtx?: object; headers?: object }

/** The parts of an answer; which of them are there is for the test to say. */
export type Answer = {
  jsonrpc: string
  id: string | number | null
  result?: { output?: unknown; error?: { ERROR: Record<string, { messages: unknown; error_type: unknown }> } }
  error?: { code: number; message: string; data?: string }
}

/** One POST of this body, whatever it is. */
export const post = (body: BodyInit, headers: object = {}): Promise<Response> =>
  request('/api', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })

export const invocation = ({ service, operation, input = {}, securityCtx }: Invocation) =>
  invocationOf(service, operation, { STRUCTURE: { 'operation-input': input } }, securityCtx)

export async function invoke(call: Invocation): Promise<Answer> {
  const response = await post(JSON.stringify(invocation(call)), call.headers)
  return response.json()
}

export const optional = (value: unknown) => ({ OPTIONAL: value ?? null })

/** A structure whose fields are all optional. */
export const model = (name: string, fields: object) =>
  structure(name, Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, optional(value)])))
export const structure = (name: string, fields: object) => ({ STRUCTURE: { [`com.vmware.${name}`]: fields } })

/** What JSON-RPC says, without its wrappings. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if ('OPTIONAL' in value) return plain(value.OPTIONAL)
  if ('SECRET' in value) return value.SECRET
  const fields = 'STRUCTURE' in value ? Object.values(value.STRUCTURE as object)[0] : value
  return Object.fromEntries(
    Object.entries(fields as object)
      .map(([name, each]) => [name, plain(each)])
      .filter(([, each]) => each !== undefined),
  )
}
