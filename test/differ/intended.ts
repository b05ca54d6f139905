// Differences between the revision before and the working copy that are meant. One that is not found any more goes.
import type { Difference } from './comparison.ts'

/** All four must fit, so that an entry hides nothing but what it is for. */
export type Intended = {
  reason: string
  /** The name of the request as the report prints it. */
  request: RegExp
  part: RegExp
  before: RegExp
  after: RegExp
  /** The whole answer is another. Where it tells of a change, the sandboxes may differ from there on: their thread ends. */
  isWhole?: 'answer' | 'and what follows'
}

export const intended: Intended[] = []

export const isIntended = (
  { request, ...entry }: Intended,
  name: string,
  { part, before, after }: Difference,
): boolean => request.test(name) && entry.part.test(part) && entry.before.test(before) && entry.after.test(after)
