// Why there is no start, as its caller must know it.

/** The port cannot be had. */
export class PortTaken extends Error {}
/** An option or a setting is wrong; the message says what to change. */
export class Unusable extends Error {}

/** Where tests have a context of their own, as Jest's, the errors of Node are none of their class `Error`. */
const fieldsOf = (error: unknown): { code?: string; message?: string } => Object(error) as object
export const codeOf = (error: unknown): string => fieldsOf(error).code ?? String(error)
export const messageOf = (error: unknown): string => fieldsOf(error).message ?? String(error)

/** An option that there is not, or one without its value. */
export const isMisspelled = (error: unknown): boolean =>
  error instanceof TypeError && codeOf(error).startsWith('ERR_PARSE_ARGS')
