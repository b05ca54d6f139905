// Why there is no start, as its caller must know it.

/** The port cannot be had. */
export class PortTaken extends Error {}
/** An option or a setting is wrong; the message says what to change. */
export class Unusable extends Error {}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** An option that there is not, or one without its value. */
export const isMisspelled = (error: unknown): boolean =>
  error instanceof TypeError && codeOf(error).startsWith('ERR_PARSE_ARGS')
