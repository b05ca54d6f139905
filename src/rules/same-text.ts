// Comparing what a client sends with a secret.

/** The time that it takes says nothing about the secret: it goes by the length of what is given. */
export function isSameText(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let at = 0; at < given.length; at += 1)
    difference |= given.charCodeAt(at) ^ secret.charCodeAt(at % secret.length)
  return difference === 0
}
