// The Go tests in go/, which use govmomi as Terraform's provider and govc do.
import { expect, inject, it } from 'vitest'
import { GO } from './install.ts'
import { newUser, recordSeen, run, server } from './harness.ts'

const { go } = inject('clients')

recordSeen('govmomi')

it.skipIf('missing' in go)('govmomi sees its sessions and files through, and is refused in words', async () => {
  const user = await newUser('govmomi')

  const { code, stdout, stderr } = await run(
    'go',
    ['test', '-count=1', '-v', '.'],
    { MOCK_URL: server.url, MOCK_CA_FILE: server.caFile, MOCK_USER: user.name },
    GO,
  )

  expect(code, `${stdout}\n${stderr}`).toBe(0)
})
