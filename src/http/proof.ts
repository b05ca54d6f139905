// What a request shows to prove who asks.
import { decodeBase64 } from 'hono/utils/encode'
import { parse } from 'hono/utils/cookie'
import type { Caller } from '../operations/store.ts'
import { isAllowed, type Credentials } from '../rules/credentials.ts'
import { BASIC, BEARER, NOT_PRINTABLE_ASCII } from '../rules/expressions.ts'
import { isOwnOrigin } from '../rules/own-origin.ts'
import { mint, sandboxOf } from './token.ts'

/** The token of an API session, or a user's name and password. Neither is proven. */
export type Proof = { token: string } | Credentials

export const TOKEN_HEADER = 'vmware-api-session-id'
/** What is there and proves nothing. */
export const BAD_PROOF: Proof = { token: '' }

/** Of several proofs the first that is there decides, good or bad: header, Authorization, cookie. */
export function proofIn(request: Request, publicUrl: string): Proof | undefined {
  const token = request.headers.get(TOKEN_HEADER)
  if (token !== null) return { token }
  const authorization = request.headers.get('authorization')
  if (authorization === null) return cookieIn(request, TOKEN_HEADER, publicUrl)
  const [, bearer] = BEARER.exec(authorization) ?? []
  return bearer === undefined ? (basicIn(authorization) ?? BAD_PROOF) : { token: bearer }
}

/** For a login, where nothing else counts. */
export const credentialsIn = (request: Request): Credentials | undefined =>
  basicIn(request.headers.get('authorization') ?? '')

/** A cookie that a browser may have added to the request of another page is no proof. */
export function cookieIn(request: Request, name: string, publicUrl: string): Proof | undefined {
  const cookies = request.headers.get('cookie')
  if (cookies === null || !isOwnOrigin(request.headers, request.url, publicUrl)) return undefined
  // The platform joins two headers by a comma, which is in no cookie.
  const token = parse(cookies.replaceAll(',', ';'), name)[name]
  return token === undefined ? undefined : { token }
}

/** RFC 7617. Hono's own reads bytes that are no UTF-8 as if all of them were one character: two names would be one. */
function basicIn(authorization: string): Credentials | undefined {
  const [, encoded] = BASIC.exec(authorization) ?? []
  const text = encoded && decode(encoded)
  const end = text?.indexOf(':') ?? -1
  return text === undefined || end === -1 ? undefined : { user: text.slice(0, end), password: text.slice(end + 1) }
}

function decode(encoded: string): string | undefined {
  try {
    const bytes = decodeBase64(encoded)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      // Python's requests writes a password so. A name in it is refused: it could be another one in UTF-8.
      const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
      return NOT_PRINTABLE_ASCII.test(text.split(':', 1)[0] ?? '') ? undefined : text
    }
  } catch {
    return undefined
  }
}

/**
 * Whom the proof names, and the sandbox that is theirs; nothing where it is wrong, or there is none. The caller of a right password
 * gets a token: alive once a login has run, and for any other operation for that one call.
 */
export async function askerOf(
  proof: Proof | undefined,
  { CREDENTIALS, TOKEN_KEY }: Pick<Env, 'CREDENTIALS' | 'TOKEN_KEY'>,
): Promise<(Caller & { sandbox: string }) | undefined> {
  if (!proof) return undefined
  if ('token' in proof) {
    const sandbox = await sandboxOf(proof.token, TOKEN_KEY)
    return sandbox === undefined ? undefined : { ...proof, sandbox }
  }
  const { user } = proof
  return isAllowed(proof, CREDENTIALS) ? { user, token: await mint(user, TOKEN_KEY), sandbox: user } : undefined
}
