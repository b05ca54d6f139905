// A span of time as a person writes it.
import * as z from 'zod'
import { text } from '../operations/operation.ts'
import { SPAN } from '../rules/expressions.ts'
import { readSpan } from '../rules/settings.ts'

/** Read as milliseconds. */
export const Duration = z
  .union([z.number(), text(32).regex(SPAN)], 'write "90s", "5m", "4h", "2d" or a number of seconds')
  .transform((given) => readSpan(`${given}`) ?? NaN)
