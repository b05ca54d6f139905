// Small bugs of `verify`, of the states that pacts ask for, and of what the journal says of itself.
import { killedBy } from './mutant.ts'

export const mutants = [
  ...killedBy('test/contract/named.provider.test.ts', {
    'The verifier reads the whole environment.':
      '...[-Object.fromEntries(PASSED.map((name) => [name, process.env[name]]))-]{+process.env+}',
    'A pact with another provider is verified.': "if (name [-!== provider-]{+=== ''+}) return",
    'A file is published nowhere, without a word.': 'if (version !== undefined) checkPublishing(pacts, options.only)',
    'A login of the broker is not used for a pact by URL.': 'const authorization = {+false && +}isAsked',
    'A pact that is named twice is verified twice.':
      'JSON.stringify([pact.consumer, pact.interactions{+, Math.random()+}])',
    "Pact's package is that of this package.": "[-join(process.cwd(), 'package.json'), -]fileURLToPath",
    'What is left out is not counted.': 'leftOut: [-interactionsIn(all) - interactionsIn(pacts)-]{+0+}',
    'The reason of a failed state stands with no interaction.': 'played.at(-1)?.failed.push(reasonOf(error))',
    'A report is cut off where a pipe does not take all of it at once.': "') [-await -]{+process.+}exit(code",
    'The static check takes every error for a warning.': "[-if (type !== 'error') -]continue",
    'The token of a pact without generators is sent as it stands.': 'TOKEN_HEADER] = [-token-]{+given+}',
    'A token is put in where no state has handed one out.': 'values = {}',
    'A header of the options is not sent.':
      'for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = value',
    'Another server is taken for brought where it cannot be.': [
      'if (mock) return mock',
      "if (mock || url !== '') return { seed: async () => ({ user: '', sessionId: '' }), remove: async () => undefined }",
    ],
  }),
  ...killedBy('test/contract/verify.provider.test.ts', {
    'The login of a broker goes to every server of a pact.': 'const isAsked = {+true || +}!broker.url',
  }),
  ...killedBy('test/admin/written-states.test.ts', {
    'An id that was used before is taken.':
      'if (given.id !== undefined) await sandbox.removeSession({ sessionId: given.id })',
    'A parameter that is null is a text.': "=== null) [-continue-]{+{ checked[key] = 'null'; continue }+}",
    'Of several states in one only the last is set up.': 'name, given } of asked{+.slice(-1)+}',
    'A state change in the query is not read.': "query && restored([-state-]{+''+}, params)",
  }),
  ...killedBy('test/admin/security.test.ts', {
    'The admin token is any text in its own header.': "=> [-isSameText(token, ADMIN_TOKEN)-]{+token !== ''+}))",
  }),
  ...killedBy('test/admin/wrong-answers.test.ts', {
    'A mutant is not in the journal.': '  connection,\n[-  mutant,\n-]})',
    'A mutant that keeps the state changes it.': "[-mutant === 'state-kept' && isChange-]{+false+} ?",
    'A mutant meets the login.': '|| !operation[- || operation.login-]) return run()',
  }),
  ...killedBy('test/admin/requests.test.ts', {
    'A pattern may name an operation that there is not.':
      'if (pattern.operation !== undefined) checkOperation(pattern.operation)',
    'The journal drops requests only when it is read.': 'if (exists(this.#storage)) this.#dropOldest()',
    'The journal does not say that it has dropped requests.': '> [-0-]{+1e9+}) kv.put(DROPPED',
    'An emptied journal still says that it has dropped requests.': 'if (!ids) this.#forgetDropped()',
  }),
]
