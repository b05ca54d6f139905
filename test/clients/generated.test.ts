// The client in Python that OpenAPI Generator makes of what the mock says of itself.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { newFolder, newUser, recordSeen, run, server } from './harness.ts'
import { toldOfCalls } from './page.ts'
import { countCalls, runPython } from './python.ts'

const { generator } = inject('clients')

recordSeen('OpenAPI Generator (Python)')

it.skipIf('missing' in generator)('so many calls of the generated client work as docs/clients.md says', async () => {
  const folder = newFolder()
  const document = join(folder, 'openapi.json')
  writeFileSync(document, await (await fetch(`${server.url}/openapi.json`)).text())
  const generate = ['generate', '-i', document, '-g', 'python', '-o', folder, '--package-name', 'vsphere']
  const { code, stdout, stderr } = await run('path' in generator ? generator.path : '', generate, {})
  expect(code, `${stdout}\n${stderr}`).toBe(0)

  const printed = await runPython('test_generated.py', await newUser('generated'), { PYTHONPATH: folder })

  const told = toldOfCalls('A generated client')
  expect(countCalls(printed)).toEqual({ ...told, refused: told.refused.toSorted() })
})
