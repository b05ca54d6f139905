// Small bugs at the edges: expiry, tokens, faults, provider states, and the command's options.
import type { Mutant } from './mutant.ts'

const TIME = 'test/sandbox/time.test.ts'
const LOGINS = 'test/bindings/logins.test.ts'
const FAULTS = 'test/admin/faults.test.ts'
const TEARDOWN = 'test/admin/teardown.test.ts'
const CONTRACT = 'test/contract/verify.provider.test.ts'
const SETTINGS = 'test/admin/settings.test.ts'
const COMMAND = 'test/node/process/login.test.ts'

const DISK = ['test/node/disk.test.ts']

export const mutants: Mutant[] = [
  {
    name: 'A full disk is taken for a damaged sandbox.',
    text: '  if (!(await takesFiles(OBJECTS))) return diskFull(OBJECTS_FOLDER)\n  if (!(await takesFiles(BYTES))) return diskFull(BYTES_FOLDER)\n',
    becomes: '',
    tests: DISK,
  },
  {
    name: 'A sandbox whose file is damaged cannot be removed.',
    text: '        if (!(await removeFiles(env, name))) throw error',
    becomes: '        throw error',
    tests: DISK,
  },
  {
    name: 'A sandbox that was removed by its file stays in the list.',
    text: 'if (each.name === sandbox) await parts.deleteByPrefix(markerKey(each))',
    becomes: 'if (each.name !== sandbox) break',
    tests: DISK,
  },
  {
    name: 'An upload that meets a full disk does not say where.',
    text: 'const ending = endingOf(name, outcome, whyRefused(env))',
    becomes: "const ending = endingOf(name, outcome, 'its store is out of order')",
    tests: DISK,
  },
  {
    name: 'A mock with wrong settings takes uploads.',
    text: '  if (!settings.ok) return respond(c, renderUpload, settings)\n',
    becomes: '',
    tests: [SETTINGS],
  },
  {
    name: 'A mock with wrong settings answers downloads.',
    text: '  const settings = requireSettings(c)\n  if (!settings.ok) return settings\n  const { CREDENTIALS',
    becomes: '  const { CREDENTIALS',
    tests: [SETTINGS],
  },
  {
    name: 'A mock with wrong settings notes requests in its sandboxes.',
    text: '  if (!readSettings(c.env).ok) return\n',
    becomes: '',
    tests: [SETTINGS],
  },
  {
    name: 'A refused start shows a secret.',
    text: '...[...secretSettings, ...internal].filter(isWrong).map(({ variable, wanted }) => ({ variable, wanted })),',
    becomes:
      '...[...secretSettings, ...internal].filter(isWrong).map((each) => ({ ...each, given: variableText(env, each) })),',
    tests: ['test/rules/settings.test.ts'],
  },
  {
    name: 'A start goes on with wrong settings.',
    text: '  if (why !== undefined) throw new Unusable(why)\n',
    becomes: '',
    tests: ['test/node/process/settings.test.ts'],
  },
  {
    name: 'The alarm leaves a session that expires now.',
    text: "this.#select('expires_at <= ?', this.#now)",
    becomes: "this.#select('expires_at < ?', this.#now)",
    tests: [TIME],
  },
  {
    name: 'A token leads to its sandbox without its random part.',
    text: '\\.([0-9a-f]{32})[0-9a-f]{32}$/',
    becomes: '\\.([0-9a-f]{32})(?:[0-9a-f]{32})?$/',
    tests: [LOGINS],
  },
  {
    name: 'All tokens of a user are the same.',
    text: 'await seal(sandbox, key), crypto.randomUUID())',
    becomes: "await seal(sandbox, key), '0'.repeat(32))",
    tests: [LOGINS],
  },
  {
    name: 'A token leads to its sandbox whatever its seal.',
    text: '  if (!isSameText(parts.seal, await seal(sandbox, key))) return undefined\n',
    becomes: '',
    tests: [LOGINS],
  },
  {
    name: 'A token leads to its sandbox if its seal ends well.',
    text: 'difference |= given',
    becomes: 'difference = given',
    tests: [LOGINS],
  },
  {
    name: 'A token leads to its sandbox whatever its seal, once a good one has.',
    text: '`${parts.name}.${parts.seal}.${key}`',
    becomes: '`${parts.name}.${key}`',
    tests: [LOGINS],
  },
  {
    name: 'A token leads to its sandbox under another key, once it has under its own.',
    text: '`${parts.name}.${parts.seal}.${key}`',
    becomes: '`${parts.name}.${parts.seal}`',
    tests: [LOGINS],
  },
  {
    name: 'An answer that is to be cut is sent whole.',
    text: '(heldMs === undefined ? Math.floor(length / 2) : 0)',
    becomes: '(heldMs === undefined ? length - 1 : 0)',
    tests: [FAULTS],
  },
  {
    name: 'A provider state that cannot be set up leaves what it has made.',
    text: '    await tearDown(stage)\n    return failState(error)\n',
    becomes: '    return failState(error)\n',
    tests: [TEARDOWN],
  },
  {
    name: 'A verification leaves what a state has made that could not be set up.',
    text: '      await tearDown(stage)\n      await stage.client',
    becomes: '      await stage.client',
    tests: [CONTRACT],
  },
  {
    name: 'The environment has its way over the options of the command.',
    text: '{ ...fromEnvironment(), ...parseArgs({ args, options }).values }',
    becomes: '{ ...parseArgs({ args, options }).values, ...fromEnvironment() }',
    tests: [COMMAND],
  },
]
