// Why there is no start, as its caller must know it.

/** The port cannot be had. */
export class PortTaken extends Error {}
/** An option or a setting is wrong; the message says what to change. */
export class Unusable extends Error {}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** Whether its caller can mend it: by other options, or by what is at an address that they have named. */
export const isUsage = (error: unknown): boolean =>
  error instanceof Unusable || (error instanceof TypeError && codeOf(error).startsWith('ERR_PARSE_ARGS'))
