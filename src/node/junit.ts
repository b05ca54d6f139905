// A report as JUnit's XML, which CI systems show.

export type Case = {
  suite: string
  name: string
  result: 'passed' | 'failed' | 'skipped'
  /** What is to be said of one that has not passed: in a line, and, of one that has failed, at length. */
  message: string
  text: string
  durationMs?: number
}

export function asJunit(name: string, cases: Case[]): string {
  const count = (wanted: Case['result']) => cases.filter(({ result }) => result === wanted).length
  const counts = `tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escaped(name)}" ${counts}>`,
    ...cases.map((each) => {
      const time = each.durationMs === undefined ? '' : ` time="${(each.durationMs / 1000).toFixed(3)}"`
      const head = `    <testcase classname="${escaped(each.suite)}" name="${escaped(each.name)}"${time}`
      if (each.result === 'passed') return `${head}/>`
      const message = `message="${escaped(each.message)}"`
      return each.result === 'failed'
        ? `${head}><failure ${message}>${escaped(each.text)}</failure></testcase>`
        : `${head}><skipped ${message}/></testcase>`
    }),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** XML has no way to write other control characters, nor the last two of Unicode's first plane. */
const escaped = (text: string): string =>
  Array.from(text, (each) =>
    (each < ' ' && !'\n\t'.includes(each)) || '\ufffe\uffff'.includes(each) ? '\ufffd' : (ENTITIES[each] ?? each),
  ).join('')
