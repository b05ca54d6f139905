// Small bugs where bytes live: who writes them, who holds them, and when they go.
import type { Mutant } from './mutant.ts'

export const mutants: Mutant[] = [
  {
    name: 'No lease is renewed while bytes arrive.',
    text: 'if (result.ok) tables.contents.renew(key, bytesTransferred)',
    becomes: '',
    tests: ['test/bytes/purge.test.ts'],
  },
]
