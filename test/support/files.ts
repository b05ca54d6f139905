// The files of update sessions, and the bytes behind them.
import { valueOf } from './api.ts'
import type { Client, UpdateFile } from './client.ts'
import { request } from './http.ts'

/** What an API session may do to the files of one update session. */
export const filesOf = ({ files }: Client, sessionId: string) => ({
  list: () => files.list(sessionId),
  add: (spec: object) => files.add(sessionId, spec),
  push: (name: string, more: object = {}) => files.add(sessionId, { name, source_type: 'PUSH', ...more }),
  pull: (name: string, uri: string, more: object = {}) =>
    files.add(sessionId, { name, source_type: 'PULL', source_endpoint: { uri }, ...more }),
  get: (name: string) => files.get(sessionId, name),
  remove: (name: string) => files.remove(sessionId, name),
  validate: () => files.validate(sessionId),
})

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
export async function digest(
  algorithm: 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-512',
  content: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const hashed = new Uint8Array(await crypto.subtle.digest(algorithm, bytes))
  return Array.from(hashed, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
