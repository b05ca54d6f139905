// Why something failed: in words, and as a status.
import { Refusal } from '../client/client.ts'

/** A failed fetch says why in its cause; where every address of a host was tried, only by a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  if (!(cause instanceof Error)) return message
  return `${message}: ${cause.message || ('code' in cause ? String(cause.code) : cause.name)}`
}

/** The status that a call of the client is refused with; or 200 where it is not refused. */
export const statusOf = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof Refusal) return error.status
      throw error
    },
  )
