// A request that a mock has sent must not reach a mock: what marks it, and how it is found out (RFC 8586).

export const LOOP_HEADER = 'cdn-loop'
/** The id of a mock in that header, and the value of `LOOP_ANSWER`. */
export const LOOP_TOKEN = 'update-session-mock'
/** A header of the refusal: the mock that pulls learns from it that it has asked a mock. */
export const LOOP_ANSWER = 'x-mock-loop'

/** Whether a mock is among those that the request has passed: ids, separated by commas, each with parameters. */
export function isOurOwn(header: string): boolean {
  let id = ''
  let isId = true
  let isQuoted = false
  for (let at = 0; at <= header.length; at += 1) {
    const char = header[at] ?? ','
    if (isQuoted && at < header.length) {
      // A quoted value of a parameter may hold commas, and quotes behind a backslash.
      if (char === '\\') at += 1
      else if (char === '"') isQuoted = false
    } else if (char === ',') {
      if (id.trim().toLowerCase() === LOOP_TOKEN) return true
      id = ''
      isId = true
    } else if (char === ';') isId = false
    else if (char === '"') isQuoted = true
    else if (isId) id += char
  }
  return false
}
