// The blocks that docs/ tells people to paste, so that they can be run.
import { readFileSync } from 'node:fs'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')

/** The first block of this language under this heading. */
export function block(name: string, heading: string, language: string): string {
  const section = page(name)
    .split(/^## /m)
    .find((each) => each.startsWith(`${heading}\n`))
  const [, text] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(section ?? '') ?? []
  if (text === undefined) throw new Error(`${heading} of docs/${name}.md shows no ${language}.`)
  return text
}
