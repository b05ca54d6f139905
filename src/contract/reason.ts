// Why something failed, in words.

/** A failed fetch says why in its cause; where every address of a host was tried, only by a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  if (!(cause instanceof Error)) return message
  return `${message}: ${cause.message || ('code' in cause ? String(cause.code) : cause.name)}`
}
