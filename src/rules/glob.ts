// Patterns that a user gives. They are matched without regular expressions, since one of those can take any time.

/** Whether the whole text fits: `*` stands for any text, everything else for itself. */
export function fitsGlob(text: string, glob: string): boolean {
  const [first = '', ...others] = glob.split('*')
  const last = others.pop()
  if (last === undefined) return text === glob
  if (!text.startsWith(first)) return false
  // The first place where a part is found leaves the most text for the others: no other place needs to be tried.
  let at = first.length
  for (const part of others) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return text.length - at >= last.length && text.endsWith(last)
}
