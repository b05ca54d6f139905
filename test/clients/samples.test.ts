// The vendor's own samples for content libraries, unchanged: vendor/README.md.
import { expect, inject, it } from 'vitest'
import { newFolder, newUser, PASSWORD, python, recordSeen, run, server } from './harness.ts'
import { SAMPLES } from './install.ts'

const { python: installed } = inject('clients')

recordSeen('samples (Python)')

async function sample(name: string) {
  const user = await newUser('samples')
  const login = ['-s', server.url.replace('https://', ''), '-u', user.name, '-p', PASSWORD, '--skipverification']
  const ran = await run(
    'path' in installed ? installed.path : '',
    ['-m', `samples.vsphere.contentlibrary.${name}`, ...login, '--cleardata', '--datastorename', 'datastore-1'],
    python(newFolder()),
    SAMPLES,
  )
  return { ...ran, user }
}

it.skipIf('missing' in installed)(
  'content_update replaces what an OVF and an ISO item hold, and cleans up',
  async () => {
    const { code, stdout, stderr, user } = await sample('contentupdate.content_update')

    expect(code, `${stdout}\n${stderr}`).toBe(0)
    expect(stdout).toContain('OVF Library item version (after content update): 3')
    expect(stdout).toContain('ISO Library item version (after content update): 3')
    expect(await user.api.libraries.list()).toHaveLength(1)
  },
)

it.skipIf('missing' in installed)('library_crud makes a library on a datastore that it finds by its name', async () => {
  const { code, stdout, stderr } = await sample('crud.library_crud')

  expect(code, `${stdout}\n${stderr}`).toBe(0)
  expect(stdout).toContain('DataStore: datastore-1 ID: datastore-1')
  expect(stdout).toContain('Deleted Library Id:')
})
