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
  const runs = {
    sh: (text: string) => paste('bash', ['-euo', 'pipefail', '-c', text]),
    python: (text: string) => paste('python', ['-c', text]),
    go: (text: string) => {
      const program = join(folder, 'main.go')
      writeFileSync(program, text)
      return paste('go', ['run', program], GO)
    },
  }

  const { govc, go, python, ansible, generator } = clients
  const REFUSED = 'The operation cancel can not be invoked when the import session is in the CANCELED state.'
  const here = { path: '' }
  it.for([
    { heading: 'The sample of the documentation', client: here, language: 'sh', said: '"state":"CANCELED"' },
    { heading: 'govc', client: govc, language: 'sh', said: /\/local-library\/boot[^]*DONE/ },
    { heading: 'govmomi', client: go, language: 'go', said: 'and again: 400 Bad Request: ' },
    { heading: 'The Python SDK', client: python, language: 'python', said: REFUSED },
    { heading: 'pyvmomi', client: python, language: 'python', said: "[('datastore-1', 'datastore-1')]" },
    { heading: 'Ansible', client: ansible, language: 'sh', said: /^(?:[^]*?CHANGED){2}(?![^]*CHANGED)/ },
    {
      heading: 'Ansible, other collections',
      client: ansible,
      language: 'sh',
      said: /local-library[^]*Content Library 'own' created\./,
    },
    { heading: 'A client with cookies', client: python, language: 'python', said: /^204\n$/ },
    { heading: 'Plain REST', client: here, language: 'sh', said: '"state":"CANCELED"' },
  ] as const)('for: $heading', async ({ heading, client, language, said }, { skip }) => {
    skip('missing' in client)

    expect(await runs[language](block('clients', heading, language))).toMatch(said)
  })

  it.skipIf('missing' in generator)('for a generated client', async () => {
    await runs.sh(block('clients', 'A generated client', 'sh'))

    expect(readdirSync(join(folder, 'generated', 'vsphere', 'api'))).toContain(
      'content_library_item_update_session_api.py',
    )
  })
})
