// When a sandbox must wake for what it owes.

/** The earliest of the moments, which are epoch milliseconds; nothing owed, nothing returned. */
export function earliest(...moments: (number | undefined)[]): number | undefined {
  const known = moments.filter((moment) => moment !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
