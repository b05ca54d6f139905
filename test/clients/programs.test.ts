// Programs in Python and Go that use a client as its users do, each run to its end.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { journalOf, newFolder, newUser, PASSWORD, pathOf, python, run, server, type User } from './harness.ts'
import { GO, PYTHON, SAMPLES } from './install.ts'
import { toldOfCalls } from './page.ts'

const clients = inject('clients')

/** What a program prints that ends well. */
async function printed(command: string, args: string[], env: Record<string, string>, cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, env, cwd)
  expect(code, `${stdout}\n${stderr}`).toBe(0)
  return stdout
}

const envOf = ({ name }: User) => ({ MOCK_URL: server.url, MOCK_USER: name, MOCK_CA_FILE: server.caFile })
const runPython = (program: string, user: User, more: Record<string, string> = {}) =>
  printed(pathOf(clients.python), [program], { ...python(newFolder()), ...envOf(user), ...more }, PYTHON)

/** What calls.py printed: for each function why it was refused. */
function countCalls(text: string): { worked: number; all: number; refused: string[] } {
  const calls = Object.entries(JSON.parse(text) as Record<string, string[]>)
  const refused = calls.filter(([, reasons]) => reasons.length > 0).map(([name]) => name)
  return { worked: calls.length - refused.length, all: calls.length, refused: refused.toSorted() }
}

it.skipIf('missing' in clients.go)('govmomi sees its sessions and files through, and is refused in words', async () => {
  await printed('go', ['test', '-count=1', '-v', '.'], envOf(await newUser('govmomi')), GO)
})

describe.skipIf('missing' in clients.python)('in Python', () => {
  it('requests.Session() needs nothing but its cookies, on /api and on /rest', async () => {
    await runPython('test_cookies.py', await newUser('requests (Python), with cookies'))
  })

  it('the SDK of the vendor uploads, cancels, and has a class for every refusal', async () => {
    await runPython('test_vcf_sdk.py', await newUser('vcf-sdk (Python)'))
  })

  it("so many functions of Salt's module work as docs/clients.md says", async () => {
    const user = await newUser('saltext.vcf')

    const calls = countCalls(await runPython('test_salt.py', user))

    const told = toldOfCalls('Salt')
    expect(calls).toEqual(told)
    // All but the two whose operation is there are in the journal of the user who asked.
    expect(await journalOf(user.name, '/unmatched')).toHaveLength(told.refused.length - 2)
  })

  it.skipIf('missing' in clients.generator)(
    'so many calls of what OpenAPI Generator makes of the document work as docs/clients.md says',
    async () => {
      const folder = newFolder()
      const document = join(folder, 'openapi.json')
      writeFileSync(document, await (await fetch(`${server.url}/openapi.json`)).text())
      const generate = ['generate', '-i', document, '-g', 'python', '-o', folder, '--package-name', 'vsphere']
      await printed(pathOf(clients.generator), generate, {})

      const user = await newUser('OpenAPI Generator (Python)')
      const calls = countCalls(await runPython('test_generated.py', user, { PYTHONPATH: folder }))

      expect(calls).toEqual(toldOfCalls('A generated client'))
    },
  )

  it.each([
    [
      'contentupdate.content_update',
      'replaces what an OVF and an ISO item hold, and cleans up',
      ['OVF Library item version (after content update): 3', 'ISO Library item version (after content update): 3'],
    ],
    [
      'crud.library_crud',
      'makes a library on a datastore that it finds by its name',
      ['DataStore: datastore-1 ID: datastore-1', 'Deleted Library Id:'],
    ],
  ])("the vendor's own sample %s, unchanged (vendor/README.md), %s", async (name, _, said) => {
    const user = await newUser('samples (Python)')
    const login = ['-s', new URL(server.url).host, '-u', user.name, '-p', PASSWORD, '--skipverification']
    const options = ['--cleardata', '--datastorename', 'datastore-1']

    const sample = ['-m', `samples.vsphere.contentlibrary.${name}`, ...login, ...options]
    const text = await printed(pathOf(clients.python), sample, python(newFolder()), SAMPLES)

    for (const each of said) expect(text).toContain(each)
    expect(await user.api.libraries.list()).toHaveLength(1)
  })
})
