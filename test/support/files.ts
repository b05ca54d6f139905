// The files of update sessions and of items, and the bytes behind them, as a client of /api reaches them.
import { request, SESSIONS, valueOf } from './api.ts'
import type { Client, Message } from './client.ts'

type Checksum = { algorithm?: string; checksum: string }
export type UpdateFile = {
  name: string
  source_type: 'NONE' | 'PUSH' | 'PULL'
  status: 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'READY' | 'ERROR'
  bytes_transferred: number
  size?: number
  checksum_info?: Checksum
  source_endpoint?: { uri: string }
  upload_endpoint?: { uri: string }
  error_message?: Message
  keep_in_storage?: boolean
}
type Validation = {
  has_errors: boolean
  missing_files: string[]
  invalid_files: { name: string; error_message: Message }[]
}
/** What an API session may do to the files of one update session. */
export function filesOf(client: Client, sessionId: string) {
  const all = `${SESSIONS}/${sessionId}/file`
  const each = (name: string) => `${all}/${encodeURIComponent(name)}`
  return {
    list: () => ask<UpdateFile[]>(client, 'GET', all),
    add: (spec: object) => ask<UpdateFile>(client, 'POST', all, spec),
    push: (name: string, more: object = {}) =>
      ask<UpdateFile>(client, 'POST', all, { name, source_type: 'PUSH', ...more }),
    pull: (name: string, uri: string, more: object = {}) =>
      ask<UpdateFile>(client, 'POST', all, { name, source_type: 'PULL', source_endpoint: { uri }, ...more }),
    get: (name: string) => ask<UpdateFile>(client, 'GET', each(name)),
    remove: (name: string) => ask(client, 'DELETE', each(name)),
    validate: () => ask<Validation>(client, 'POST', `${all}?action=validate`),
  }
}

async function ask<T = void>(client: Client, method: string, path: string, body?: object): Promise<T> {
  const headers = new Headers({ 'vmware-api-session-id': client.token })
  if (body) headers.set('content-type', 'application/json')
  return valueOf<T>(await request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
}

/** Sends the bytes of a file, with no login, as `curl -T` would; a refusal is thrown. */
export async function upload(
  { name, upload_endpoint }: UpdateFile,
  body: BodyInit | null,
  init: RequestInit = {},
): Promise<number> {
  if (!upload_endpoint) throw new Error(`${name} has no upload endpoint`)
  const { pathname } = new URL(upload_endpoint.uri)
  const response = await request(pathname, { method: 'PUT', body, ...init })
  if (!response.ok) await valueOf(response)
  await response.body?.cancel()
  return response.status
}

/** The digest in hexadecimal, by the name that Web Crypto has for the algorithm. */
export async function digest(algorithm: 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-512', text: string): Promise<string> {
  const bytes = await crypto.subtle.digest(algorithm, new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
