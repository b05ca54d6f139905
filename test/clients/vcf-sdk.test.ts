// The Python tests in python/, which use the vendor's SDK as its samples do.
import { expect, inject, it } from 'vitest'
import { newFolder, newUser, python, recordSeen, run, server } from './harness.ts'
import { PYTHON } from './install.ts'

const { python: installed } = inject('clients')

recordSeen('vcf-sdk (Python)')

it.skipIf('missing' in installed)('the SDK uploads, cancels, and has a class for every refusal', async () => {
  const user = await newUser('vcf-sdk')

  const { code, stderr } = await run(
    'path' in installed ? installed.path : '',
    ['test_vcf_sdk.py'],
    {
      ...python(newFolder()),
      MOCK_URL: server.url,
      MOCK_USER: user.name,
    },
    PYTHON,
  )

  expect(code, stderr).toBe(0)
})
