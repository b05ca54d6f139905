// Citations of docs/reference.md: every section that a comment or a page cites is there, and so is every source it names.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(path, 'utf8')
const REFERENCE = 'docs/reference.md'
const text = read(REFERENCE)
const files = globSync('{src,test,bench,scripts,docs}/**/*.{ts,tsx,go,py,md}').filter((path) => path !== REFERENCE)

const found = (in_: string, pattern: RegExp) => Array.from(in_.matchAll(pattern), ([, part = '']) => part)
/** What `pattern` finds in each file, with the file it is in. */
const cited = (pattern: RegExp) =>
  files.flatMap((path) => found(read(path), pattern).map((citation) => ({ path, citation })))

const headings = found(text, /^#{2,3} (.+)$/gm)
/** A section is a heading that begins with a number, or a row of a table that does. */
const sections = [...found(headings.join('\n'), /^(\d+(?:\.\d+)?)\b/gm), ...found(text, /^\| (\d+\.\d+) +\|/gm)]
const anchors = headings.map((heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-'),
)

describe('the reference', () => {
  it('has every section that is cited, each once', () => {
    // "reference 1.1", "reference 1, 2 and 8.1", "reference 15.5 to 15.10".
    const citations = cited(/\breference ((?:\d+(?:\.\d+)?(?:, | and | to )?)+)/gi).flatMap(({ path, citation }) =>
      found(citation, /(\d+(?:\.\d+)?)/g).map((section) => ({ path, section })),
    )

    expect(citations.length).toBeGreaterThan(20)
    expect(citations.filter(({ section }) => !sections.includes(section))).toEqual([])
    expect(new Set(sections)).toHaveLength(sections.length)
  })

  it('has every section and every anchor that it or another page links to', () => {
    expect(found(text, /\((\d\d?(?:\.\d+)?)\)/g).filter((section) => !sections.includes(section))).toEqual([])
    expect(cited(/reference\.md#([\w-]+)/g).filter(({ citation }) => !anchors.includes(citation))).toEqual([])
  })

  it('is cited in place of notes that are not in this repository', () => {
    expect(cited(/\b((?:clients|conventions|design|test-stack) (?:section )?\d+(?:\.\d+)?)\b/gi)).toEqual([])
    expect(cited(/\b(docs\/[\w-]+\.md)\b/g).filter(({ citation }) => !existsSync(citation))).toEqual([])
  })

  it('names sources that are public, and defines each that it names', () => {
    const links = [...found(text, /\]\(([^)#]+)/g), ...found(text, /^\[[^\]]+\]: (\S+)$/gm)]
    const missing = links.filter((link) => !link.startsWith('https://') && !existsSync(join('docs', link)))

    expect(missing).toEqual([])
    expect(new Set(found(text, /\]\[([^\]]+)\]/g))).toEqual(new Set(found(text, /^\[([^\]]+)\]: /gm)))
  })
})
