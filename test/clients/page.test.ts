// docs/clients.md is held to the truth: what it tells people to paste is run.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { environment } from '../../src/node/environment.ts'
import { newFolder, newUser, PASSWORD, run, server } from './harness.ts'
import { COLLECTIONS, GO, INSTALLED } from './install.ts'
import { block } from './page.ts'

const clients = inject('clients')

describe('what the page says to paste', () => {
  let folder: string
  let variables: Record<string, string>
  beforeAll(async () => {
    folder = newFolder()
    const { name } = await newUser('page')
    variables = {
      ...environment({ ...server, user: name, password: PASSWORD }),
      PATH: [INSTALLED, `${INSTALLED}/python/bin`, process.env['PATH']].join(':'),
      ANSIBLE_COLLECTIONS_PATH: COLLECTIONS,
      HOME: folder,
      GOPATH: process.env['GOPATH'] ?? `${process.env['HOME']}/go`,
      GOCACHE: process.env['GOCACHE'] ?? `${process.env['HOME']}/.cache/go-build`,
    }
  })

  const paste = async (command: string, args: string[], cwd = folder) => {
    const { code, stdout, stderr } = await run(command, args, variables, cwd)
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    return stdout
  }
  const shell = (heading: string) => paste('bash', ['-euo', 'pipefail', '-c', block('clients', heading, 'sh')])

  it('for the sample of the documentation', async () => {
    expect(await shell('The sample of the documentation')).toContain('"state":"CANCELED"')
  })

  it.skipIf('missing' in clients.govc)('for govc', async () => {
    const stdout = await shell('govc')

    expect(stdout).toContain('/local-library/boot')
    expect(stdout).toContain('DONE')
  })

  it.skipIf('missing' in clients.go)('for govmomi', async () => {
    const program = join(folder, 'main.go')
    writeFileSync(program, block('clients', 'govmomi', 'go'))

    expect(await paste('go', ['run', program], GO)).toContain('and again: 400 Bad Request: ')
  })

  it.skipIf('missing' in clients.python)('for the Python SDK', async () => {
    const stdout = await paste('python', ['-c', block('clients', 'The Python SDK', 'python')])

    expect(stdout).toContain(
      'The operation cancel can not be invoked when the import session is in the CANCELED state.',
    )
  })

  it.skipIf('missing' in clients.python)('for pyvmomi', async () => {
    const stdout = await paste('python', ['-c', block('clients', 'pyvmomi', 'python')])

    expect(stdout).toContain("[('datastore-1', 'datastore-1')]")
  })

  it.skipIf('missing' in clients.ansible)('for Ansible', async () => {
    expect((await shell('Ansible')).match(/CHANGED/g)).toHaveLength(2)
  })

  it.skipIf('missing' in clients.ansible)('for other collections of Ansible', async () => {
    const stdout = await shell('Ansible, other collections')

    expect(stdout).toContain('local-library')
    expect(stdout).toContain("Content Library 'own' created.")
  })

  it.skipIf('missing' in clients.generator)('for a generated client', async () => {
    await shell('A generated client')

    expect(readdirSync(join(folder, 'generated', 'vsphere', 'api'))).toContain(
      'content_library_item_update_session_api.py',
    )
  })

  it.skipIf('missing' in clients.python)('for a client with cookies', async () => {
    expect(await paste('python', ['-c', block('clients', 'A client with cookies', 'python')])).toBe('204\n')
  })

  it('for plain REST', async () => {
    expect(await shell('Plain REST')).toContain('"state":"CANCELED"')
  })
})
