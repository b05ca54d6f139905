// How a token names its sandbox: a request is routed without a look-up, and a made-up token reaches no object.
import { decodeBase64Url, encodeBase64Url } from '../rules/base64url.ts'
import { hexOf } from '../rules/hex.ts'
import { isSameText } from '../rules/same-text.ts'
import { composeToken, partsOf } from '../rules/token.ts'

export async function mint(sandbox: string, key: string): Promise<string> {
  return composeToken(encodeBase64Url(sandbox), await seal(sandbox, key), crypto.randomUUID())
}

/** The sandbox whose name the token carries, or nothing when this deployment never sealed that name. */
export async function sandboxOf(token: string, key: string): Promise<string | undefined> {
  const parts = partsOf(token)
  // A deployment without a key has sealed nothing.
  if (!parts || !key) return undefined
  const sealed = `${parts.name}.${parts.seal}.${key}`
  const met = provenSandboxes.get(sealed)
  if (met !== undefined) return met
  const sandbox = decodeBase64Url(parts.name)
  // Which random bits are alive is the sandbox's to say.
  if (!isSameText(parts.seal, await seal(sandbox, key))) return undefined
  if (provenSandboxes.size >= SANDBOXES_LIMIT) provenSandboxes.clear()
  provenSandboxes.set(sealed, sandbox)
  return sandbox
}

/** The sandboxes whose seals this isolate has found good: a client shows the same one with every request. */
const provenSandboxes = new Map<string, string>()
const SANDBOXES_LIMIT = 1000

const SEAL_BYTES = 16

async function seal(text: string, key: string): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await imported(key), new TextEncoder().encode(text))
  return hexOf(signature.slice(0, SEAL_BYTES))
}

/** The keys this isolate has met: one, since a deployment has one. Where each call imports it, calls by password take 3% longer. */
const importedKeys = new Map<string, CryptoKey>()

async function imported(key: string): Promise<CryptoKey> {
  const known = importedKeys.get(key)
  if (known) return known
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const fresh = await crypto.subtle.importKey('raw', new TextEncoder().encode(key), hmac, false, ['sign'])
  importedKeys.set(key, fresh)
  return fresh
}
