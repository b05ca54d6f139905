// requests.Session() of Python with nothing but cookies.
import { inject, it } from 'vitest'
import { newUser, recordSeen } from './harness.ts'
import { runPython } from './python.ts'

recordSeen('requests (Python), with cookies')

it.skipIf('missing' in inject('clients').python)(
  'a client that keeps cookies needs no header, on /api and on /rest',
  async () => {
    await runPython('test_cookies.py', await newUser('cookies'))
  },
)
