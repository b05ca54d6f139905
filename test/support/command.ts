// Programs in tests: run to their ends, or until the test ends.
import { execFile } from 'node:child_process'
import { expect, onTestFinished } from 'vitest'
import { COMMAND, launch, type LaunchOptions } from './process.ts'

export { COMMAND } from './process.ts'

export type Run = { code: unknown; said: string; complained: string }
type Place = { env?: Record<string, string>; cwd?: string }

/** Runs a script to its end. */
export const run = (script: string, args: string[], { env, ...place }: Place = {}): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { ...place, env: { ...process.env, ...env } }, (error, said, wrong) =>
      resolve({ code: error ? error.code : 0, said, complained: wrong }),
    )
  })

/** How a run ends that is refused. */
export const refused = (complaint = '') => ({ code: 2, said: '', complained: expect.stringContaining(complaint) })

/** Starts a program that ends with the test, and waits for these words. */
export async function started(words: RegExp, program: string, args: string[], options?: LaunchOptions) {
  const launched = await launch(words, program, args, options)
  onTestFinished(() => launched.stop())
  return launched
}

/** The command, when it says where it is. */
export const startedCommand = (args: string[], options?: LaunchOptions, words = /Ctrl-C/) =>
  started(words, process.execPath, [COMMAND, '--port', '0', ...args], options)

/** Whether there is such a process; a negative number is that of a group. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
