// Small bugs at the edges: expiry, tokens, faults, provider states, and the command's options.
import { killedBy } from './mutant.ts'

export const mutants = [
  ...killedBy('test/node/disk.test.ts', {
    'A full disk is taken for a damaged sandbox.': `if (!(await takesFiles(OBJECTS))) return diskFull(OBJECTS_FOLDER)
  if (!(await takesFiles(BYTES))) return diskFull(BYTES_FOLDER)`,
    'A sandbox whose file is damaged cannot be removed.': '[-if (!(await removeFiles(env, name))) -]throw',
    'A sandbox that was removed by its file stays in the list.':
      "if (readMarkerKey(key).name === [-name-]{+''+}) await",
    'The marker of a damaged sandbox is looked for in the form of today alone.':
      '{+key === markerKey(readMarkerKey(key)) && +}readMarkerKey(key).name === name)',
    'An upload that meets a full disk does not say where.': "[-whyRefused(env)-]{+'its store is out of order'+})",
  }),
  ...killedBy('test/admin/settings.test.ts', {
    'A mock with wrong settings notes requests in its sandboxes.': '[-if (settings.ok) -]recordAfterwards(c)',
  }),
  ...killedBy('test/rules/settings.test.ts', {
    'A refused start shows a secret.': [
      '...[...secretSettings, ...internal].filter(isWrong).map(({ variable, wanted }) => ({ variable, wanted })),',
      '...[...secretSettings, ...internal].filter(isWrong).map((each) => ({ ...each, given: variableText(env, each) })),',
    ],
  }),
  ...killedBy('test/node/process/settings.test.ts', {
    'A start goes on with wrong settings.': 'if (why !== undefined) throw new Unusable(why)',
  }),
  ...killedBy('test/sandbox/time.test.ts', {
    'The alarm leaves a session that expires now.': "this.#select('expires_at <[-=-] ?'",
  }),
  ...killedBy('test/bindings/logins.test.ts', {
    'A token leads to its sandbox without its random part.': '32})[-[0-9a-f]{32}-]{+(?:[0-9a-f]{32})?+}$/',
    'All tokens of a user are the same.': "name, seal, [-crypto.randomUUID(-]{+'0'.repeat(32+}))",
    'A token leads to its sandbox whatever its seal.': '[-isSameText(parts.seal, seal)-]{+seal+} ? sandbox',
    'A token leads to its sandbox under another key, once it has under its own.': 'under = `${name}[-.${key}-]`',
  }),
  ...killedBy('test/admin/faults.test.ts', {
    'An answer that is to be cut is sent whole.': '? [-Math.floor(length / 2)-]{+length - 1+} : 0)',
  }),
  ...killedBy('test/admin/written-states.test.ts', {
    'A provider state that cannot be set up leaves what it has made.': '[-await tearDown(stage)\n    -]return',
  }),
  ...killedBy('test/contract/verify.provider.test.ts', {
    'A verification leaves what a state has made that could not be set up.':
      '[-await undo()\n    -]await stage?.client',
  }),
  ...killedBy('test/node/process/login.test.ts', {
    'The environment has its way over the options of the command.': [
      '[...found.map(({ arg }) => arg), ...args]',
      '[...args, ...found.map(({ arg }) => arg)]',
    ],
  }),
]
