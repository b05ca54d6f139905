// The layout of a token: the name of its sandbox in base64url, a dot, the seal of the deployment's key on that name, and
// random digits. API sessions and upload addresses have the same.
import { TOKEN } from './expressions.ts'

const RANDOM_DIGITS = 32

/** `random` is a UUID. */
export const composeToken = (name: string, seal: string, random: string): string => `${name}.${seal}${digits(random)}`

/** What the token says, unproven: a name that is encoded, and the seal on it. */
export function readToken(token: string): { name: string; seal: string } | undefined {
  const [, name, seal] = TOKEN.exec(token) ?? []
  // No sandbox has an empty name, and a length of 4n + 1 is no base64.
  return name === undefined || seal === undefined || name.length % 4 === 1 ? undefined : { name, seal }
}

export const anotherToken = (token: string, random: string): string => token.slice(0, -RANDOM_DIGITS) + digits(random)

const digits = (random: string) => random.replaceAll('-', '')
