// What a deployed mock costs in a day, and at scale: measured around the built worker. With `--update` the pages have it.
import { readFileSync, writeFileSync } from 'node:fs'
import { buildWorker } from '../scripts/build.ts'
import { measureKinds } from './kinds.ts'
import { costTables, placeTables, scaleTable } from './prices.ts'
import { say } from './load.ts'

buildWorker()
const kinds = await measureKinds((line) => process.stderr.write(`${line}\n`))
for (const [page, tables] of [
  ['docs/deploy.md', costTables(kinds)],
  ['docs/scale.md', scaleTable(kinds)],
] as const) {
  say(`\n${tables}`)
  const file = new URL(`../${page}`, import.meta.url)
  if (process.argv.includes('--update')) writeFileSync(file, placeTables(readFileSync(file, 'utf8'), tables))
}
