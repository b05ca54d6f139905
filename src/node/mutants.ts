// The verb `mutants`: runs the tests of a client once per wrong answer, and lists those that they miss.
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { hint } from '../rules/nearest.ts'
import { MUTANT_NAMES, MUTANTS, type Mutant } from '../rules/mutant.ts'
import { MUTANT_VARIABLE } from './environment.ts'
import { interruption } from './interruption.ts'
import { Unusable } from './problem.ts'
import { serve } from './server.ts'

const USAGE = `Usage: update-session-mock mutants [--only NAME]... [--user NAME] -- COMMAND [ARGUMENT]...

Runs the tests of a client, COMMAND, against a mock that answers rightly, and then once per mutant: a mock that answers
wrongly in one way. Lists the mutants that the tests miss. A test finds the mock by the variables that --env prints; one
that calls start() of this package gets the mutant too.

${MUTANT_NAMES.map((name) => `  ${name.padEnd(12)} ${MUTANTS[name]}`).join('\n')}

  --only NAME    this mutant alone; may be repeated
  --user NAME    the user in the variables (user)
  -h, --help     print this

Exits with 0 when the tests notice every mutant, with 1 when they miss one, with 2 when they fail without one.`

/** The exit code. */
export async function mutants(args: string[]): Promise<number> {
  const end = args.indexOf('--')
  const { values } = parseArgs({
    args: end === -1 ? args : args.slice(0, end),
    options: {
      only: { type: 'string', multiple: true, default: MUTANT_NAMES },
      user: { type: 'string', default: 'user' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const command = end === -1 ? [] : args.slice(end + 1)
  if (!command[0]) throw new Unusable(`Name the command that runs the tests, behind --.\n\n${USAGE}`)
  const unknown = values.only.find((name) => !Object.hasOwn(MUTANTS, name))
  if (unknown !== undefined) throw new Unusable(`There is no mutant ${unknown}. ${hint(unknown, MUTANT_NAMES)}`)
  const chosen = MUTANT_NAMES.filter((name) => values.only.includes(name))

  const interrupted = interruption()
  const right = await runTests(command, values.user, 'none', interrupted)
  if (!right.hasPassed)
    throw new Unusable(`The tests fail without a mutant, with ${right.how}. They printed:\n${right.printed}`)
  const missed: Mutant[] = []
  for (const name of chosen) {
    const { hasPassed } = await runTests(command, values.user, name, interrupted)
    if (hasPassed) missed.push(name)
    console.log(`${hasPassed ? 'MISSED ' : 'noticed'} ${name.padEnd(12)} ${MUTANTS[name]}`)
  }
  console.log(`The tests notice ${chosen.length - missed.length} of ${chosen.length} mutants.`)
  return missed.length === 0 ? 0 : 1
}

/** Against a mock of its own, so that no run sees what another has left. */
async function runTests(
  [program = '', ...args]: string[],
  user: string,
  mutant: 'none' | Mutant,
  interrupted: AbortSignal,
) {
  const mock = await serve({ vars: { LOG_REQUESTS: 'off', MUTANT: mutant } })
  try {
    const child = spawn(program, args, {
      env: { ...process.env, ...mock.env(user), [MUTANT_VARIABLE]: mutant },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: interrupted,
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (printed = (printed + String(chunk)).slice(-PRINTED_CHARS)))
    const how = await new Promise<string>((resolve, reject) => {
      // After a signal it has its time to end, but what it has started may hold its output open.
      child.once('exit', () => interrupted.aborted && resolve('a signal'))
      child.once(
        'error',
        ({ message }) => interrupted.aborted || reject(new Unusable(`The command cannot be run: ${message}`)),
      )
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    const hasPassed = how === 'exit code 0'
    // A Ctrl-C goes to the tests, too: they may have ended of it before this process has heard of it.
    if (!hasPassed) await pause(SIGNAL_MS)
    interrupted.throwIfAborted()
    return { hasPassed, how, printed }
  } finally {
    await mock.stop()
  }
}

const SIGNAL_MS = 100
/** Of what the tests print, the end is shown where they fail without a mutant. */
const PRINTED_CHARS = 10_000
