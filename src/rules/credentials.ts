// Who may log in.
import { DOTS } from './expressions.ts'
import { fitsGlob } from './glob.ts'
import { parseJson } from './json.ts'
import { isSameText } from './same-text.ts'

export type Credentials = { user: string; password: string }

/** In UTF-8. A user's name is the name of a sandbox, and stands in every token. */
export const USER_BYTES = 255
/** Well-formed, since two names must not become one where they are written as UTF-8; and what can stand in a path. */
export const isUserName = (text: string): boolean =>
  text !== '' && !DOTS.test(text) && text.isWellFormed() && new TextEncoder().encode(text).byteLength <= USER_BYTES

/**
 * Who may log in, as configured: `user:password` pairs, separated by commas; or JSON, `{"user":"password"}`, where a password
 * may hold commas. A `*` in a name stands for any text. Nothing where the text is neither.
 */
export function readCredentials(configured: string): Credentials[] | undefined {
  const pairs = configured.startsWith('{') ? pairsOfJson(configured) : configured.split(',').map(pairOf)
  return pairs?.every(({ user, password }) => isUserName(user) && password !== '') ? pairs : undefined
}

function pairOf(text: string): Credentials {
  const end = text.indexOf(':')
  return end === -1 ? { user: text, password: '' } : { user: text.slice(0, end), password: text.slice(end + 1) }
}

function pairsOfJson(text: string): Credentials[] | undefined {
  const given = (parseJson(text) ?? {}) as Record<string, unknown> // since it begins with a brace
  const pairs = Object.entries(given).map(([user, given]) => ({
    user,
    password: typeof given === 'string' ? given : '',
  }))
  return pairs.length > 0 ? pairs : undefined
}

/** Where nothing is configured, any user with any password. The time says nothing about a password. */
export function isAllowed({ user, password }: Credentials, configured: string): boolean {
  if (!isUserName(user) || !password) return false
  if (!configured) return true
  let isOne = false
  for (const each of readCredentials(configured) ?? [])
    if (isSameText(password, each.password) && fitsGlob(user, each.user)) isOne = true
  return isOne
}

/** The password of this user; where any is right, some password. */
export const passwordOf = (user: string, configured: string): string =>
  readCredentials(configured)?.find((each) => fitsGlob(user, each.user))?.password ?? 'pass'
