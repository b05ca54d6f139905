// A request that a mock has sent must not reach a mock: what marks it, and how it is recognised (RFC 8586).

export const LOOP_HEADER = 'cdn-loop'
/** The id of a mock in that header, and the value of `LOOP_ANSWER`. */
export const LOOP_TOKEN = 'update-session-mock'
/** A header of the failure: the mock that pulls learns from it that it has asked a mock. */
export const LOOP_ANSWER = 'x-mock-loop'

/** Whether a mock is among those that the request has passed: ids, separated by commas, each with parameters. */
export const isOurOwn = (header: string): boolean =>
  header.split(',').some((each) => each.split(';', 1)[0]?.trim().toLowerCase() === LOOP_TOKEN)
