// Who may log in.

export type Credentials = { user: string; password: string }

/** A name longer than this is no user name; it also bounds what a token can carry. */
const USER_LIMIT = 256

/** `configured` lists `user:password` pairs, separated by commas; empty, it lets in any non-empty user and password. */
export function isAllowed({ user, password }: Credentials, configured: string): boolean {
  if (!user || !password || user.length > USER_LIMIT) return false
  return !configured || configured.split(',').includes(`${user}:${password}`)
}

/** With which this user is let in; where anybody is, any will do. */
export const passwordOf = (user: string, configured: string): string =>
  configured
    .split(',')
    .find((pair) => pair.startsWith(`${user}:`))
    ?.slice(user.length + 1) ?? 'pass'
