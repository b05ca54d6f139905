// How an API token names its sandbox: a request is routed without a look-up, and a made-up token reaches no object.

const SHAPE = /^([A-Za-z0-9_-]+)\.([0-9a-f]{32})([0-9a-f]{32})$/

/** A new token of this sandbox: its name, 128 random bits, and a seal by the deployment's key. */
export async function mint(sandbox: string, key: string): Promise<string> {
  const named = `${encode(sandbox)}.${crypto.randomUUID().replaceAll('-', '')}`
  return named + (await seal(named, key))
}

/** The sandbox that minted the token, or nothing for a token that no sandbox of this deployment minted. */
export async function sandboxOf(token: string, key: string): Promise<string | undefined> {
  const [, name, random, given] = SHAPE.exec(token) ?? []
  if (name === undefined || random === undefined || given === undefined) return undefined
  // A seal that is guessed only reaches the sandbox, which still asks whether it knows the token.
  return given === (await seal(`${name}.${random}`, key)) ? decode(name) : undefined
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
