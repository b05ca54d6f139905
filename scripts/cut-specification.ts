// Cuts the specification down to what this mock implements: `node scripts/cut-specification.ts vcenter.json`, where the
// argument is specifications/vsphere/openapi/automation/vcenter.yaml of vmware/vcf-api-specs, or an excerpt of it, as
// JSON. Structure only: no text of the specification comes along.
import { readFile, writeFile } from 'node:fs/promises'
import { serve } from '../src/node/server.ts'

type Json = { [key: string]: unknown }
type Document = {
  info: { version: string }
  paths: Record<string, Json>
  components: { schemas: Record<string, Json> }
}

const [, , path = ''] = process.argv
const source = JSON.parse(await readFile(path, 'utf8')) as Document
const worker = await serve()
const ours = (await (await fetch(`${worker.url}/openapi.json`)).json()) as Document
await worker.stop()

const paths = Object.fromEntries(
  Object.entries(ours.paths).flatMap(([key, methods]) => {
    const theirs = Object.entries(source.paths[key] ?? {}).filter(([method]) => method in methods)
    return theirs.length === 0 ? [] : [[key, Object.fromEntries(theirs)]]
  }),
)
const cut = {
  version: source.info.version,
  paths,
  schemas: Object.fromEntries([...reachable(paths)].toSorted().map((name) => [name, source.components.schemas[name]])),
}
const texts = new Set(['description', 'summary', 'title', 'example', 'x-added-in'])
// In one line: `npm run format` then breaks only what is too long for one.
const structure = JSON.stringify(cut, (key, value: unknown) => {
  if (key === 'x-enum-added-in') return undefined
  // A text is a string; a property may well be called `description`.
  return texts.has(key) && typeof value === 'string' ? undefined : value
})
await writeFile(new URL('../test/operations/reference.json', import.meta.url), `${structure}\n`)

function reachable(from: unknown, found = new Set<string>()): Set<string> {
  for (const [, name = ''] of JSON.stringify(from).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (found.has(name)) continue
    found.add(name)
    reachable(source.components.schemas[name], found)
  }
  return found
}
