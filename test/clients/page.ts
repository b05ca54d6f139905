// The blocks that docs/ tells people to paste, so that they can be run.
import { readFileSync } from 'node:fs'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')

/** What stands under this heading. */
function section(name: string, heading: string): string {
  const found = page(name)
    .split(/^## /m)
    .find((each) => each.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`docs/${name}.md has no section ${heading}.`)
  return found
}

/** The first block of this language under this heading. */
export function block(name: string, heading: string, language: string): string {
  const [, text] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(section(name, heading)) ?? []
  if (text === undefined) throw new Error(`${heading} of docs/${name}.md shows no ${language}.`)
  return text
}

/** What docs/clients.md says of a client's calls: "Works: 3 of the 5 functions", and the names behind "Does not work:". */
export function toldOfCalls(heading: string): { worked: number; all: number; refused: string[] } {
  const text = section('clients', heading)
  const [, worked, all] = /^Works: (\d+) of (?:the )?(\d+) /m.exec(text) ?? []
  const [, rest = ''] = /^Does not work: ([^]*?)\n\n/m.exec(`${text}\n\n`) ?? []
  return {
    worked: Number(worked),
    all: Number(all),
    refused: [...rest.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).toSorted(),
  }
}
