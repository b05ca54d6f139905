// requests.Session() of Python with nothing but cookies.
import { expect, inject, it } from 'vitest'
import { newFolder, newUser, python, recordSeen, run, server } from './harness.ts'
import { PYTHON } from './install.ts'

const { python: installed } = inject('clients')

recordSeen('requests (Python), with cookies')

it.skipIf('missing' in installed)('a client that keeps cookies needs no header, on /api and on /rest', async () => {
  const user = await newUser('cookies')

  const { code, stderr } = await run(
    'path' in installed ? installed.path : '',
    ['test_cookies.py'],
    { ...python(newFolder()), MOCK_URL: server.url, MOCK_USER: user.name },
    PYTHON,
  )

  expect(code, stderr).toBe(0)
})
