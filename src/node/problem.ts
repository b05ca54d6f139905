// Why there is no start, as its caller must know it.

/** The port cannot be had. */
export class PortTaken extends Error {}
/** An option or a setting is wrong; the message says what to change. */
export class Unusable extends Error {}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** Of `parseArgs`, which throws it for what is not an option. */
export const isOfParsing = (error: unknown): error is TypeError =>
  error instanceof TypeError && codeOf(error).startsWith('ERR_PARSE_ARGS')
