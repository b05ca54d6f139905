// The Python tests in python/, which use the vendor's SDK as its samples do.
import { inject, it } from 'vitest'
import { newUser, recordSeen } from './harness.ts'
import { runPython } from './python.ts'

recordSeen('vcf-sdk (Python)')

it.skipIf('missing' in inject('clients').python)(
  'the SDK uploads, cancels, and has a class for every refusal',
  async () => {
    await runPython('test_vcf_sdk.py', await newUser('vcf-sdk'))
  },
)
