// Which name was meant by one that is not there.

/** The name that is most like the one given; nothing where more than half of it differs from each. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const difference = (name: string) => distance(given, name) / Math.max(given.length, name.length)
  return names.filter((name) => difference(name) <= 0.5).toSorted((a, b) => difference(a) - difference(b))[0]
}

/** What to say of a name that is not there: the one that was meant, or all that there are. */
export function hint(given: string, names: readonly string[]): string {
  const meant = nearest(given, names)
  return meant === undefined ? `There are: ${names.join(', ')}.` : `Did you mean ${meant}?`
}

/** How many characters must be added, removed or replaced (Levenshtein), whatever their case. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let at = 0; at < to.length; at += 1) {
      const replaced = character.toLowerCase() === to[at]?.toLowerCase() ? 0 : 1
      next.push(Math.min((row[at] ?? 0) + replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
