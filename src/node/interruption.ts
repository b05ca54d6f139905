// What a signal to this process does: what was begun is undone first, then the process exits.

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
type Name = keyof typeof EXIT_CODES

/** After a Ctrl-C npm passes on the signal that this process has already got from the terminal. */
const REPEAT_MS = 1000

/** A signal has ended the run. */
export class Interrupted extends Error {
  readonly exitCode: number
  constructor(name: Name) {
    super(`It was ended by ${name}.`)
    this.exitCode = EXIT_CODES[name]
  }
}

/** Aborts with an `Interrupted` at the first signal. One that comes later ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  let firstAt: number | undefined
  const interrupt = (name: Name) => {
    if (firstAt !== undefined && performance.now() - firstAt > REPEAT_MS) process.exit(EXIT_CODES[name])
    firstAt ??= performance.now()
    controller.abort(new Interrupted(name))
  }
  for (const name of Object.keys(EXIT_CODES)) process.on(name, interrupt)
  return controller.signal
}
