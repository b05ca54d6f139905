// Who may log in.

export type Credentials = { user: string; password: string }

/** In UTF-8. A user's name is the name of a sandbox, and stands in every token. */
export const USER_BYTES = 255
/** Well-formed, since two names must not become one where they are written as UTF-8. */
export const isUserName = (text: string): boolean =>
  text !== '' && text.isWellFormed() && new TextEncoder().encode(text).byteLength <= USER_BYTES

/** `configured` lists `user:password` pairs, separated by commas; empty, it lets in any user with any password. */
export function isAllowed({ user, password }: Credentials, configured: string): boolean {
  if (!isUserName(user) || !password) return false
  return !configured || configured.split(',').includes(`${user}:${password}`)
}

/** The password of this user; where any is right, some password. */
export const passwordOf = (user: string, configured: string): string =>
  configured
    .split(',')
    .find((pair) => pair.startsWith(`${user}:`))
    ?.slice(user.length + 1) ?? 'pass'
