// How an API token names its sandbox: a request is routed without a look-up, and a made-up token reaches no object.

const SHAPE = /^([A-Za-z0-9_-]+)\.([0-9a-f]{32})[0-9a-f]{32}$/

/** A new token of this sandbox: its name, the seal of the deployment's key on the name, and 128 random bits. */
export async function mint(sandbox: string, key: string): Promise<string> {
  return `${encode(sandbox)}.${await seal(sandbox, key)}${crypto.randomUUID().replaceAll('-', '')}`
}

/** The sandbox whose name the token carries, or nothing when this deployment never sealed that name. */
export async function sandboxOf(token: string, key: string): Promise<string | undefined> {
  const [, name, given] = SHAPE.exec(token) ?? []
  // No sandbox has an empty name, and a length of 4n + 1 is no base64.
  if (name === undefined || name.length % 4 === 1) return undefined
  const sandbox = decode(name)
  // Which random bits are alive is the sandbox's to say.
  return given === (await seal(sandbox, key)) ? sandbox : undefined
}

async function seal(text: string, key: string): Promise<string> {
  const utf8 = new TextEncoder()
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', utf8.encode(key), hmac, false, ['sign'])
  const signature = await crypto.subtle.sign(hmac, imported, utf8.encode(text))
  return Array.from(new Uint8Array(signature, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const encode = (text: string) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const decode = (encoded: string) =>
  new TextDecoder().decode(
    Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (byte) => byte.charCodeAt(0)),
  )
