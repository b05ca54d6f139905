// What the tables of mutants hold: of src/rules only what StrykerJS does not make (`npm run mutate:rules`).

/** One small bug, found in `src` by its text, so that it outlives a move. */
export type Mutant = {
  /** What the bug is, as a plain sentence: "Content is purged while a transfer writes it." */
  name: string
  /** What the bug changes, and so much around it that it occurs exactly once in all of `src`; it may span lines. */
  text: string
  becomes: string
  /** Test files, by their paths from the root, of which at least one must fail. */
  tests: string[]
}

/**
 * Each row is one mutant: its name, and its text in `src` with what changes in it, as `git diff --word-diff` writes it:
 * `if (file) [-release-]{+keep+}(file)`. A text without marks is left out; two texts stand where little of it stays.
 */
export const killedBy = (tests: string | string[], rows: Record<string, string | [text: string, becomes: string]>) =>
  Object.entries(rows).map(([name, row]): Mutant => {
    const [text, becomes] = typeof row === 'string' ? readMarks(row) : row
    return { name, text, becomes, tests: [tests].flat() }
  })

function readMarks(row: string): [text: string, becomes: string] {
  const [removed, added] = [/\[-([^]*?)-\]/g, /\{\+([^]*?)\+\}/g]
  const becomes = row.replaceAll(removed, '').replaceAll(added, '$1')
  return [row.replaceAll(removed, '$1').replaceAll(added, ''), becomes === row ? '' : becomes]
}
