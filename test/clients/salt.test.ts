// Salt's extension for VCF: every function of its module for content libraries.
import { expect, inject, it } from 'vitest'
import { newUser, recordSeen } from './harness.ts'
import { toldOfCalls } from './page.ts'
import { countCalls, runPython } from './python.ts'

recordSeen('saltext.vcf')

it.skipIf('missing' in inject('clients').python)('so many functions work as docs/clients.md says', async () => {
  const printed = await runPython('test_salt.py', await newUser('salt'))

  const told = toldOfCalls('Salt')
  expect(countCalls(printed)).toEqual({ ...told, refused: told.refused.toSorted() })
})
