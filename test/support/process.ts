// Programs as processes, until they say that they are there; and what runs below a process.
import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export const COMMAND = new URL('../../src/node/command.ts', import.meta.url).pathname
const START_MS = 60_000

export type LaunchOptions = SpawnOptions & {
  /** Hears each line that comes on standard error. */
  hear?: (line: string) => void
}

/** Starts a program and waits for these words of it. One that is `detached` leads a process group, which is stopped as one. */
export async function launch(words: RegExp, program: string, args: string[], { hear, ...options }: LaunchOptions = {}) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.pid !== undefined && isRunning()) process.kill(options.detached ? -child.pid : child.pid, signal)
    await closed
  }
  const said = Promise.withResolvers<void>()
  let text = ''
  const read = (chunk: unknown) => {
    text += String(chunk)
    if (words.test(text)) said.resolve()
  }
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) stream.on('data', read)
  if (hear) createInterface(child.stderr).on('line', hear)
  closed.then(() => said.reject(new Error(text)), said.reject)
  const timer = setTimeout(() => said.reject(new Error(`${program} does not say ${words}: ${text}`)), START_MS)
  try {
    await said.promise
    const url = /https?:\/\/[\w.[\]:]+:\d+/.exec(text)?.[0] ?? ''
    return { text, child, pid: child.pid ?? 0, url, closed, isRunning, stop }
  } catch (error) {
    await stop('SIGKILL')
    throw error
  } finally {
    clearTimeout(timer)
    for (const stream of streams) stream.off('data', read).resume()
  }
}

/** What Linux says of a process; nothing of one that is gone. */
export function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** The processes that this one has started, and those below them. */
export function processesBelow(pid: number): number[] {
  const children = readProcess(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...processesBelow(child)])
}
