// Small bugs of `verify`, of the states that pacts ask for, and of what the journal says of itself.
import type { Mutant } from './mutant.ts'

const NAMED = ['test/contract/named.provider.test.ts']
const WRITTEN = ['test/admin/written-states.test.ts']
const MUTANTS = ['test/admin/wrong-answers.test.ts']
const REQUESTS = ['test/admin/requests.test.ts']

export const mutants: Mutant[] = [
  {
    name: 'The verifier reads the whole environment.',
    text: '...(Object.fromEntries(passed) as Record<string, string>)',
    becomes: '...process.env',
    tests: NAMED,
  },
  {
    name: 'A pact with another provider is verified.',
    text: 'if (name !== provider) return',
    becomes: "if (name === '') return",
    tests: NAMED,
  },
  {
    name: 'A file is published nowhere, without a word.',
    text: 'if (publish !== undefined) checkPublishing(chosen, only)',
    becomes: '',
    tests: NAMED,
  },
  {
    name: 'A login of the broker is not used for a pact by URL.',
    text: '        ...brokerLoginOf(broker),\n',
    becomes: '',
    tests: NAMED,
  },
  {
    name: "Pact's package is that of this package.",
    text: "for (const from of [join(process.cwd(), 'package.json'), fileURLToPath(import.meta.url)])",
    becomes: 'for (const from of [fileURLToPath(import.meta.url)])',
    tests: NAMED,
  },
  {
    name: 'What is left out is not counted.',
    text: 'leftOut: interactionsIn(all) - interactionsIn(pacts)',
    becomes: 'leftOut: 0',
    tests: NAMED,
  },
  {
    name: 'The reason of a failed state stands with no interaction.',
    text: 'states.some((each) => isDeepStrictEqual([each.name, each.params ?? {}], [state, params]))',
    becomes: 'false',
    tests: NAMED,
  },
  {
    name: 'The static check takes every error for a warning.',
    text: "if (type !== 'error') continue",
    becomes: 'continue',
    tests: NAMED,
  },
  {
    name: 'The token of a pact without generators is sent as it stands.',
    text: 'sent[TOKEN_HEADER] = token',
    becomes: 'sent[TOKEN_HEADER] = given',
    tests: NAMED,
  },
  {
    name: 'A token is put in where no state has handed one out.',
    text: '      values = {}\n',
    becomes: '',
    tests: NAMED,
  },
  {
    name: 'A header of the options is not sent.',
    text: 'for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = value',
    becomes: '',
    tests: NAMED,
  },
  {
    name: 'Another server is taken for brought where it cannot be.',
    text: 'if (mock) return mock\n',
    becomes:
      "if (mock || url !== '') return { seed: async () => ({ user: '', sessionId: '' }), remove: async () => undefined }\n",
    tests: NAMED,
  },
  {
    name: 'An id that was used before is taken.',
    text: 'if (given.id !== undefined) await sandbox.removeSession({ sessionId: given.id })',
    becomes: '',
    tests: WRITTEN,
  },
  {
    name: 'A parameter that is null is a text.',
    text: 'if (value === null) continue',
    becomes: "if (value === null) { checked[key] = 'null'; continue }",
    tests: WRITTEN,
  },
  {
    name: 'Of several states in one only the last is set up.',
    text: 'for (const { name, given } of asked) values =',
    becomes: 'for (const { name, given } of asked.slice(-1)) values =',
    tests: WRITTEN,
  },
  {
    name: 'A state change in the query is not read.',
    text: "'state' in query && restored(state, params)",
    becomes: "'state' in query && restored('', params)",
    tests: WRITTEN,
  },
  {
    name: 'The admin token is any text in its own header.',
    text: 'if (given.some((token) => isSameText(token, ADMIN_TOKEN))) return undefined',
    becomes: "if (given.some((token) => token !== '')) return undefined",
    tests: ['test/admin/security.test.ts'],
  },
  {
    name: 'A mutant is not in the journal.',
    text: '({ id, status, connection, mutant })',
    becomes: '({ id, status, connection })',
    tests: MUTANTS,
  },
  {
    name: 'A mutant that keeps the state changes it.',
    text: "mutant === 'state-kept' && isChange ?",
    becomes: 'false ?',
    tests: MUTANTS,
  },
  {
    name: 'A mutant meets the login.',
    text: 'if (!operation || operation.login) return run()',
    becomes: 'if (!operation) return run()',
    tests: MUTANTS,
  },
  {
    name: 'A pattern may name an operation that there is not.',
    text: 'if (pattern.operation !== undefined) checkOperation(pattern.operation)',
    becomes: '',
    tests: REQUESTS,
  },
  {
    name: 'The journal does not say that it has dropped requests.',
    text: 'if (dropped > 0) kv.put(DROPPED',
    becomes: 'if (dropped > 1e9) kv.put(DROPPED',
    tests: REQUESTS,
  },
  {
    name: 'An emptied journal still says that it has dropped requests.',
    text: 'if (!ids) this.#forgetDropped()',
    becomes: '',
    tests: REQUESTS,
  },
]
