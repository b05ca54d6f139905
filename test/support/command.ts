// Programs as processes: run to their ends, or until they say that they are there.
import { execFile, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export const COMMAND = new URL('../../src/node/command.ts', import.meta.url).pathname

export type Run = { code: unknown; said: string; complained: string }
type Place = { env?: Record<string, string>; cwd?: string }

/** Runs a script to its end. */
export const run = (script: string, args: string[], { env, ...place }: Place = {}): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { ...place, env: { ...process.env, ...env } }, (error, said, wrong) =>
      resolve({ code: error ? error.code : 0, said, complained: wrong }),
    )
  })

/** Starts a program that ends with the test, and waits for these words. */
export async function started(words: RegExp, program: string, args: string[], options: SpawnOptions = {}) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let hasEnded = false
  const closed = once(child, 'close').then(() => (hasEnded = true))
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await closed
  })
  while (!words.test(text)) {
    if (hasEnded) throw new Error(text)
    await Promise.race([child.stdout && once(child.stdout, 'data'), closed])
  }
  return { text, child, closed, url: /https?:\/\/[\w.[\]:]+:\d+/.exec(text)?.[0] ?? '' }
}

/** The command, when it says where it is. */
export const startedCommand = (args: string[], options: SpawnOptions = {}, words = /Ctrl-C/) =>
  started(words, process.execPath, [COMMAND, '--port', '0', ...args], options)

/** Whether there is such a process; a negative number is that of a group. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
