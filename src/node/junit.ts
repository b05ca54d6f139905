// A report as JUnit's XML, which CI systems show.
import type { Report } from './verifier.ts'

export function asJunit({ subject, interactions }: Report): string {
  const failures = interactions.filter(({ outcome }) => outcome === 'broken').length
  const skipped = interactions.filter(({ outcome }) => outcome === 'pending').length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escaped(`The contract, as kept by ${subject}`)}" tests="${interactions.length}" failures="${failures}" skipped="${skipped}">`,
    ...interactions.map(({ consumer, description, outcome, reasons }) => {
      const head = `  <testcase classname="${escaped(consumer)}" name="${escaped(description)}"`
      if (outcome === 'kept') return `${head}/>`
      const why = escaped(reasons.join('\n'))
      return outcome === 'broken'
        ? `${head}><failure message="${escaped(reasons[0] ?? '')}">${why}</failure></testcase>`
        : `${head}><skipped message="${escaped(['pending', ...reasons].join(': '))}"/></testcase>`
    }),
    '</testsuite>',
  ].join('\n')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** XML has no way to write other control characters. */
const escaped = (text: string): string =>
  Array.from(text, (each) => (each < ' ' && !'\n\t'.includes(each) ? '\u{FFFD}' : (ENTITIES[each] ?? each))).join('')
