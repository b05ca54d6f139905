// Which name was meant by one that is not there.

/** The name that is most like the one given. */
export const nearest = (given: string, names: readonly string[]): string =>
  names.toSorted((a, b) => distance(given, a) - distance(given, b))[0] ?? ''

/** How many characters must be added, removed or replaced (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let at = 0; at < to.length; at += 1)
      next.push(Math.min((row[at] ?? 0) + (character === to[at] ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    row = next
  }
  return row[to.length] ?? 0
}
