// A span of time as a person writes it.
import * as z from 'zod'
import { text } from '../operations/operation.ts'
import { SPAN } from '../rules/expressions.ts'

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Read as milliseconds. */
export const Duration = z
  .union([z.number(), text(32).regex(SPAN)], 'write "90s", "5m", "4h", "2d" or a number of seconds')
  .transform((duration) => {
    if (typeof duration === 'number') return duration * 1000
    const [, amount, unit = ''] = SPAN.exec(duration) ?? []
    return Number(amount) * (UNIT_MS[unit] ?? 0)
  })
