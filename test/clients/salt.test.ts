// Salt's extension for VCF: every function of its module for content libraries.
import { expect, inject, it } from 'vitest'
import { newUser, recordSeen, server } from './harness.ts'
import { toldOfCalls } from './page.ts'
import { countCalls, runPython } from './python.ts'

recordSeen('saltext.vcf')

it.skipIf('missing' in inject('clients').python)('so many functions work as docs/clients.md says', async () => {
  const user = await newUser('salt')

  const printed = await runPython('test_salt.py', user)

  const told = toldOfCalls('Salt')
  expect(countCalls(printed)).toEqual({ ...told, refused: told.refused.toSorted() })
  // All but the two whose operation is there are in the journal of the user who asked.
  const answer = await fetch(`${server.url}/__admin/requests/unmatched?sandbox=${user.name}`)
  const { requests } = (await answer.json()) as { requests: object[] }
  expect(requests).toHaveLength(told.refused.length - 2)
})
